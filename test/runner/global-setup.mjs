// Runs once, before the workers: what has to be fetched is fetched here, with its progress on the terminal.
import { prepareRedis } from '../../dist/redis-server/prepare.js';

/** Chooses the way to a real Redis, so that the workers need not try them all again. */
// oxlint-disable-next-line import/no-default-export -- Jest asks for one.
export default async function chooseRedis() {
  const { way, description } = await prepareRedis({ say: (line) => console.log(line) });
  if (way !== 'url') process.env.REDIS_ENGINE = way;
  console.log(`The tests run against ${description}`);
}
