import { join } from 'node:path';
import ts from 'typescript';
import { type Block, PROJECT } from './documentation.js';

const AUGMENTS = /^declare module /m;

/**
 * Compiles blocks under the settings of the project, each as a module of its own, and without writing a file.
 *
 * A block that adds to `SessionData` is compiled apart, so that two of them may name a field alike. All others see
 * what the first one in `README.md` adds.
 *
 * @returns what the compiler says of each block, by its place.
 */
export function compileBlocks(blocks: readonly Block[]): Map<string, string[]> {
  const augmenting = blocks.filter(({ code }) => AUGMENTS.test(code));
  const others = blocks.filter(({ code }) => !AUGMENTS.test(code));
  const readme = augmenting.filter(({ file }) => file === 'README.md').slice(0, 1);
  const compiler = new BlockCompiler(blocks);
  const said = new Map<string, string[]>();
  for (const group of [[...readme, ...others], ...augmenting.map((block) => [block])]) {
    for (const [place, messages] of compiler.compile(group)) said.set(place, messages);
  }
  return said;
}

class BlockCompiler {
  readonly #options = settingsOfProject();
  readonly #codes: Map<string, string>;
  readonly #parsed = new Map<string, ts.SourceFile | undefined>();
  readonly #host: ts.CompilerHost;

  constructor(blocks: readonly Block[]) {
    this.#codes = new Map(blocks.map((block) => [fileOf(block), block.code]));
    this.#host = this.#hostWithBlocks();
  }

  compile(blocks: readonly Block[]): Map<string, string[]> {
    // What a block adds to the package counts only in a program that has the package.
    const roots = [join(PROJECT, 'libs/session/src/index.ts'), ...blocks.map(fileOf)];
    const program = ts.createProgram(roots, this.#options, this.#host);
    return new Map(blocks.map((block) => [block.place, this.#messagesFor(block, program)]));
  }

  #messagesFor(block: Block, program: ts.Program): string[] {
    const source = program.getSourceFile(fileOf(block));
    return [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ].map(({ file, start = 0, messageText }) => {
      const line = file ? file.getLineAndCharacterOfPosition(start).line : 0;
      return `${block.file}:${block.line + line} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    });
  }

  /** Parses every file once, however many programs see it: most of the time goes into Nest's declarations. */
  #hostWithBlocks(): ts.CompilerHost {
    const host = ts.createCompilerHost(this.#options);
    return {
      ...host,
      fileExists: (file) => this.#codes.has(file) || host.fileExists(file),
      readFile: (file) => this.#codes.get(file) ?? host.readFile(file),
      getSourceFile: (file, languageVersion) => {
        if (!this.#parsed.has(file)) {
          const code = this.#codes.get(file);
          const parsed =
            code === undefined
              ? host.getSourceFile(file, languageVersion)
              : ts.createSourceFile(file, code, languageVersion);
          this.#parsed.set(file, parsed);
        }
        return this.#parsed.get(file);
      },
    };
  }
}

/** A file that does not exist, in the project's folder, so that it is an ES module and finds the packages. */
function fileOf({ file, line }: Block): string {
  return join(PROJECT, `${file.replaceAll('/', '.')}.${line}.ts`);
}

function settingsOfProject(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(PROJECT, 'tsconfig.json'), ts.sys.readFile);
  return ts.parseJsonConfigFileContent(config, { ...ts.sys, readDirectory: () => [] }, PROJECT)
    .options;
}
