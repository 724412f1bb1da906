import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Tests run in the folder of the project. */
export const PROJECT = process.cwd();

/** A fenced block of a Markdown file or of a doc comment. */
export interface Block {
  /** The file and the line where its code begins, as editors understand it: `README.md:41`. */
  readonly place: string;
  readonly file: string;
  readonly line: number;
  readonly language: string;
  readonly code: string;
}

export function readText(file: string): string {
  return readFileSync(join(PROJECT, file), 'utf8');
}

export function markdownFiles(): string[] {
  return [
    ...readdirSync(PROJECT).filter((name) => name.endsWith('.md')),
    ...filesBelow('docs', '.md'),
    'libs/session/README.md',
  ].toSorted();
}

export function filesBelow(folder: string, ending: string): string[] {
  const entries = readdirSync(join(PROJECT, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name).slice(PROJECT.length + 1))
    .toSorted();
}

export function blocksOfMarkdown(file: string): Block[] {
  return blocksOf(file, readText(file).split('\n'));
}

/** The blocks in the doc comments of a source file, without the stars. */
export function blocksOfDocComments(file: string): Block[] {
  const lines = readText(file).split('\n');
  return blocksOf(
    file,
    lines.map((line) => /^\s*\* ?(.*)$/.exec(line)?.[1] ?? ''),
  );
}

function blocksOf(file: string, lines: readonly string[]): Block[] {
  const blocks: Block[] = [];
  let begun: { language: string; from: number } | undefined;
  for (const [at, line] of lines.entries()) {
    const fence = /^ {0,3}```(\w*)/.exec(line);
    if (!fence) continue;
    if (begun) {
      const code = lines.slice(begun.from, at).join('\n');
      const place = `${file}:${begun.from + 1}`;
      blocks.push({ place, file, line: begun.from + 1, language: begun.language, code });
      begun = undefined;
    } else begun = { language: fence[1] ?? '', from: at + 1 };
  }
  return blocks;
}

/** The text below a heading, up to the next heading of the same rank or above. */
export function section(file: string, heading: string): string {
  const rank = /^#+/.exec(heading)?.[0].length ?? 0;
  const lines = readText(file).split('\n');
  const from = lines.indexOf(heading);
  if (from < 0) throw new Error(`${file} has no heading "${heading}".`);
  const rest = lines.slice(from + 1);
  const to = rest.findIndex((line) => (/^(#+) /.exec(line)?.[1]?.length ?? Infinity) <= rank);
  return rest.slice(0, to < 0 ? undefined : to).join('\n');
}

/** The rows of the tables in a text, by what stands as code in their first cell; a cell may name several. */
export function rowsByCode(text: string): Map<string, string[]> {
  const rows = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    if (!line.startsWith('|')) continue;
    const cells = line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim());
    for (const [, name] of cells[0]?.matchAll(/`([^`]+)`/g) ?? []) rows.set(name!, cells);
  }
  return rows;
}

/** The anchors that a Markdown file offers, made as GitHub makes them. */
export function anchorsOf(file: string): string[] {
  const headings = readText(file).matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, text]) =>
    text!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Links of a Markdown file that lead into the project, outside of code. */
export function linksOf(file: string): string[] {
  const prose = readText(file)
    .replace(/^ {0,3}```[\s\S]*?^ {0,3}```/gm, '')
    .replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^[a-z]+:/.test(target));
}
