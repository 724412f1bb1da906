import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';

/** A line of the library's scripts, and what a test puts in its place. */
export interface BrokenGuard {
  readonly what: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Lines of the library's scripts, each of which some random test needs: it must fail when the line is taken out.
 * When such a line changes, it changes here, too.
 */
export const BROKEN_GUARDS = {
  commitOfGone: {
    what: 'commit writes to a session that is gone',
    from: "if session[1] ~= ARGV[1] then return { ARGV[1], 'gone', now } end\nlocal refused = refusal(KEYS[1], 2)",
    to: 'local refused = refusal(KEYS[1], 2)',
  },
  commitOfChanged: {
    what: 'commit ignores what others wrote meanwhile',
    from: 'if current ~= ARGV[i + 1] then',
    to: 'if false then',
  },
  createAfterCutoff: {
    what: 'create ignores a sign-out everywhere',
    // The script checks it, and the caller checks again what the script answers.
    from: 'local epoch = user and epoch_of(KEYS[3])\nlocal auth = proof',
    to: 'local epoch = false\nlocal auth = proof',
  },
  touchAfterCutoff: {
    what: 'touch ignores a sign-out everywhere',
    from: 'local void = is_void(epoch, session[5], session[6])',
    to: 'local void = false',
  },
  createUnlisted: {
    what: "create leaves the user's set as it is",
    from: 'if user then remember(KEYS[2], ARGV[2], left) end\nreturn',
    to: 'return',
  },
  createOverLimit: {
    what: 'create ignores the limit',
    from: 'if limit and size >= limit then',
    to: 'if false then',
  },
  documentUnwritten: {
    what: 'a write leaves the index document as it is',
    from: "if sets < removes then redis.call('HSET', document, unpack(ARGV, sets, removes - 1)) end",
    to: '',
  },
} satisfies Record<string, BrokenGuard>;

/** From now on the library's scripts that this client sends lack the guard. */
export function breakGuard(client: Redis, { from, to }: BrokenGuard): void {
  const send = client.eval.bind(client) as (...args: unknown[]) => Promise<unknown>;
  const texts = new Map<string, string>();
  // The library sends the text of a script whose digest is unknown.
  client.evalsha = ((sha: string, ...args: unknown[]) => {
    const text = texts.get(sha);
    return text ? send(text, ...args) : Promise.reject(new Error('NOSCRIPT'));
  }) as never;
  client.eval = ((text: string, ...args: unknown[]) => {
    const broken = text.split(from).join(to);
    texts.set(createHash('sha1').update(text).digest('hex'), broken);
    return send(broken, ...args);
  }) as never;
}
