/** Whose code it is that a program spends its time in, the first that fits. */
export const OWNERS: readonly (readonly [owner: string, ofUrl: RegExp])[] = [
  ['nestjs-redis-session', /\/libs\/session\//],
  [
    'other session libraries',
    /\/node_modules\/(express-session|connect-redis|@fastify\/session|@mgcrea|@fastify\/cookie|cookie|cookie-signature|on-headers|uid-safe|fast-jwt|nanoid)\//,
  ],
  [
    'client of Redis',
    /\/node_modules\/(ioredis|@ioredis|@redis|denque|standard-as-callback|redis-errors)\//,
  ],
  ['the contestant itself', /\/dist\/bench\//],
  ['Nest, Express, Fastify', /\/node_modules\//],
  ['Node: hashes', /^node:(internal\/)?crypto/],
  ['Node: buffers, texts', /^node:(internal\/)?(buffer|util|string_decoder)/],
  ['Node: HTTP, streams, events', /^node:/],
];

/** Of what has no file: V8 and the C++ of Node. */
const UNSEEN: readonly (readonly [owner: string, ofFunction: RegExp])[] = [
  ['garbage collector', /^\(garbage collector\)$/],
  [
    'writing to sockets',
    /^(writev|writeUtf8String|writeLatin1String|writeBuffer|writeAsciiString)$/,
  ],
  ['V8: promises', /^(runMicrotasks|enqueueMicrotask)$/],
  ['Node: buffers, texts', /Slice$|Write$|^byteLength/],
];

/** @returns `undefined` for the time in which nothing was to be done. */
export function ownerOf(functionName: string, url: string): string | undefined {
  if (functionName === '(idle)') return undefined;
  const [known, text] = url === '' ? [UNSEEN, functionName] : [OWNERS, url];
  return known.find(([, pattern]) => pattern.test(text))?.[0] ?? 'other';
}
