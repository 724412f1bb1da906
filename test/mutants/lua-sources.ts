import { readdirSync, readFileSync } from 'node:fs';

const SCRIPTS = new URL('../../libs/session/src/redis/scripts/', import.meta.url);

/** Lua as it is written in a file of the library, between two `${…}`. */
export interface LuaPiece {
  /** The name of the file, without `.ts`. */
  readonly script: string;
  readonly text: string;
  /** Of its first line, in the file. */
  readonly line: number;
}

/** @param names of scripts; all without any. */
export function luaPieces(names: readonly string[]): LuaPiece[] {
  const scripts = readdirSync(SCRIPTS)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
    .map((file) => file.slice(0, -'.ts'.length));
  const unknown = names.filter((name) => !scripts.includes(name));
  if (unknown.length > 0) throw new Error(`There is no script ${unknown.join(', ')}.`);
  const chosen = names.length > 0 ? names : scripts;
  return chosen.flatMap((script) => {
    const source = readFileSync(new URL(`${script}.ts`, SCRIPTS), 'utf8');
    // Template literals that hold Lua; other texts have no line that ends them.
    return [...source.matchAll(/`([^`]*\n)`/g)].flatMap(({ 1: text = '', index }) => {
      let at = index + 1;
      return text.split(/(\$\{[^}]*\})/).flatMap((part) => {
        const line = source.slice(0, at).split('\n').length;
        at += part.length;
        return part.startsWith('${') || part.trim() === '' ? [] : [{ script, text: part, line }];
      });
    });
  });
}
