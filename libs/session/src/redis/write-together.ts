import type { Redis } from 'ioredis';

/**
 * Has what is sent during one turn of the event loop travel together. Many requests come in one turn of a busy server, and
 * each would otherwise cost a call of the system here and one in Redis, which are most of what a short command costs.
 * Nothing else changes: each command is still sent, and answered, by itself.
 */
export function writeTogether(client: Redis): void {
  client.on('connect', () => {
    const { stream } = client;
    const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
    let isCorked = false;
    const uncork = () => {
      isCorked = false;
      stream.uncork();
    };
    stream.write = ((...args: unknown[]) => {
      if (!isCorked) {
        isCorked = true;
        stream.cork();
        setImmediate(uncork);
      }
      return write(...args);
    }) as typeof stream.write;
  });
}
