import { join } from 'node:path';
import type { ProxyProgram } from './proxy.js';

/** What the image and Debian have around a file of conf.d, with everything in a folder of the test. */
const AROUND_NGINX = `
  ${process.getuid?.() === 0 ? 'user root;' : ''}
  daemon off;
  pid nginx.pid;
  error_log stderr warn;
  worker_processes 2;
  events {}
  http {
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    include site.conf;
  }
`;
const ofNginx = (folder: string) => ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr'];

export const NGINX: ProxyProgram = {
  program: 'nginx',
  version: '-v',
  files: (configuration) => ({ 'nginx.conf': AROUND_NGINX, 'site.conf': configuration }),
  run: ofNginx,
  check: (folder) => ['-t', ...ofNginx(folder)],
};

/** No port but its own, on loopback alone. */
const AROUND_CADDY = '{\n\tadmin off\n\tdefault_bind 127.0.0.1\n}\n\n';
const ofCaddy = (folder: string) => [
  '--config',
  join(folder, 'Caddyfile'),
  '--adapter',
  'caddyfile',
];

export const CADDY: ProxyProgram = {
  program: 'caddy',
  version: 'version',
  files: (configuration) => ({ Caddyfile: `${AROUND_CADDY}${configuration}\n` }),
  run: (folder) => ['run', ...ofCaddy(folder)],
  check: (folder) => ['validate', ...ofCaddy(folder)],
};

const ofEnvoy = (folder: string) => ['-c', join(folder, 'envoy.yaml'), '-l', 'warning'];

export const ENVOY: ProxyProgram = {
  program: 'envoy',
  version: '--version',
  files: (configuration) => ({ 'envoy.yaml': configuration }),
  run: (folder) => [...ofEnvoy(folder), '--disable-hot-restart', '--concurrency', '1'],
  check: (folder) => [...ofEnvoy(folder), '--mode', 'validate'],
};
