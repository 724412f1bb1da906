import { type Call, type History, known, prefixOf } from './history.js';
import { explain, type Model } from './linearizability.js';

/**
 * What is wrong with a history, for people: the shortest beginning of it that cannot be explained, as a picture; the
 * longest order that fits, and what each call that could come next should have been told.
 *
 * @returns `undefined` when nothing is wrong.
 */
export function violationOf<S, O extends object>(
  model: Model<S, O>,
  history: History<O>,
): string | undefined {
  if (explain(model, history).isComplete) return undefined;
  const ends = history.map(({ returnedAt }) => returnedAt).toSorted((a, b) => a - b);
  const beginnings = ends.map((end) => prefixOf(history, end));
  const shortest = beginnings.find((calls) => !explain(model, calls).isComplete) ?? history;
  const { order, state } = explain(model, shortest);
  const missing = shortest.filter((call) => known(call) && !order.includes(call));
  const number = (call: Call<O>) => `#${shortest.indexOf(call)}`;
  return [
    timeline(shortest),
    `In the order ${order.map(number).join(', ') || '(none)'} it is then ${JSON.stringify(state)}.`,
    ...missing.map((call) => {
      const [answer] = model.respond(state, call.operation);
      return `Next, ${number(call)} would be told: ${answer}`;
    }),
  ].join('\n');
}

/** A line for each call, from its invocation to its return. */
export function timeline<O extends object>(history: History<O>): string {
  const places = history.flatMap(({ invokedAt, returnedAt }) => [invokedAt, returnedAt]);
  const columns = [...new Set(places)].toSorted((a, b) => a - b);
  const rows = history.map((call, i) => {
    const [from, to] = [columns.indexOf(call.invokedAt), columns.indexOf(call.returnedAt)];
    const isOpen = call.outcome.kind === 'unknown';
    const bar = `${' '.repeat(from)}|${(isOpen ? '~' : '-').repeat(to - from - 1)}${isOpen ? '?' : '|'}`;
    return [`#${i}`, `worker ${call.worker}`, bar, nameOf(call.operation), toldOf(call)];
  });
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')).join('\n');
}

function toldOf({ outcome }: Call<unknown>): string {
  return outcome.kind === 'answered' ? outcome.answer : `(${outcome.kind})`;
}

function nameOf(operation: object): string {
  return Object.values(operation)
    .map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
    .join(' ');
}
