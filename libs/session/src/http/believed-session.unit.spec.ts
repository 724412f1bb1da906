import type { SessionRecord } from '../core/record.js';
import { believed } from './believed-session.js';

const live = (userId: string | undefined, tokenAt: number) => ({
  record: { userId, tokenAt } as SessionRecord,
});
const [guest, laterGuest] = [live(undefined, 1), live(undefined, 9)];
const [ana, laterAna, bob] = [live('ana', 2), live('ana', 3), live('bob', 4)];

describe('of two live sessions in cookies of one name', () => {
  it.each([
    ['the one that got its token last, of one user', [ana, laterAna], laterAna],
    ["a user's before a guest's", [ana, laterGuest], ana],
    ['the later one of two guests', [guest, laterGuest], laterGuest],
    ['the only one', [bob], bob],
  ])('is believed: %s', (_, given, expected) => {
    expect(believed(given)).toBe(expected);
    expect(believed(given.toReversed())).toBe(expected);
  });

  it('none is believed, if they are of different users', () => {
    expect(believed([ana, bob])).toBeUndefined();
    expect(believed([bob, laterAna])).toBeUndefined();
    expect(believed([guest, ana, bob])).toBeUndefined();
  });
});
