import type { LocalSessionEvent } from '../core/session-event.js';
import type { SessionId } from '../core/token.js';
import { decodeEvents, encodeEvents } from './event-codec.js';

const ID = 'A'.repeat(32) as SessionId;
const OTHER = 'B'.repeat(32) as SessionId;
const FACTS = { sessionId: ID, userId: 'alice', at: 1_700_000_000_000.5 };

const EVENTS: readonly LocalSessionEvent[] = [
  { type: 'created', ...FACTS, userId: undefined, fields: ['note'], isAdopted: false },
  { type: 'created', ...FACTS, fields: [], isAdopted: true },
  { type: 'signed-in', ...FACTS, fields: ['née'], previousId: undefined },
  { type: 'signed-in', ...FACTS, fields: [], previousId: OTHER },
  { type: 'renewed', ...FACTS, fields: [], previousId: OTHER },
  { type: 'changed', ...FACTS, fields: ['note', 'count'] },
  { type: 'signed-out', ...FACTS },
  { type: 'revoked', ...FACTS, reason: 'revoked' },
  { type: 'revoked', ...FACTS, reason: 'evicted' },
];
const message = (...events: unknown[]) => JSON.stringify({ instance: 'host:1', events });

describe('a message of session events', () => {
  it('is read as it was written', () => {
    const read = decodeEvents(encodeEvents('host:1', EVENTS));
    expect(read).toEqual(EVENTS.map((event) => ({ ...event, instance: 'host:1' })));
  });

  it('loses types and properties that this version does not know', () => {
    const later = { type: 'archived', whatever: {} };
    const [event, ...others] = decodeEvents(message(later, { ...EVENTS[6], ip: '::1' }))!;
    expect(Object.keys(event!).toSorted()).toEqual([
      'at',
      'instance',
      'sessionId',
      'type',
      'userId',
    ]);
    expect(others).toEqual([]);
  });

  const revoked = { type: 'revoked', ...FACTS, reason: 'revoked' };
  const renewed = { type: 'renewed', ...FACTS, fields: [], previousId: OTHER };
  it.each<[string, unknown]>([
    ['type', { ...revoked, type: 7 }],
    ['sessionId', { ...revoked, sessionId: [ID] }],
    ['sessionId', { ...revoked, sessionId: `${ID}A` }],
    ['sessionId', { ...revoked, sessionId: 'é'.repeat(32) }],
    ['userId', { ...revoked, userId: null }],
    ['userId', { ...revoked, userId: { a: 1 } }],
    ['userId', { ...revoked, userId: '' }],
    ['userId', { ...revoked, userId: 'x'.repeat(513) }],
    ['userId', { ...revoked, userId: '\ud800' }],
    ['at', { ...revoked, at: undefined }],
    ['at', { ...revoked, at: '1700000000000' }],
    ['at', { ...revoked, at: 8.64e15 + 1 }],
    ['at', { ...revoked, at: -1 }],
    ['reason', { ...revoked, reason: undefined }],
    ['reason', { ...revoked, reason: 1 }],
    ['reason', { ...revoked, reason: 'renewed' }],
    ['reason', { ...revoked, reason: 'x'.repeat(500) }],
    ['previousId', { ...renewed, previousId: undefined }],
    ['previousId', { ...renewed, previousId: {} }],
    ['previousId', { ...renewed, type: 'signed-in', previousId: ['x'] }],
    ['fields', { ...renewed, fields: null }],
    ['fields', { ...renewed, fields: 'note' }],
    ['fields', { ...renewed, fields: { length: 1, 0: 'note' } }],
    ['fields', { ...renewed, fields: ['note', 7] }],
    ['fields', { ...renewed, fields: ['~user'] }],
    ['isAdopted', { type: 'created', ...FACTS, fields: [], isAdopted: 'yes' }],
    ['the event itself', null],
    ['the event itself', [[]]],
  ])('is invalid as a whole where one event has a wrong property: %s', (_, event) => {
    expect(decodeEvents(message(revoked, event))).toBeUndefined();
  });

  it.each<[string, unknown]>([
    ['no text', undefined],
    ['no JSON', '{'],
    ['null', 'null'],
    ['a list', '[]'],
    ['without an instance', JSON.stringify({ events: [] })],
    ['of an instance without a name', JSON.stringify({ instance: '', events: [] })],
    [
      'of an instance with an endless name',
      JSON.stringify({ instance: 'x'.repeat(513), events: [] }),
    ],
    ['of an instance that is an object', JSON.stringify({ instance: {}, events: [] })],
    ['without events', JSON.stringify({ instance: 'x', events: { length: 1 } })],
    ['deeper than a stack', `${'['.repeat(200_000)}${']'.repeat(200_000)}`],
    ['longer than any', `"${'x'.repeat(33 * 1024 * 1024)}"`],
  ])('is invalid when it is %s', (_, text) => {
    expect(decodeEvents(text)).toBeUndefined();
  });

  it('cannot reach the prototype of objects', () => {
    const text = `{"instance":"x","__proto__":{"polluted":1},"events":[{"__proto__":{"polluted":1},"type":"signed-out","sessionId":"${ID}","at":1}]}`;
    const [event] = decodeEvents(text)!;
    expect(Object.getPrototypeOf(event)).toBe(Object.prototype);
    expect('polluted' in event!).toBe(false);
  });
});
