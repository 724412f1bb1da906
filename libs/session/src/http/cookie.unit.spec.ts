import { createToken } from '../core/token.js';
import { clearCookie, readCookies, setCookie } from './cookie.js';

const token = createToken();
const other = createToken();
const plain = { name: 'id', secure: false, sameSite: 'lax', domain: undefined, path: '/' } as const;

describe('the tokens in a Cookie header', () => {
  const many = Array.from({ length: 300 }, (_, i) => `c${i}=${i}`).join('; ');

  it.each([
    ['alone', `id=${token}`],
    ['among others', `a=1; id=${token}; b=2`],
    ['without spaces', `a=1;id=${token};b`],
    ['with more spaces', `a=1; \t id=${token} \t; b`],
    ['twice the same', `id=${token}; id=${token}`],
    ['next to malformed ones of its name', `id=x; id=${token}; id=; id=id=${other}`],
    [
      'next to names that end or begin like it',
      `xid=${other}; id=${token}; id2=${other}; -id=${other}`,
    ],
    ['next to a name with a blank', `a id=${other}; id=${token}`],
    ['next to values that look like it', `a=id=${other}; b="; id=${token}; c=id=${other}`],
    ['behind hundreds', `${many}; id=${token}`],
    ['before hundreds', `id=${token}; ${many}`],
    ['behind 17 kB', `sso=${'a'.repeat(17_000)}; id=${token}`],
    ['before 200 kB', `id=${token}; sso=${'id='.repeat(70_000)}`],
  ])('are one, if it is there %s', (_, header) => {
    expect(readCookies(header, 'id')).toEqual([token]);
  });

  it.each([
    ['no header', undefined],
    ['an empty one', ''],
    ['another name', `sid=${token}`],
    ['the name in other letters', `ID=${token}`],
    ['the name percent-encoded', `%69d=${token}`],
    ['an empty value', 'id='],
    ['a quoted value', `id="${token}"`],
    ['a percent sign', `id=${token.slice(1)}%`],
    ['a NUL', `id=${token.slice(1)}\0`],
    ['__proto__', 'id=__proto__; __proto__=1'],
    ['a longer value', `id=${token}A`],
    ['two values in one', `id=${token},${other}`],
  ])('are none: %s', (_, header) => {
    expect(readCookies(header, 'id')).toEqual([]);
  });

  it('are two at most, the last ones first', () => {
    const [third, fourth] = [createToken(), createToken()];
    expect(readCookies(`id=${token}; id=${other}`, 'id')).toEqual([other, token]);
    const header = [third, token, fourth, other, token].map((text) => `id=${text}`).join('; ');
    expect(readCookies(header, 'id')).toEqual([token, other]);
  });

  it.each([
    ['short pairs', 'a=1;', 262_144],
    ['its name', 'id=', 349_525],
    ['malformed ones of its name', 'id=x;', 209_715],
    ['blanks in front of its name', ' '.repeat(1000) + 'id=x;', 1043],
    ['the same one', `id=${token};`, 22_310],
  ])('are looked for in linear time, in a megabyte of %s', (_, part, times) => {
    const read = (header: string) => {
      const before = process.cpuUsage();
      readCookies(header, 'id');
      return process.cpuUsage(before).user;
    };
    // What is quadratic takes minutes for this.
    expect(read(part.repeat(times))).toBeLessThan(1_000_000);
  });
});

describe('a Set-Cookie header', () => {
  it('carries the token, hidden from scripts', () => {
    expect(setCookie(plain, token, 60)).toBe(
      `id=${token}; Max-Age=60; Path=/; HttpOnly; SameSite=Lax`,
    );
  });

  it('carries what was configured', () => {
    const cookie = {
      name: '__Secure-s',
      secure: true,
      sameSite: 'none',
      domain: 'example.com',
      path: '/app',
    } as const;
    expect(setCookie(cookie, token, 1)).toBe(
      `__Secure-s=${token}; Max-Age=1; Path=/app; Domain=example.com; HttpOnly; Secure; SameSite=None`,
    );
  });

  it('clears what was set in another scope', () => {
    const scope = { domain: 'example.com', path: '/app' };
    expect(clearCookie({ ...plain, secure: true }, scope)).toBe(
      'id=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/app; Domain=example.com; HttpOnly; Secure; SameSite=Lax',
    );
  });

  it('clears with the same attributes, or browsers would keep the cookie', () => {
    expect(clearCookie(plain)).toBe(
      'id=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; HttpOnly; SameSite=Lax',
    );
  });
});
