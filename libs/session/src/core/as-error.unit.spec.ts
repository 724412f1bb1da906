import { inspect } from 'node:util';
import { asError } from './as-error.js';

const broken = (property: string, value: unknown) =>
  Object.defineProperty(new Error('broken'), property, { value });
const throwing = (property: string) =>
  Object.defineProperty(new Error('broken'), property, {
    get() {
      throw new Error('not to be read');
    },
  });
function throwsAlways(): never {
  throw new Error('not to be read');
}
function revoked(): object {
  const { proxy, revoke } = Proxy.revocable(new Error('gone'), {});
  revoke();
  return proxy;
}

describe('asError()', () => {
  it('gives back an error as it is', () => {
    const error = new TypeError('no such thing', { cause: 1 });
    expect(asError(error)).toBe(error);
    const withoutStack = broken('stack', undefined);
    expect(asError(withoutStack)).toBe(withoutStack);
  });

  it.each([
    ['nothing', undefined, 'undefined'],
    ['null', null, 'null'],
    ['a text', 'no', 'no'],
    ['a symbol', Symbol('no'), 'Symbol(no)'],
    ['an object', {}, '[object Object]'],
  ])('tells %s by its text', (_, thrown, text) => {
    expect(asError(thrown).message).toBe(text);
  });

  it.each([
    ['an object without prototype', Object.create(null)],
    ['a text that throws', { toString: throwsAlways }],
    ['a revoked proxy', revoked()],
    ['a message that throws', throwing('message')],
    ['a name that throws', throwing('name')],
    ['a stack that throws', throwing('stack')],
    ['a stack that is an object', broken('stack', { toString: revoked })],
    ['a message that is an object', broken('message', Object.create(null))],
  ])('gives an error that can be logged for %s', (_, thrown) => {
    const error = asError(thrown);
    expect([typeof String(error), typeof error.message, typeof error.stack]).toEqual(
      Array(3).fill('string'),
    );
    expect(inspect(error)).toMatch(/Error/);
  });
});
