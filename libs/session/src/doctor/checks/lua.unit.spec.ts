import { linesOf } from '../server-facts.js';
import { checkLua } from './lua.js';

const LUA = 'engine_0:name=LUA,module=lua,abi_version=4,used_memory=69632';
const engines = (...lines: string[]) =>
  checkLua({
    info: linesOf(['# Scripting Engines', `engines_count:${lines.length}`, ...lines].join('\r\n')),
  });

describe('the doctor, asked about Lua', () => {
  it('finds it among the engines of Valkey', () => {
    expect(engines(LUA)).toMatchObject([{ severity: 'ok' }]);
  });

  it.each([[[]], [['engine_0:name=HELLO,module=helloengine,abi_version=4']]])(
    'says that nobody can sign in without it: %j',
    (lines) => {
      expect(engines(...lines)).toMatchObject([{ check: 'lua', severity: 'problem' }]);
    },
  );

  it('says nothing where it is built in', () => {
    expect(checkLua({ info: linesOf('redis_version:7.4.1\r\n') })).toEqual([]);
  });
});
