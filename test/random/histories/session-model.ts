import type { FieldChange } from '../../../libs/session/src/core/changes.js';
import type { Model } from './linearizability.js';

type Changes = Readonly<Record<string, FieldChange>>;

/** What the store is asked about one id. */
type OfOneId = { readonly kind: 'read' | 'touch' | 'revoke'; readonly id: string } | Commit;

interface Commit {
  readonly kind: 'commit';
  readonly id: string;
  readonly changes: Changes;
  readonly expected?: Readonly<Record<string, string | undefined>>;
}

/** What a request does that began under this id. An item is added to a list by `Session.update()`. */
type OfRequest =
  | { readonly kind: 'append'; readonly id: string; readonly item: string }
  | { readonly kind: 'sign-out'; readonly id: string }
  | {
      readonly kind: 'renew' | 'sign-in';
      readonly id: string;
      readonly next: string;
      readonly item?: string;
      readonly changes?: Changes;
    };

/** What is done to a session. Its ids are letters here. */
export type Operation =
  | OfOneId
  | OfRequest
  | { readonly kind: 'create'; readonly id: string; readonly changes: Changes }
  /** The two steps of a sign-out everywhere, each of them atomic: what was proven is void; the sessions end. */
  | { readonly kind: 'void' | 'end' };

export interface SessionState {
  /** Where it lives; `undefined` before it began and after it ended. */
  readonly id: string | undefined;
  /** All ids that it has had. */
  readonly past: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly isVoid: boolean;
  readonly isRevoked: boolean;
}

type Response = readonly [answer: string, next: SessionState];

/** How one session must answer: all operations one after the other, each at most once. */
export const SESSION_MODEL: Model<SessionState, Operation> = {
  initial: { id: undefined, past: '', fields: {}, isVoid: false, isRevoked: false },
  respond,
};

function respond(state: SessionState, operation: Operation): Response {
  switch (operation.kind) {
    case 'create':
      if (state.past !== '') return ['gone', state];
      return ['saved', moved(changed(state, operation.changes), operation.id)];
    case 'void':
      return ['void', state.id === undefined ? state : { ...state, isVoid: true }];
    case 'end':
      return state.id === undefined ? ['0', state] : ['1', ended(state, true)];
    case 'append':
    case 'renew':
    case 'sign-in':
    case 'sign-out':
      return followed(state, operation);
    default:
      return underItsId(state, operation);
  }
}

/** An old id is dead: what the store is asked about it, it answers with `gone`. */
function underItsId(state: SessionState, operation: OfOneId): Response {
  const isThere = state.id === operation.id;
  switch (operation.kind) {
    case 'read':
      return [isThere ? textOf(state.fields) : 'gone', state];
    case 'revoke':
      return isThere ? ['1', ended(state, true)] : ['0', state];
    case 'touch':
      if (isThere && state.isVoid) return ['gone', ended(state)];
      return [isThere ? 'saved' : 'gone', state];
    case 'commit':
      return isThere ? committed(state, operation) : ['gone', state];
  }
}

function committed(state: SessionState, { changes, expected }: Commit): Response {
  const atFault = Object.entries({ ...expectedBy(changes), ...expected })
    .filter(([field, text]) => state.fields[field] !== text)
    .map(([field]) => `${field}=${state.fields[field]}`);
  if (atFault.length > 0) return [`conflict ${atFault.toSorted().join(' ')}`, state];
  return ['saved', changed(state, changes)];
}

/** A request that began under an id of the session finds it, wherever it was moved meanwhile. */
function followed(state: SessionState, operation: OfRequest): Response {
  const isAlive = state.id !== undefined && state.past.includes(operation.id);
  if (operation.kind === 'sign-out') {
    if (isAlive) return ['destroyed', ended(state)];
    return [
      state.isRevoked && state.past.includes(operation.id) ? 'destroyed' : 'unchanged',
      state,
    ];
  }
  if (!isAlive) return ['gone', state];
  const next = written(state, operation);
  if (operation.kind === 'append') return ['changed', next];
  if (state.id !== operation.id || state.isVoid) return ['unchanged', next];
  // After a sign-in the guest's old tokens lead nowhere.
  const kept = operation.kind === 'sign-in' ? { ...next, past: '' } : next;
  return ['renewed', moved(kept, operation.next)];
}

function written(
  state: SessionState,
  { item, changes = {} }: { readonly item?: string; readonly changes?: Changes },
): SessionState {
  return changed(state, {
    ...changes,
    ...(item !== undefined && { parts: appended(state, item) }),
  });
}

function moved(state: SessionState, id: string): SessionState {
  return { ...state, id, past: state.past + id };
}

function ended(state: SessionState, isRevoked = false): SessionState {
  return { ...state, id: undefined, fields: {}, isVoid: false, isRevoked };
}

function changed(state: SessionState, changes: Changes): SessionState {
  const fields = { ...state.fields };
  for (const [field, change] of Object.entries(changes)) {
    if (change.kind === 'remove') delete fields[field];
    else if (change.kind === 'add') fields[field] = `${Number(fields[field] ?? 0) + change.amount}`;
    else fields[field] = change.text;
  }
  return { ...state, fields };
}

function appended({ fields }: SessionState, item: string): FieldChange {
  const parts = JSON.parse(fields['parts'] ?? '[]') as string[];
  return { kind: 'set', text: JSON.stringify([...parts, item]) };
}

function expectedBy(changes: Changes): Record<string, string | undefined> {
  const replaced = Object.entries(changes).filter(([, change]) => change.kind === 'replace');
  return Object.fromEntries(
    replaced.map(([field, change]) => [field, 'expected' in change ? change.expected : undefined]),
  );
}

/** The answer of a read, the same for the same fields. */
export function textOf(fields: Readonly<Record<string, string>>): string {
  const texts = Object.entries(fields).map(([field, text]) => `${field}=${text}`);
  return `{${texts.toSorted().join(' ')}}`;
}
