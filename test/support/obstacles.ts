import { spawnSync } from 'node:child_process';

const ownRedis = process.env['REDIS_URL'] && 'needs a Redis of its own, and REDIS_URL is set';
const container =
  process.env['REDIS_ENGINE'] === 'docker' &&
  'the containers of REDIS_ENGINE=docker publish no port but that for clients';
const noOpenssl =
  spawnSync('openssl', ['version']).status !== 0 && 'needs openssl on the PATH for a certificate';

/** Why servers that must reach each other, or listen on another port, are not to be had; `false` if they are. */
export const noServersThatMeet: string | false = ownRedis || container || false;

export const noTls: string | false = noServersThatMeet || noOpenssl;
