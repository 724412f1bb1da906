import { goalText } from '../support/goal.js';
import { figure, table } from '../support/table.js';
import { overConnectRedis } from './goals.js';
import type { StorageResult } from './measure.js';

export function memoryTable({ memory }: StorageResult): string {
  const rows = memory.map((one) => {
    const { figure: ratio, goal } = overConnectRedis(one);
    return [
      `${one.content.toLocaleString('en')} bytes, ${one.settings} settings`,
      figure(one.library),
      figure(one.connectRedis),
      goal ? goalText(goal) : figure(ratio),
    ];
  });
  return table(['', 'library', 'connect-redis', 'library / connect-redis'], rows);
}

/** A user's session has more fields than a guest's, and a part of the user's Set. */
export function userTable({ memory, userMemory }: StorageResult): string {
  const guest = memory.find(
    ({ settings, content }) => settings === 'recommended' && content === 300,
  );
  const rows = userMemory.map(({ perUser, inAll, set }) => [
    perUser === 1 ? '1 session' : `${perUser} sessions`,
    figure(inAll),
    figure(inAll - set - guest!.library),
    figure(set),
  ]);
  const head = ['a user with', 'in all', 'of that: user, time, device', "of that: the user's Set"];
  return table(head, rows);
}
