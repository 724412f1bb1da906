import type { INestApplication, ModuleMetadata } from '@nestjs/common';

/** A way to have sessions, in the same small application as all others. */
export interface Contestant {
  open(redisUrl: string): Setup | Promise<Setup>;
}

interface Setup {
  readonly metadata: ModuleMetadata;
  /** What its documentation does to the application before that listens. */
  prepare?(app: INestApplication): unknown;
}

export const IDLE_SECONDS = 1800;
/** Whoever signs cookies signs them with this. */
export const SECRET = 'a secret with at least 32 characters in it';
