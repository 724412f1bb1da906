import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { decodeValue, encodeValue } from './json.js';

class Money {
  constructor(readonly cents: number) {}
}
/** With a property that JSON does not see. */
function hidden(value: object, name: string, content: unknown): object {
  return Object.defineProperty(value, name, { value: content, enumerable: false });
}

/** From another realm, so that its prototype is another one. */
const foreign: unknown = runInNewContext('({ a: [{ b: 1 }] })');
const cycle: { self?: unknown } = {};
cycle.self = cycle;

describe('a value in a session', () => {
  it('comes back as it was stored', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        fc.pre(!JSON.stringify(value).includes('"__proto__"'));
        expect(decodeValue('f', encodeValue('f', value))).toEqual(
          JSON.parse(JSON.stringify(value)),
        );
      }),
    );
  });

  it.each([
    null,
    true,
    0,
    -1.5,
    '',
    'ü🦊',
    '\ud800',
    [],
    {},
    [[{ a: null }]],
    Object.create(null),
    foreign,
  ])('can be %j', (value) => {
    expect(decodeValue('f', encodeValue('f', value))).toEqual(value);
  });

  it.each<[string, unknown, RegExp]>([
    ['undefined', undefined, /"cart" cannot be stored: it is undefined\. .* delete the field/],
    ['undefined inside', { a: [1, undefined] }, /at cart\.a\[1\]/],
    ['a function', () => 1, /a function/],
    ['a method inside', { go() {} }, /at cart\.go/],
    ['a symbol', Symbol('s'), /a symbol/],
    ['a symbol as key', { [Symbol('s')]: 1 }, /symbol keys/],
    ['a bigint', 1n, /String\(value\)/],
    ['NaN', Number.NaN, /NaN/],
    ['Infinity inside', [Infinity], /at cart\[0\]\): it is Infinity/],
    ['a date', new Date(), /toISOString/],
    ['a Map', new Map(), /\[\.\.\.value\]/],
    ['a Set', new Set(), /\[\.\.\.value\]/],
    ['a promise', Promise.resolve(1), /Await it first/],
    ['an instance', new Money(1), /a Money/],
    ['a Buffer', Buffer.from('x'), /Buffer/],
    ['a boxed number', Object(1), /a Number/],
    ['an error', new Error('x'), /a Error/],
    ['a toJSON that is not enumerable', hidden({ a: 1 }, 'toJSON', () => 42), /a method toJSON/],
    ['a toJSON of an array', hidden([1], 'toJSON', () => 7), /a method toJSON/],
    [
      'a toJSON that is inherited',
      Object.create({ __proto__: null, toJSON: () => 1 }),
      /Object|class/,
    ],
    ['a toJSON inside', { a: [{ toJSON: () => 1 }] }, /at cart\.a\[0\]\): .*a method toJSON/],
    ['a hidden property', hidden({ a: 1 }, 'b', 2), /not enumerable/],
    ['a hidden property inside', [hidden({}, 'b', 2)], /at cart\[0\]\): .*not enumerable/],
    ['a hidden property of an array', hidden([1], 'b', 2), /not enumerable/],
    ['what is inherited', Object.create({ __proto__: null, a: 1 }), /class instance/],
    ['a hole', [1, , 3], /holes/], // oxlint-disable-line no-sparse-arrays
    ['a cycle', cycle, /at cart\.self\): it is a reference to what contains it/],
    ['the key __proto__', JSON.parse('{"__proto__":1}'), /__proto__/],
  ])('cannot be %s, and the error names the field', (_, value, message) => {
    expect(() => encodeValue('cart', value)).toThrow(
      expect.objectContaining({ code: 'SESSION_FORMAT', message: expect.stringMatching(message) }),
    );
  });

  it('cannot be nested without end', () => {
    let value: unknown = 1;
    for (let i = 0; i < 101; i++) value = [value];
    expect(() => encodeValue('f', value)).toThrow(/deeper than 100 levels/);
  });

  it('may hold the same object twice, as long as it does not contain itself', () => {
    const shared = { a: 1 };
    expect(encodeValue('f', [shared, shared])).toBe('[{"a":1},{"a":1}]');
  });

  it('is reported by the name of its field when it is not JSON', () => {
    expect(() => decodeValue('cart', 'secret{')).toThrow(
      expect.objectContaining({
        code: 'SESSION_FORMAT',
        message: expect.not.stringContaining('secret'),
      }),
    );
  });
});
