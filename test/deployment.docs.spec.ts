import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly command?: string;
  readonly depends_on?: object;
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly networks: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
}

interface Deployment {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean } | null>>;
  readonly volumes: object;
}

const read = (file: string) => readFileSync(join('deploy', file), 'utf8');
const compose = parse(read('compose.yaml'), { merge: true }) as Deployment;
const { nginx, redis, ...instances } = compose.services;
const nginxConf = read('nginx.conf').replaceAll(/#.*$/gm, '');

describe('The deployment', () => {
  it('has two instances, built from here, with nginx in front of both', () => {
    expect(Object.keys(instances)).toEqual(['left', 'right']);
    for (const [name, { build, environment }] of Object.entries(instances)) {
      expect(environment).toMatchObject({
        INSTANCE_NAME: name,
        NODE_ENV: 'production',
        HOST: '0.0.0.0',
      });
      expect(existsSync(join('deploy', build!.context, build!.dockerfile))).toBe(true);
      expect(nginxConf).toContain(`server ${name}:3000 `);
    }
    expect(Object.keys(nginx!.depends_on!)).toEqual(Object.keys(instances));
  });

  it('has nothing sticky', () => {
    expect(nginxConf).not.toMatch(/ip_hash|\bhash\b|sticky|least_conn|\$cookie/);
  });

  it('sends no POST a second time that may have been carried out', () => {
    expect(nginxConf).toContain('proxy_next_upstream error timeout;');
  });

  it('opens nothing to other machines, and of itself only nginx', () => {
    expect(nginx!.ports).toEqual(['127.0.0.1:8080:8080']);
    for (const service of [redis!, ...Object.values(instances)]) {
      expect(service.ports).toBeUndefined();
    }
    expect(redis!.networks).toEqual(['back']);
    expect(nginx!.networks).toEqual(['front']);
    expect(compose.networks['back']).toEqual({ internal: true });
  });

  it('keeps what Redis has, with the settings that are recommended', () => {
    expect(redis!.volumes).toContain('redis-data:/data');
    expect(compose.volumes).toHaveProperty('redis-data');
    expect(redis!.command).toContain('--dir /data');
    const settings = readFileSync('redis-server/redis.conf', 'utf8').split('\n');
    for (const setting of [
      'appendonly yes',
      'maxmemory-policy noeviction',
      'hash-max-listpack-value 512',
    ]) {
      expect(settings).toContain(setting);
    }
  });

  it('looks after the health of everything, and pins images to a major version', () => {
    for (const { healthcheck } of Object.values(compose.services)) {
      expect(healthcheck?.test[0]).toBe('CMD');
    }
    const [, base] = /^FROM (\S+)$/m.exec(read('Dockerfile')) ?? [];
    for (const image of [nginx!.image, redis!.image, base]) expect(image).toMatch(/^\w+:\d+/);
    expect(redis!.image).toBe('redis:8');
  });

  it('mounts files that are there', () => {
    const mounts = [nginx!, redis!].flatMap(({ volumes = [] }) => volumes);
    const files = mounts
      .map((mount) => mount.split(':')[0]!)
      .filter((file) => file.startsWith('.'));
    expect(files).toHaveLength(2);
    expect(files.filter((file) => !existsSync(join('deploy', file)))).toEqual([]);
  });
});
