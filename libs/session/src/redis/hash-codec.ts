import { isFieldName } from '../field-name.js';
import type { SessionRecord } from '../core/record.js';
import type { SessionId } from '../core/token.js';
import { MAX_USER_ID_LENGTH } from '../core/user-id.js';
import type { HashTexts } from './read-hash.js';

/** The version of the layout, in the field `~v`. */
export const LAYOUT_VERSION = '1';

/**
 * The start of an id that a session carries inside, in the field `~id`: every reply is checked to be the session
 * that was asked for. Eight characters are 48 bits, 16 of them the shard.
 */
export function checkOf(id: SessionId): string {
  return id.slice(0, 8);
}

/** What the library keeps of a session, that a request needs. First the one that shows whose it is. */
export const OWN_FIELDS = [
  '~id',
  '~v',
  '~created',
  '~seen',
  '~idle',
  '~until',
  '~user',
  '~auth',
  '~remembered',
  '~renewed',
  '~former',
  '~ip',
  '~agent',
] as const;

type OwnField = (typeof OWN_FIELDS)[number];

/** Numbers that every session has, and numbers that some have. */
export const MOMENTS = ['~created', '~seen', '~idle', '~until'] as const;
export const LATER_MOMENTS = ['~auth', '~renewed'] as const;

/** Seconds may have a fraction. What else `Number()` and Lua's `tonumber` take, such as `Infinity`, `0x10` or blanks, they take differently. */
const NUMBER = /^\d{1,16}(?:\.\d{1,16})?$/;

/** The same in Lua, which `judge` goes by. */
export const IS_NUMBER = `
local function is_number(text)
  if not text then return false end
  local whole, dot, fraction = string.match(text, '^(%d+)(%.?)(%d*)$')
  return whole ~= nil and #whole <= 16 and #fraction <= 16 and (dot == '') == (fraction == '')
end
`;

/**
 * The same as {@link isOwner} in Lua. Where a text is not UTF-8, this counts more characters than JavaScript does: what JavaScript
 * refuses, `judge` refuses.
 */
export const IS_OWNER = `
local function is_owner(text)
  if not text then return true end
  if #text <= ${MAX_USER_ID_LENGTH} then return text ~= '' end
  local _, characters = string.gsub(text, '[^\\128-\\191]', '')
  local _, pairs = string.gsub(text, '[\\240-\\255]', '')
  return characters + pairs <= ${MAX_USER_ID_LENGTH}
end
`;

/**
 * Reads what a hash holds. The script `judge` in `shared-lua.ts` goes by the same rules, so that Redis and this process never
 * differ about what is a session.
 *
 * @returns `foreign` when it is not a whole session, or not the one that was asked for: something else wrote it, or
 *   the answer belongs to somebody else; `unreadable` when another version of this library wrote it.
 */
export function recordOfHash(
  id: SessionId,
  texts: HashTexts,
): SessionRecord | 'foreign' | 'unreadable' {
  const own: Partial<Record<OwnField, string>> = {};
  const fields = new Map<string, string>();
  for (let i = 0; i < texts.length; i += 2) {
    const [name, text] = [texts[i]!, texts[i + 1]!];
    if (isFieldName(name)) fields.set(name, text);
    else own[name as OwnField] = text;
  }
  if (own['~id'] !== checkOf(id) || !own['~v']) return 'foreign';
  if (own['~v'] !== LAYOUT_VERSION) return 'unreadable';
  if (!MOMENTS.every((name) => isNumber(own[name]))) return 'foreign';
  if (!LATER_MOMENTS.every((name) => own[name] === undefined || isNumber(own[name]))) {
    return 'foreign';
  }
  if (!isOwner(own['~user'])) return 'foreign';
  const createdAt = Number(own['~created']);
  const authenticatedAt = own['~auth'] === undefined ? undefined : Number(own['~auth']);
  return {
    id,
    createdAt,
    lastSeenAt: Number(own['~seen']),
    idleSeconds: Number(own['~idle']),
    deadlineAt: Number(own['~until']),
    userId: own['~user'],
    authenticatedAt,
    isRemembered: own['~remembered'] === '1',
    tokenAt: Math.max(createdAt, authenticatedAt ?? 0, Number(own['~renewed'] ?? 0)),
    formerId: own['~former'] as SessionId | undefined,
    device: { address: own['~ip'], agent: own['~agent'] },
    fields,
  };
}

/** Whether a session can be of this user, or of none. Bytes that are not UTF-8 are replaced when they are read, and do not count. */
function isOwner(text: string | undefined): boolean {
  if (text === undefined) return true;
  if (text.length <= MAX_USER_ID_LENGTH) return text !== '';
  return text.replaceAll('\ufffd', '').length <= MAX_USER_ID_LENGTH;
}

function isNumber(text: string | undefined): boolean {
  return text !== undefined && NUMBER.test(text);
}
