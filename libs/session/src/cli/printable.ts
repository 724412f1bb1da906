/** What a terminal obeys, or shows as something else than it is: controls, marks that turn text round, halves of pairs. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** A text from outside in one line: user agents and names are what somebody sent, and could rewrite what an operator sees. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    const code = character.codePointAt(0)!;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/** JSON that may be looked at, too: `JSON.stringify()` leaves some controls as they are. */
export function printableJson(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, null, indent);
  return text.replace(UNPRINTABLE, (character) =>
    character === '\n' ? character : unitsOf(character).map(escaped).join(''),
  );
}

function unitsOf(character: string): number[] {
  return Array.from({ length: character.length }, (_, i) => character.charCodeAt(i));
}

function escaped(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}

/** Without what stands before the host of a URL, wherever one is repeated. */
export function withoutPasswords(text: string): string {
  return text.replace(/:\/\/\S*@/g, '://…@');
}
