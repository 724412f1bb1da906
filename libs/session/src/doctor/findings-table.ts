import type { Finding, Severity } from './finding.js';

const MARKS: Record<Severity, string> = {
  ok: 'ok',
  note: 'note',
  warning: 'WARNING',
  problem: 'PROBLEM',
  unknown: '?',
};

/** For people: one line for each finding, and what to do below it. */
export function findingsTable(findings: readonly Finding[]): string {
  const checkWidth = Math.max(...findings.map(({ check }) => check.length));
  const markWidth = Math.max(...Object.values(MARKS).map((mark) => mark.length));
  return findings
    .flatMap(({ check, severity, finding, advice }) => [
      `${MARKS[severity].padEnd(markWidth)}  ${check.padEnd(checkWidth)}  ${finding}`,
      ...(advice ? [`${' '.repeat(markWidth + checkWidth + 4)}${advice}`] : []),
    ])
    .join('\n');
}
