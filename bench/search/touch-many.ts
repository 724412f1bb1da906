import type { SessionRepository } from 'nestjs-redis-session/testing';
import { touch } from './deeds.js';
import type { Population } from './population.js';

const AT_ONCE = 500;

/** Touches sessions one after the other, all of them, and again, until it was so many. */
export async function touchMany(
  repository: SessionRepository,
  population: Population,
  touches: number,
  onProgress: (done: number) => void,
): Promise<void> {
  for (let at = 0; at < touches; at += AT_ONCE) {
    const batch = Array.from({ length: Math.min(AT_ONCE, touches - at) }, (_, i) =>
      touch(repository, population.at((at + i) % population.size)),
    );
    if (!(await Promise.all(batch)).every(Boolean))
      throw new Error('A touch found a session gone.');
    onProgress(at / touches);
  }
}
