import type { Command } from './command.js';
import { count } from './commands/count.js';
import { doctor } from './commands/doctor.js';
import { list } from './commands/list.js';
import { revoke } from './commands/revoke.js';
import { revokeAll } from './commands/revoke-all.js';
import { show } from './commands/show.js';
import { watch } from './commands/watch.js';

/** All commands, in the order of the help. */
export const COMMANDS: readonly Command[] = [doctor, list, show, revoke, revokeAll, count, watch];
