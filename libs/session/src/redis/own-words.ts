/**
 * What a server said, without what it repeats of a command: "ERR unknown command 'X', with args beginning with: ..." has its
 * arguments, and scripts name their line.
 */
export function ownWords(message: string, most = 200): string {
  return message
    .split(/,? with args|\bscript:|\n/)[0]!
    .trim()
    .slice(0, most);
}
