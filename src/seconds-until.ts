export function secondsUntil(moment: Date, now = Date.now()): number {
  return Math.max(0, Math.round((moment.getTime() - now) / 1000));
}
