import { type Goal, goalText } from '../support/goal.js';
import { figure, spread, table } from '../support/table.js';
import { type DeedName, DEEDS } from './deeds.js';
import { afterTouches, overLiteral, overNoIndex, overScan } from './goals.js';
import type { SizeResult } from './measure.js';
import { SESSION_BYTES } from './population.js';
import { type QuestionName, TITLES } from './questions.js';

const QUESTIONS = Object.keys(TITLES) as QuestionName[];

/** All about one size, for people. Times are medians, and between what half of them lie. */
export function reportOf(result: SizeResult): string {
  const size = result.size.toLocaleString('en');
  return [
    `## ${size} sessions of ${SESSION_BYTES} bytes`,
    `${result.server}. Milliseconds:`,
    answers(result),
    'Memory of Redis, bytes for each session:',
    memory(result),
    'Processor time of Redis for one operation, microseconds:',
    overhead(result),
    `The library's answers before and after ${result.touches.toLocaleString('en')} touches, milliseconds (machine: how much longer work took that is always the same):`,
    touches(result),
  ].join('\n\n');
}

function answers(result: SizeResult): string {
  const rows = QUESTIONS.map((name) => {
    const { answer, times } = result.before[name];
    const { library, literal, bare } = times;
    return [
      `${TITLES[name]} (${answer})`,
      spread(library),
      spread(literal!),
      bare ? spread(bare) : '',
      goalText(overLiteral(result, name)),
      spread(result.scans[name].time),
      orGoal(overScan(result, name)),
    ];
  });
  const literal = 'the FT command by hand';
  const head = ['', 'library', literal, 'without its hits', 'library / by hand'];
  return table([...head, 'SCAN + HGETALL', 'scan / library'], rows);
}

function memory({ size, memory: bytes, prepareSeconds }: SizeResult): string {
  const each = (more: number) => figure(more / size);
  const head = [
    'session and user set',
    'index document',
    'in Search',
    'of that by FT.INFO',
    'index in all',
  ];
  const row = [
    each(bytes.sessions - bytes.empty),
    each(bytes.documents - bytes.sessions),
    each(bytes.index - bytes.documents),
    each(bytes.bySearch),
    each(bytes.index - bytes.sessions),
  ];
  return table([...head, 'prepare(), s'], [[...row, figure(prepareSeconds)]]);
}

function overhead(result: SizeResult): string {
  const rows = (Object.keys(DEEDS) as DeedName[]).map((name) => {
    const { with: indexed, without } = result.overhead[name];
    const ratio = orGoal(overNoIndex(result, name));
    return [DEEDS[name].title, spread(without), spread(indexed), ratio];
  });
  return table(['', 'without an index', 'with an index', 'with / without'], rows);
}

function touches(result: SizeResult): string {
  const { size, before, after, memory: bytes, memoryAfterTouches } = result;
  const rows = QUESTIONS.map((name) => [
    TITLES[name],
    spread(before[name].times.library),
    spread(after[name].times.library),
    figure(after[name].times.control.median / before[name].times.control.median),
    goalText(afterTouches(result, name)),
  ]);
  const inAll = [bytes.index, memoryAfterTouches].map((now) => (now - bytes.empty) / size);
  const grown = inAll[1]! / inAll[0]!;
  rows.push(['memory, bytes for each session', ...inAll.map(figure), '', figure(grown)]);
  return table(['', 'before', 'after', 'machine', 'after / before / machine'], rows);
}

function orGoal({ figure: value, goal }: { figure: number; goal?: Goal }): string {
  return goal ? goalText(goal) : figure(value);
}
