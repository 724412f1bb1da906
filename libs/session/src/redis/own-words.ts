/**
 * What a server said, without what it repeats of a command: "ERR unknown command 'X', with args beginning with: ..." has its
 * arguments, and scripts name their line. Without a full stop at the end: a sentence goes on, or ends, behind it.
 */
export function ownWords(message: string, most = 200): string {
  return message
    .split(/,? with args|\bscript:|\n/)[0]!
    .trim()
    .slice(0, most)
    .replace(/\.+$/, '');
}
