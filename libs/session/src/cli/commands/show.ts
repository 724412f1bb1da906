import type { SessionRecord } from '../../core/record.js';
import { factsOf, type SessionInfoFacts } from '../../session-info.js';
import { readSurely } from '../../session-records.js';
import { type Command, command } from '../command.js';
import { EXIT_CODES, UsageError } from '../exit-code.js';
import { fromNow, localTime } from '../moments.js';
import { sessionIds, whereItIs } from '../session-ids.js';
import { jsonOf } from '../session-rows.js';
import { table } from '../table.js';
import { withStore } from '../with-store.js';

export const show: Command = command({
  name: 'show',
  usages: ['show [url] <id> [--values]'],
  operand: 'id',
  summary: 'one session, and how large its fields are',
  details: [
    'What is known of a session, and the names of its fields with the bytes that their JSON takes. It is not kept alive',
    'by that. Values are what users have entrusted to the application: they are shown with --values only.',
  ],
  options: { values: { type: 'boolean', help: 'also what the fields hold' } },
  async run({ values: { values }, operands, isJson, terminal, ...call }) {
    const [id, ...more] = sessionIds(operands);
    if (!id || more.length > 0) throw new UsageError('show takes one id.');
    return withStore(call, async ({ repository, settings }) => {
      const record = await readSurely(repository, id);
      if (!record) {
        terminal.say(await whereItIs(repository, id));
        return EXIT_CODES.no;
      }
      const now = await repository.time();
      const facts = factsOf(record, settings, now);
      if (isJson) terminal.printJson(jsonOfAll(facts, record, values), 2);
      else terminal.print(textOf(facts, record, now, values, terminal.width));
      return EXIT_CODES.done;
    });
  },
});

/** A field that something else has written may hold no JSON: then `value` is its text, and `isJson` is `false`. */
function jsonOfAll(facts: SessionInfoFacts, record: SessionRecord, withValues = false) {
  const { authenticatedAt, deadlineAt, fields } = record;
  return {
    ...jsonOf(facts),
    authenticatedAt: authenticatedAt === undefined ? null : new Date(authenticatedAt).toISOString(),
    deadlineAt: new Date(deadlineAt).toISOString(),
    fields: [...fields].map(([name, text]) => {
      const decoded = decode(text);
      const isJson = decoded !== undefined;
      const size = { name, bytes: Buffer.byteLength(text), isJson };
      return withValues ? { ...size, value: isJson ? decoded : text } : size;
    }),
  };
}

function decode(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function textOf(
  facts: SessionInfoFacts,
  { authenticatedAt, deadlineAt, fields }: SessionRecord,
  now: number,
  withValues = false,
  width?: number,
): string {
  const moment = (at: number) => `${localTime(at)} (${fromNow(at, now)})`;
  const rows = [
    ['id', facts.id],
    ['user', facts.userId ?? '- (a guest)'],
    ['device', facts.deviceName ?? '-'],
    ['agent', facts.agent ?? '-'],
    ['address', facts.address ?? '-'],
    ['created', moment(facts.createdAt.getTime())],
    ['proved', authenticatedAt === undefined ? '-' : moment(authenticatedAt)],
    ['last seen', moment(facts.lastSeenAt.getTime())],
    ['expires', moment(facts.expiresAt.getTime())],
    ['ends', `${moment(deadlineAt)}, whatever comes`],
  ];
  const sizes = [...fields].map(([name, text]) => [
    name,
    String(Buffer.byteLength(text)),
    ...(withValues ? [text] : []),
  ]);
  const head = ['FIELD', 'BYTES', ...(withValues ? ['VALUE'] : [])];
  const ofFields = fields.size === 0 ? ['no fields'] : table([head, ...sizes], width);
  return [...table(rows, width), '', ...ofFields].join('\n');
}
