import fc from 'fast-check';
import { decodeTag, encodeTag, encodeTagStart, TAG_SEPARATOR, wordsOf } from './index-text.js';

const HOSTILE = [...'%\\ #*{}|…aä', TAG_SEPARATOR, '\u0000', '\t', '\n', '\u007f', '\u00a0', '😀'];
const shortText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.array(fc.constantFrom(...HOSTILE), { maxLength: 30 }).map((parts) => parts.join('')),
);
/** From a few letters, so that two of them are often alike for long. */
const longText = fc
  .tuple(fc.constantFrom('a', 'ü', '😀', ' ', '%', '\u0000'), fc.nat(5000), shortText)
  .map(([letter, times, end]) => letter.repeat(times) + end);
const anyText = fc.oneof(shortText, longText);

describe('a tag in the index', () => {
  it('is read as the text that it was made of', () => {
    fc.assert(
      fc.property(shortText, (text) => {
        expect(decodeTag(encodeTag(text))).toBe(text);
      }),
    );
  });

  it('is one that Search takes as it is: not empty, not trimmed, not split, not cut', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const encoded = encodeTag(text);
        // oxlint-disable-next-line no-control-regex -- they are what is meant.
        expect(encoded).not.toMatch(/[\u0000-\u001f\u007f\\]|^ *$|^ | $/);
        expect(Buffer.byteLength(encoded)).toBeLessThanOrEqual(4096);
      }),
    );
  });

  it('is another one for another text, however long the two are alike', () => {
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        expect(encodeTag(a) === encodeTag(b)).toBe(a === b);
      }),
    );
    const long = 'x'.repeat(5000);
    const alike = [long, `${long}1`, `${long}2`, `${long} `, `${'x'.repeat(256)}…`];
    expect(new Set(alike.map(encodeTag)).size).toBe(alike.length);
  });

  it('begins as every beginning of its text does', () => {
    fc.assert(
      fc.property(anyText, fc.nat(256), (text, length) => {
        const start = text.slice(0, length);
        fc.pre(start.isWellFormed() && start.length < text.length);
        expect(encodeTag(text).startsWith(encodeTagStart(start))).toBe(true);
      }),
    );
  });

  it('tells of a very long text how it begins', () => {
    expect(decodeTag(encodeTag('ab'.repeat(5000)))).toBe(`${'ab'.repeat(128)}…`);
    expect(decodeTag(encodeTag('ü%'.repeat(5000)))).toBe(`${'ü%'.repeat(128)}…`);
  });

  it.each([
    ['', '%'],
    ['acme', 'acme'],
    ['ac me', 'ac me'],
    [' ', '%20'],
    [' a ', '%20a%20'],
    ['%', '%25'],
    ['a\\b', 'a%5cb'],
    ['a\u001fb', 'a%1fb'],
    ['Ä|{*}', 'Ä|{*}'],
  ])('of %j is %j, to be read in Redis', (text, encoded) => {
    expect(encodeTag(text)).toBe(encoded);
    expect(decodeTag(encoded)).toBe(text);
  });
});

describe('the words of a text', () => {
  it.each([
    ['Gift wrap: GRÜSSE, 2 × please!', ['gift', 'wrap', 'grüsse', '2', 'please']],
    ['cafe\u0301 CAFÉ', ['café', 'café']],
    ['ｆｕｌｌ ①', ['full', '1']],
    ['漢字 と かな', ['漢字', 'と', 'かな']],
    ["it's a-b_c.d", ['it', 's', 'a', 'b', 'c', 'd']],
    ['हिन्दी', ['हिन्दी']],
    [' \t!?😀', []],
    ['', []],
  ])('%j', (text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });

  it('hold nothing but letters, digits and marks', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const word of wordsOf(text)) expect(word).toMatch(/^[\p{L}\p{N}\p{M}]+$/u);
      }),
    );
  });
});
