import { type Finding, ok } from '../finding.js';
import type { InfoFacts } from '../server-facts.js';

/** Whether scripts can be run. From Valkey 9.1 on Lua is a module, which a server may lack. */
export function checkLua({ info }: InfoFacts): Finding[] {
  const check = 'lua';
  // Servers that say nothing of engines have Lua built in.
  if (!info.has('engines_count')) return [];
  const engines = [...info].filter(([name]) => /^engine_\d+$/.test(name));
  if (engines.some(([, engine]) => /\bname=lua\b/i.test(engine))) return [ok(check, 'there')];
  return [
    {
      check,
      severity: 'problem',
      finding: 'this server has no Lua: nobody can sign in, and nothing can be saved',
      advice: 'Load the module lua (loadmodule), or use a build of Valkey that has it.',
    },
  ];
}
