import type { Cluster, Redis } from 'ioredis';

/** A server that refuses and closes, such as one with too many clients: ioredis tries again without an error. */
export function tellRefusals(client: Redis | Cluster): void {
  if (client.isCluster) return;
  const redis = client as Redis;
  let isTold = false;
  let answer: Buffer | undefined;
  redis.on('connecting', () => {
    isTold = false;
    answer = undefined;
  });
  redis.on('connect', () => redis.stream.once('data', (bytes: Buffer) => (answer = bytes)));
  redis.on('error', () => (isTold = true));
  redis.on('ready', () => (isTold = true));
  redis.on('close', () => {
    // One that is closed from here is not tried again.
    if (!isTold && redis.status === 'reconnecting') redis.emit('error', closedEarly(answer));
  });
}

function closedEarly(answer: Buffer | undefined): Error {
  const [, refusal] = /^-(.*)/.exec(answer?.toString('latin1') ?? '') ?? [];
  const error = new Error(refusal ?? 'It closed the connection');
  return Object.assign(error, refusal ? { name: 'ReplyError' } : { code: 'ECONNRESET' });
}
