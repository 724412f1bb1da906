import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { launchRedis, type RedisServer } from '../../redis-server/launch.js';
import { freePort } from '../../redis-server/ports.js';
import { VOLATILE } from './servers.js';

/** A Redis that speaks TLS besides; its plain port is for looking into it. */
export interface TlsServer {
  readonly server: RedisServer;
  readonly port: number;
  /** The certificate that a client must be told to trust. */
  readonly ca: string;
  stop(): Promise<void>;
}

export async function startTlsServer(): Promise<TlsServer> {
  const folder = await mkdtemp(join(tmpdir(), 'redis-tls-'));
  const certificate = join(folder, 'redis.crt');
  const key = join(folder, 'redis.key');
  await makeCertificate(certificate, key);
  const port = await freePort();
  const server = await launchRedis({
    settings: {
      ...VOLATILE,
      'tls-port': String(port),
      'tls-cert-file': certificate,
      'tls-key-file': key,
      'tls-ca-cert-file': certificate,
      'tls-auth-clients': 'no',
    },
  });
  return {
    server,
    port,
    ca: await readFile(certificate, 'utf8'),
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Signed by itself, and only for this address: who trusts it trusts nothing else. */
async function makeCertificate(certificate: string, key: string): Promise<void> {
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const subject = ['-subj', '/CN=redis', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
  const files = ['-keyout', key, '-out', certificate];
  await promisify(execFile)('openssl', ['req', ...kind, ...subject, ...files]);
}
