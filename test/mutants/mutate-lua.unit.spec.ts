import { luaPieces } from './lua-sources.js';
import { mutationsOf } from './mutate-lua.js';

const changes = (text: string) => mutationsOf(text).map(({ kind, after }) => `${kind}: ${after}`);

describe('mutations of Lua', () => {
  it('drop a guard, negate its condition, and change what it compares', () => {
    expect(changes("if a ~= ARGV[1] then return 'gone' end")).toEqual([
      'drop: ',
      "negate: if not (a ~= ARGV[1]) then return 'gone' end",
      "negate: if a == ARGV[1] then return 'gone' end",
      "off by one: if a ~= ARGV[2] then return 'gone' end",
      "constant: if a ~= ARGV[1] then return 'xgone' end",
    ]);
  });

  it('swap statements that follow each other', () => {
    const text = "redis.call('DEL', a)\nredis.call('SREM', b)";
    expect(changes(text)).toContain("swap: redis.call('SREM', b) ⏎ redis.call('DEL', a)");
  });

  it('leave alone what is no code, and half a statement', () => {
    expect(changes('--[[ touch: 1 and 2\n  KEYS[1] ]]\n\n-- if 1 then')).toEqual([]);
    expect(changes("redis.call('HSET', a,")).toEqual(["constant: redis.call('xHSET', a,"]);
    expect(changes('local function f(a)')).toEqual([]);
  });

  it('are found in each script, once for each place', () => {
    const pieces = luaPieces([]);
    expect(new Set(pieces.map(({ script }) => script)).size).toBeGreaterThan(15);
    for (const { text } of pieces) {
      const texts = mutationsOf(text).map((mutation) => mutation.text);
      expect(texts).not.toContain(text);
      expect(new Set(texts).size).toBe(texts.length);
    }
  });
});
