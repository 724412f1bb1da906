import { createHash, randomUUID } from 'node:crypto';
import type { RedisClient } from '../redis-client.js';
import { surprisesOf, whenUndoubted } from './in-step.js';
import { OutOfStepError } from './store-error.js';

let calls = 0;

const names = new Map<string, string>();

/** What a script calls itself, by its digest. */
export function nameOfScript(sha: string): string | undefined {
  return names.get(sha);
}

/**
 * A Lua script, sent by its digest. A server that does not know it (new, restarted, flushed) gets the text once.
 *
 * Each call has a number, its last argument, and the answer begins with it: when replies are out of step, no answer is taken for
 * that of another call, also not of one about the same session.
 *
 * Not by `defineCommand` of ioredis: that would change a client which is not ours.
 */
export class Script {
  readonly #text: string;
  readonly #sha: string;

  readonly #isRare: boolean;

  /** @param options `isRare` sends the text each time: it never waits for whether the server knows the script. */
  constructor(source: string, { isRare = false }: { readonly isRare?: boolean } = {}) {
    this.#isRare = isRare;
    this.#text = numbered(source);
    this.#sha = createHash('sha1').update(this.#text).digest('hex');
    names.set(this.#sha, /--\[\[ ([a-z-]+):/.exec(source)?.[1] ?? 'script');
  }

  /** @throws {OutOfStepError} when the answer is that of another call. Whether this one was carried out is not known. */
  async run(
    client: RedisClient,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown> {
    const call = (++calls).toString(36);
    const reply = await this.#send(client, [...keys], [...args, call]);
    if (!Array.isArray(reply) || reply[0] !== call) throw new OutOfStepError();
    return reply[1];
  }

  async #send(client: RedisClient, keys: string[], args: (string | number)[]): Promise<unknown> {
    if (this.#isRare) return client.eval(this.#text, keys.length, ...keys, ...args);
    const surprises = surprisesOf(client);
    try {
      return await client.evalsha(this.#sha, keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      // An error does not say whose it is. Were it another call's, this one would be carried out twice.
      if (!(await repeats(client, keys[0]!))) throw new OutOfStepError();
      await whenUndoubted(client);
      if (surprisesOf(client) !== surprises) throw new OutOfStepError();
      return client.eval(this.#text, keys.length, ...keys, ...args);
    }
  }
}

/** Whether a question of our own gets its answer. It goes where the key is, on a Cluster too. */
async function repeats(client: RedisClient, key: string): Promise<boolean> {
  const question = randomUUID();
  return (await client.eval('return ARGV[1]', 1, key, question)) === question;
}

function numbered(source: string): string {
  const [, flags = '', body = ''] = /^(#!.*\n)?([^]*)$/.exec(source) ?? [];
  return `${flags}local call = table.remove(ARGV)
local function script()
${body}
end
return { call, script() }`;
}
