import { createHash } from 'node:crypto';

/** Between the tags of one field; {@link encodeTag} leaves none inside them. */
export const TAG_SEPARATOR = '\u001f';

/** Search cuts a tag at 4,096 bytes; two that differ later would be one. */
const LONGEST_TAG = 1024;
const KEPT_OF_LONG_TAG = 256;

const hex = (character: string) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
const hex4 = (character: string) => `%u${character.charCodeAt(0).toString(16)}`;
const hidden = (text: string) =>
  text
    // oxlint-disable-next-line no-control-regex -- they are what is meant.
    .replace(/[%\\\u0000-\u001f\u007f]/g, hex)
    // Half a pair would become the replacement character in Redis, and two tags one.
    .replace(/\p{Surrogate}/gu, hex4);

/**
 * A tag as it stands in the index. Search trims tags, drops empty ones and takes a backslash for its own; control
 * characters could be the separator. These are escaped, and all else stays as it is, for whoever looks into Redis.
 */
export function encodeTag(tag: string): string {
  if (tag === '') return '%';
  const encoded = hidden(tag).replace(/^ | $/g, hex);
  if (Buffer.byteLength(encoded) <= LONGEST_TAG) return encoded;
  const digest = createHash('sha256').update(encoded).digest('base64url');
  return `${encodeTagStart(tag.slice(0, KEPT_OF_LONG_TAG))}%#${digest}`;
}

/** The beginning of an encoded tag: a space at its end may have something behind it. */
export function encodeTagStart(start: string): string {
  return hidden(start).replace(/^ /, hex);
}

/** What {@link encodeTag} was given; of a very long tag, how it begins. */
export function decodeTag(encoded: string): string {
  if (!encoded.includes('%')) return encoded;
  if (encoded === '%') return '';
  const [kept, digest] = encoded.split('%#', 2) as [string, string?];
  const text = kept.replace(/%u([0-9a-f]{4})|%([0-9a-f]{2})/g, (_, long: string, short: string) =>
    String.fromCharCode(Number.parseInt(long ?? short, 16)),
  );
  return digest === undefined ? text : `${text}…`;
}

/** The words of a text, alike in upper and lower case, of letters and digits of any script. */
export function wordsOf(text: string): string[] {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}\p{M}]+/gu) ?? []
  );
}
