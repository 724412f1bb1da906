/** What a query would misread if a text ever became a part of it. */
const SPECIAL = [...'@{}|*()[]"\'\\-~$:%,=><!?#&^+/;.` \t\n\r_'];
const CONTROL = ['\u0000', '\u0001', '\u001f', '\u007f', '\u0080', '\u2028', '\ufeff', '\u200b'];
const LETTERS = [...'aAbBxZ019äÖßéİıñ漢字अرי', '😀', '👩‍👩‍👧', '\u0301', '\u00a0', '\u3000', '\ufffd'];
const ATTEMPTS = [
  'x} | *',
  '*',
  '} | @tenant:{*}',
  '$p0',
  '$p1 | *',
  '=> [KNN 5 @v $b]',
  '@tenant:{a}',
  '-(@tenant:{a})',
  '%%fuzzy%%',
  "w'*'",
  '[-inf +inf]',
  '(-inf',
  'ismissing(@tenant)',
  'LIMIT 0 0',
  'DIALECT 3',
  '%00',
  '%20',
  '%#',
  'inf',
  'nan',
  '1e400',
  '0x10',
  'null',
  'a\\',
  '\\}',
  '"',
  '{"oneOf":[]}',
];
const ALL = [...SPECIAL, ...SPECIAL, ...CONTROL, ...LETTERS, ...ATTEMPTS];

/** Numbers from 0 to below 1 that are the same for the same seed. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** That many texts, all different, most of them short enough to be much alike. */
export function hostileTexts(count: number, random: () => number): string[] {
  const texts = new Set<string>(ATTEMPTS);
  while (texts.size < count) {
    const length = 1 + Math.floor(random() * 6);
    const parts = Array.from({ length }, () => ALL[Math.floor(random() * ALL.length)]!);
    texts.add(parts.join('').toWellFormed());
  }
  return [...texts].slice(0, count);
}
