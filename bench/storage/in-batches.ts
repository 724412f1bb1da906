const AT_ONCE = 500;

/** Does something so many times, many at once. */
export async function inBatches(
  count: number,
  act: (i: number) => Promise<unknown>,
): Promise<void> {
  for (let at = 0; at < count; at += AT_ONCE) {
    const length = Math.min(AT_ONCE, count - at);
    await Promise.all(Array.from({ length }, (_, i) => act(at + i)));
  }
}
