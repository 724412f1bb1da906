import { BadRequestException } from '@nestjs/common';
import { readChoice, readFlag, readObject, readText, readWholeNumber } from './input.js';

describe('input', () => {
  it.each([undefined, null, 'text', 1, true, []])('takes no %p for an object', (body) => {
    expect(() => readObject(body)).toThrow(BadRequestException);
  });

  it.each([undefined, null, '', 1, {}, ['a']])('takes no %p for a text', (name) => {
    expect(() => readText({ name }, 'name')).toThrow('"name" must be a text');
  });

  it('refuses a text that is too long to be meant', () => {
    expect(readText({ name: 'ab' }, 'name', 2)).toBe('ab');
    expect(() => readText({ name: 'abc' }, 'name', 2)).toThrow('at most 2 characters');
  });

  it.each([undefined, null, '5', 0, 100, -1, 1.5, NaN, Infinity, [5]])(
    'takes no %p for a whole number from 1 to 99',
    (quantity) => {
      expect(() => readWholeNumber({ quantity }, 'quantity', 1, 99)).toThrow(
        '"quantity" must be a whole number from 1 to 99.',
      );
    },
  );

  it.each([1, 99])('takes the limit %p', (quantity) => {
    expect(readWholeNumber({ quantity }, 'quantity', 1, 99)).toBe(quantity);
  });

  it('names the choices when none of them came', () => {
    expect(readChoice({ theme: 'dark' }, 'theme', ['light', 'dark'])).toBe('dark');
    expect(() => readChoice({ theme: 'pink' }, 'theme', ['light', 'dark'])).toThrow(
      '"theme" must be one of: light, dark.',
    );
  });

  it('takes a flag that is not there for false, and nothing but a boolean for a flag', () => {
    expect(readFlag({}, 'remember')).toBe(false);
    expect(readFlag({ remember: true }, 'remember')).toBe(true);
    expect(() => readFlag({ remember: 'yes' }, 'remember')).toThrow('"remember"');
  });
});
