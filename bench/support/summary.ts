/** What many measurements of one thing came to. */
export interface Summary {
  readonly median: number;
  /** Half of all samples lie between these two. */
  readonly low: number;
  readonly high: number;
  readonly samples: readonly number[];
}

/** Medians and quartiles: a machine that does something else now and then does not move them. */
export function summarize(samples: readonly number[]): Summary {
  const sorted = samples.toSorted((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    low: quantile(sorted, 0.25),
    high: quantile(sorted, 0.75),
    samples,
  };
}

function quantile(sorted: readonly number[], part: number): number {
  const place = (sorted.length - 1) * part;
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  if (below === undefined || above === undefined) throw new Error('There are no samples.');
  return below + (above - below) * (place - Math.floor(place));
}
