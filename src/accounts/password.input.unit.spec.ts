import { readNewPassword } from './password.input.js';

describe('readNewPassword', () => {
  it.each([
    'a quiet lane',
    '12345678',
    'aaaaaaaa',
    '        ',
    '🫖🫖🫖🫖🫖🫖🫖🫖',
    'x'.repeat(200),
  ])('takes "%s", whatever it is made of', (newPassword) => {
    expect(readNewPassword({ newPassword })).toBe(newPassword);
  });

  it.each([
    ['1234567', 'at least 8 characters'],
    ['🫖🫖🫖🫖', 'at least 8 characters'],
    ['x'.repeat(201), 'at most 200 characters'],
    ['', 'must be a text'],
    [undefined, 'must be a text'],
    [12345678, 'must be a text'],
    [['12345678'], 'must be a text'],
  ])('refuses %j and says why', (newPassword, why) => {
    expect(() => readNewPassword({ newPassword })).toThrow(why);
  });
});
