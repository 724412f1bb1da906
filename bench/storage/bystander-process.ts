import { Redis } from 'ioredis';

const [host, port] = process.argv.slice(2);
const redis = new Redis({ host: host!, port: Number(port) });
let times: number[] = [];

async function ask(): Promise<void> {
  const askedAt = performance.now();
  await redis.ping();
  times.push(performance.now() - askedAt);
}

await redis.ping();
setInterval(() => void ask().catch(() => undefined), 1);
process.on('disconnect', () => process.exit());
process.on('message', () => {
  process.send!(times);
  times = [];
});
process.send!('ready');
