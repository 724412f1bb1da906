import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { CookieJar } from './support/browser-cookies.js';
import { blocksOfMarkdown, PROJECT, section } from './support/documentation.js';
import { useRedis } from './support/redis.js';

const redis = useRedis();
// Within the project, so that it finds the package as an application does.
const folder = join(PROJECT, 'dist', 'first-session');

const MAIN = `import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
const app = await NestFactory.create(AppModule, { logger: false });
await app.listen(0, '127.0.0.1');
process.send(await app.getUrl());
process.on('disconnect', () => process.exit());
`;

describe('The first session of the README', () => {
  let app: ChildProcess;
  let url: string;

  beforeAll(async () => {
    const { code } = blocksOfMarkdown('README.md').find(({ language }) => language === 'ts')!;
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, 'app.module.js'),
      compiled(code).replace('redis://localhost:6379', redis.url),
    );
    writeFileSync(join(folder, 'main.js'), MAIN);
    app = fork(join(folder, 'main.js'), { execArgv: [] });
    [url] = (await once(app, 'message')) as [string];
  });

  afterAll(async () => {
    app.disconnect();
    await once(app, 'exit');
    rmSync(folder, { recursive: true });
  });

  it('answers its commands as it says', async () => {
    const browser = new CookieJar();
    const [signIn, add] = commands();
    const signedIn = await browser.fetch(`${url}${signIn!.path}`, form(signIn!));
    expect(signedIn.status).toBe(201);
    const added = await browser.fetch(`${url}${add!.path}`, form(add!));
    expect(section('README.md', '### Your first session')).toContain(`\`${await added.text()}\``);
    expect((await fetch(`${url}${add!.path}`, form(add!))).status).toBe(401);
  });
});

function compiled(code: string): string {
  return ts.transpileModule(code, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
    },
  }).outputText;
}

interface Command {
  readonly path: string;
  readonly fields: string;
}

/** Its calls of curl: the first keeps the cookies, the others send them. */
function commands(): Command[] {
  const calls = section('README.md', '### Your first session').matchAll(
    /^curl -[cb] cookies -d (\S+) http:\/\/localhost:3000(\/\S+)$/gm,
  );
  return [...calls].map(([, fields, path]) => ({ fields: fields!, path: path! }));
}

function form({ fields }: Command): RequestInit {
  return { method: 'POST', body: new URLSearchParams(fields) };
}
