import { createToken, idOfToken } from '../core/token.js';
import { readGone } from './gone-codec.js';
import { checkOf } from './hash-codec.js';

describe('what is remembered of a session that ended', () => {
  const [id, other] = [idOfToken(createToken()), idOfToken(createToken())];

  it('is read if it is of the session that was asked for', () => {
    expect(readGone(id, `${checkOf(id)} renewed:${other}`)).toBe(`renewed:${other}`);
  });

  it.each([
    ['another session', `${checkOf(other)} renewed:${other}`],
    ['another session whose check begins alike', `${checkOf(id)}x renewed:${other}`],
    ['nothing', ''],
    ['a text without a check', `renewed:${other}`],
  ])(
    'is not believed if it is of %s: it could lead to the session of another visitor',
    (_, text) => {
      expect(readGone(id, text)).toBeUndefined();
    },
  );
});
