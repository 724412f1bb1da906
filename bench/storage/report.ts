import { goalText } from '../support/goal.js';
import { costGoals } from './goals.js';
import type { StorageResult } from './measure.js';
import { memoryTable, userTable } from './memory-report.js';
import { signOutTable } from './sign-out-report.js';

/** For people. */
export function reportOf(result: StorageResult): string {
  const others = result.others.toLocaleString('en');
  return [
    '## Memory of Redis',
    `${result.server}. Bytes for each session of a guest, its key and its place in Redis' tables included. A hash is compact where no field is longer than 64 bytes by default, and than 512 with the recommended settings:`,
    memoryTable(result),
    'Bytes for each session of a user, 300 bytes of content, recommended settings:',
    userTable(result),
    '## Sign out everywhere',
    `All sessions of a user end, 300 bytes each, among ${others} of others. express-session cannot ask for a user's sessions: \`store.all()\` reads every one there is, and those with the user's id, which the application must have put there, are destroyed. Milliseconds; those of a command are Redis' own; PING is what somebody else waits who asks each millisecond:`,
    signOutTable(result),
    costGoals(result)
      .map((goal) => `- ${goal.what}: ${goalText(goal)}`)
      .join('\n'),
  ].join('\n\n');
}
