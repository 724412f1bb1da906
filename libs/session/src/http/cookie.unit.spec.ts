import { createToken } from '../core/token.js';
import { clearCookie, readCookie, setCookie } from './cookie.js';

const token = createToken();
const other = createToken();
const plain = { name: 'id', secure: false, sameSite: 'lax', domain: undefined, path: '/' } as const;

describe('the token in a Cookie header', () => {
  it.each([
    ['alone', `id=${token}`],
    ['among others', `a=1; id=${token}; b=2`],
    ['without spaces', `a=1;id=${token};b`],
    ['twice the same', `id=${token}; id=${token}`],
    ['beside a malformed one of its name', `id=x; id=${token}; id=`],
  ])('is found %s', (_, header) => {
    expect(readCookie(header, 'id')).toBe(token);
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
    ['two different tokens', `id=${token}; id=${other}`],
    ['a header too long', `${'a=1; '.repeat(4000)}id=${token}`],
    ['too many pairs', `${'a=1;'.repeat(100)}id=${token}`],
  ])('is not found: %s', (_, header) => {
    expect(readCookie(header, 'id')).toBeUndefined();
  });

  it('is looked for in a megabyte in no time', () => {
    const bomb = 'a=1;'.repeat(262_144);
    const before = process.cpuUsage();
    for (let i = 0; i < 1000; i++) readCookie(bomb, 'id');
    expect(process.cpuUsage(before).user).toBeLessThan(1_000_000);
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

  it('clears with the same attributes, or browsers would keep the cookie', () => {
    expect(clearCookie(plain)).toBe(
      'id=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; HttpOnly; SameSite=Lax',
    );
  });
});
