import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

interface Service {
  readonly command: string;
  readonly depends_on?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes: readonly string[];
}

interface DevContainer {
  readonly dockerComposeFile: string;
  readonly service: string;
  readonly workspaceFolder: string;
  readonly postCreateCommand: string;
  readonly forwardPorts: readonly number[];
}

const FOLDER = '.devcontainer';
const read = (file: string) => readFileSync(join(FOLDER, file), 'utf8');
const container = JSON.parse(read('devcontainer.json')) as DevContainer;
const { services } = parse(read(container.dockerComposeFile)) as {
  services: Readonly<Record<string, Service>>;
};
const workspace = services[container.service]!;

describe('The dev container', () => {
  it('opens in the service that has the project in the folder that is opened', () => {
    expect(workspace.volumes).toEqual([`..:${container.workspaceFolder}`]);
    expect(workspace.command).toBe('sleep infinity');
    expect(container.postCreateCommand).toBe('npm ci');
  });

  it('has the Redis that REDIS_URL names beside it', () => {
    const { hostname, port } = new URL(workspace.environment!['REDIS_URL']!);
    expect([Object.keys(services), port]).toEqual([[container.service, hostname], '6379']);
    expect(workspace.depends_on).toEqual([hostname]);
  });

  it('runs that Redis with the configuration that this project ships, and keeps its data', () => {
    const { command, volumes } = services['redis']!;
    const [, file] = /redis-server (\S+) /.exec(command)!;
    const mounted = volumes.find((volume) => volume.includes(`:${file!}:ro`))!;
    expect(existsSync(join(FOLDER, mounted.split(':')[0]!))).toBe(true);
    const folder = /--dir (\S+)/.exec(command)![1]!;
    expect(volumes.some((volume) => volume.endsWith(`:${folder}`))).toBe(true);
  });

  it('opens no port but that of the shop', () => {
    expect(container.forwardPorts).toEqual([3000]);
    for (const { ports } of Object.values(services)) expect(ports).toBeUndefined();
  });

  it('has a version of Node that the library works with', () => {
    const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      engines: { node: string };
    };
    const [, major] = /typescript-node:(\d+)/.exec(read(container.dockerComposeFile))!;
    expect(Number(major)).toBeGreaterThanOrEqual(Number(/\d+/.exec(engines.node)![0]));
  });
});
