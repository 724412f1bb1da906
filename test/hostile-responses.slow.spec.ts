import { once } from 'node:events';
import { createServer, type Server, ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { Controller, Get, type INestApplication, Query, Res } from '@nestjs/common';
import { Session } from 'nestjs-redis-session';
import { PLATFORMS, startApp, type TestApp } from './support/app.js';
import { useRedis } from './support/redis.js';
import { seed, times } from './support/scale.js';

type Step = readonly [name: string, ...args: unknown[]];
type Raw = ServerResponse & { raw?: ServerResponse };

const STATUSES = [200, 201, 404, 500, 299, 999, 99, 1000, 0, Number.NaN, '202', 200.9];
// Not with headers: Node remembers of a head that it refuses that it would have had no body.
const ANY_STATUS = [204, 304, ...STATUSES];
const MESSAGES = ['Fine', 'Fällig', 'bad €', 'bad\nline', ''];
const VALUES = ['plain', 'ümlaut', '€', 'a\r\nb', 7, ['one', 'two'], undefined, null, ['ok', '€']];
const NAMES = ['X-One', 'x-two', 'Content-Type', 'ETag', 'bad name', 'X-Thrée'];
/** So that `Content-Length` does not tell one error from another. */
const CAUGHT_LENGTH = 60;
const CHUNKS = ['text', '€uro', Buffer.from('bytes'), '', 42, { an: 'object' }, true, null];

function randomOf(state: number): () => number {
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** What a handler does with its response; mostly right, so that something is left to compare. */
function scriptOf(random: () => number): Step[] {
  const pick = <T>(list: readonly T[], whole = 1) =>
    list[Math.floor(random() * random() ** whole * list.length)]!;
  const headers = () => ({ [pick(NAMES)]: pick(VALUES), 'X-Last': pick(VALUES) });
  const steps: (() => Step)[] = [
    () => ['write', pick(CHUNKS)],
    () => ['write', pick(CHUNKS), pick(['utf8', 'latin1', 'no-encoding'])],
    () => ['end', pick(CHUNKS)],
    () => ['setHeader', pick(NAMES), pick(VALUES)],
    () => ['writeHead', pick(STATUSES), headers()],
    () => ['writeHead', pick(STATUSES), pick(MESSAGES), headers()],
    () => ['writeHead', pick(STATUSES), undefined, headers()],
    () => ['writeHead', pick(STATUSES), Object.entries(headers()).flat()],
    () => ['writeHead', pick(ANY_STATUS)],
    () => ['statusCode', pick(ANY_STATUS)],
    () => ['statusMessage', pick(MESSAGES)],
    () => ['flushHeaders'],
    () => ['removeHeader', pick(NAMES)],
    () => ['writeEarlyHints', { link: '</a.css>; rel=preload; as=style' }],
    () => ['cork'],
    () => ['uncork'],
    () => ['turn'],
  ];
  return Array.from({ length: 1 + Math.floor(random() * 7) }, () => {
    const step = steps[Math.floor(random() * steps.length)]!;
    return step();
  });
}

/** @returns whether its client gets all of an answer: not where a handler throws when some of it has left. */
async function perform(response: ServerResponse, steps: readonly Step[]): Promise<boolean> {
  response.on('error', () => undefined);
  try {
    for (const [name, ...args] of steps) {
      if (name === 'turn') await turn();
      else if (name.startsWith('status')) Reflect.set(response, name, args[0]);
      else (Reflect.get(response, name) as (...args: unknown[]) => unknown).apply(response, args);
    }
    response.end('last');
  } catch (error) {
    if (response.headersSent) {
      response.destroy();
      return false;
    }
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    response.statusMessage = '';
    response.statusCode = 500;
    response.end(`caught ${(error as { code: string }).code}`.padEnd(CAUGHT_LENGTH));
  }
  return true;
}

const scripts = new Map<string, Step[]>();
/** Those whose answer is whole without the gate. */
const whole = new Set<string>();

@Controller()
class Hostile {
  @Get('read') async read(@Session() session: Session, @Query('n') n: string, @Res() res: Raw) {
    session.get('note');
    await perform(res.raw ?? res, scripts.get(n)!);
  }
  @Get('write') async write(@Session() session: Session, @Query('n') n: string, @Res() res: Raw) {
    session.set('note', n);
    await perform(res.raw ?? res, scripts.get(n)!);
  }
}

/** Passes everything on, like what measures and logs. */
function wrap(response: ServerResponse): void {
  for (const name of ['writeHead', 'write', 'end'] as const) {
    const original = response[name] as (...args: unknown[]) => unknown;
    response[name] = function (this: ServerResponse, ...args: unknown[]) {
      return original.apply(this, args);
    } as never;
  }
}

/** What a client gets, as it comes. */
async function ask(url: string, method: string, path: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let got = '';
  socket.setEncoding('latin1').on('data', (text: string) => (got += text));
  socket.on('error', () => undefined);
  socket.write(`${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  await once(socket, 'close');
  return got;
}

/**
 * Where a message and a header are both wrong, Node looks at the headers first if one was ever set. A response that has none any more
 * does not tell.
 */
const isAmbiguous = (steps: readonly Step[]) => steps.some(([name]) => name === 'removeHeader');
const withoutCode = (text: string) => text.replace(/caught ERR_[A-Z_]+ */, 'caught');

/** Without what belongs to frameworks, the session and the clock. */
function essence(text: string): unknown {
  const [head = '', ...body] = text.replace(/HTTP\/1.1 103[^]*?\r\n\r\n/g, '').split('\r\n\r\n');
  const [status, ...lines] = head.split('\r\n');
  const ours = /^(set-cookie: id=|vary|cache-control|date|connection|keep-alive)/i;
  return { status, headers: lines.filter((line) => !ours.test(line)).toSorted(), body };
}

describe.each(PLATFORMS)('responses that hostile handlers send on %s', (platform) => {
  const redis = useRedis();
  const unhandled: unknown[] = [];
  const note = (error: unknown) => void unhandled.push(error);
  let plain: Server;
  let plainUrl: string;
  let site: TestApp;
  let wrapped: TestApp;
  beforeAll(async () => {
    plain = createServer((request, response) => {
      const n = new URL(request.url!, 'http://localhost').searchParams.get('n')!;
      void perform(response, scripts.get(n)!).then((isWhole) => isWhole && whole.add(n));
    });
    await once(plain.listen(0, '127.0.0.1'), 'listening');
    plainUrl = `http://127.0.0.1:${(plain.address() as AddressInfo).port}`;
    const metadata = { controllers: [Hostile] };
    // Node judges a head that joins other headers in another order.
    const withoutHeaders = (app: INestApplication) => {
      const { disable } = app.getHttpAdapter().getInstance() as { disable?(name: string): void };
      disable?.call(app.getHttpAdapter().getInstance(), 'x-powered-by');
    };
    site = await startApp(platform, { redis: redis.url }, metadata, withoutHeaders);
    wrapped = await startApp(platform, { redis: redis.url }, metadata, (app) => {
      withoutHeaders(app);
      app.use((_request: unknown, response: ServerResponse, next: () => void) => {
        wrap(response);
        next();
      });
    });
    process.on('unhandledRejection', note).on('uncaughtException', note);
  });
  afterAll(async () => {
    process.off('unhandledRejection', note).off('uncaughtException', note);
    plain?.close();
    await site?.app.close();
    await wrapped?.app.close();
  });

  it(`reach the client as they do without the gate, or not at all, and end no process (seed ${seed})`, async () => {
    const random = randomOf(seed);
    for (let i = 0; i < times(150, 2000); i++) {
      const path = random() < 0.5 ? 'read' : 'write';
      const method = path === 'write' && random() < 0.2 ? 'HEAD' : 'GET';
      const steps = scriptOf(random);
      scripts.set(String(i), steps);
      const { url } = random() < 0.5 ? site : wrapped;
      const [expected, got] = await Promise.all([
        ask(plainUrl, method, `/${path}?n=${i}`),
        ask(url, method, `/${path}?n=${i}`),
      ]);
      const script = { i, method, path, steps };
      // Node knows only while it sends that there is no such encoding, and not where there is no body; the gate says it before.
      const isOdd = steps.some((step) => step.includes('no-encoding'));
      const isComparable = whole.has(String(i)) && !isOdd;
      const essenceOf = (text: string) => essence(isAmbiguous(steps) ? withoutCode(text) : text);
      const wanted = essenceOf(isComparable ? expected : got);
      expect({ script, got: essenceOf(got) }).toEqual({ script, got: wanted });
      expect(got).toMatch(/^(HTTP\/1\.1 \d{3} |$)/);
      expect({ script, unhandled }).toEqual({ script, unhandled: [] });
      scripts.delete(String(i));
    }
    expect((await fetch(`${site.url}/nowhere`)).status).toBe(404);
  });
});
