import { storeError } from './store-error.js';

const replyError = (message: string, more: object = {}) =>
  Object.assign(new Error(message), { name: 'ReplyError', ...more });

describe('the error for what Redis or its client said', () => {
  it.each([
    [
      "ERR unknown command 'X', with args beginning with: 'session:a' 'a secret'",
      'unknown command',
    ],
    ['ERR wrong number, with args beginning with: a secret', 'ERR wrong number'],
    [
      'OOM command not allowed script: 0abc, on @user_script:12. a secret',
      'OOM command not allowed',
    ],
    ['ERR first line\na secret', 'ERR first line'],
    [`ERR ${'x'.repeat(300)} a secret`, 'ERR xxx'],
  ])('keeps what went wrong, and nothing of the arguments: %#', (said, kept) => {
    const error = storeError(replyError(said));
    const cause = error.cause as Error;
    for (const text of [error.message, cause.message]) {
      expect(text).toContain(kept);
      expect(text).not.toContain('a secret');
    }
    expect(error.code).toBe('SESSION_STORE');
    expect(cause.name).toBe('ReplyError');
  });

  it('leaves out the command that ioredis puts on its errors', () => {
    const error = storeError(
      replyError('ERR no', { command: { name: 'hset', args: ['session:a', 'a secret'] } }),
    );
    expect(JSON.stringify(Object.entries(error.cause as object))).not.toContain('secret');
    expect(error.stack).not.toContain('a secret');
  });

  it('says no more than that of something that is no error', () => {
    expect(storeError('a secret').message).toContain('the client gave no reason');
    expect(storeError('a secret').message).not.toContain('a secret');
  });
});
