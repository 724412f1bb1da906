import { join } from 'node:path';
import { Application, Logger, LogLevel, TSConfigReader, TypeDocReader } from 'typedoc';
import { PROJECT, readText } from './support/documentation.js';

/** Keeps what TypeDoc finds wrong instead of printing it. */
class Complaints extends Logger {
  readonly all: string[] = [];

  override log(message: string, level: LogLevel): void {
    if (level >= LogLevel.Warn) this.all.push(message);
  }
}

describe('The API reference', () => {
  it('has an explanation for every name of every entry point, and no link that leads nowhere', async () => {
    const complaints = new Complaints();
    const typedoc = await Application.bootstrap({ options: join(PROJECT, 'typedoc.json') }, [
      new TypeDocReader(),
      new TSConfigReader(),
    ]);
    typedoc.logger = complaints;
    const reference = await typedoc.convert();
    if (reference) typedoc.validate(reference);
    expect(complaints.all).toEqual([]);
    expect(reference?.children?.map(({ name }) => name)).toEqual(entryPoints());
    // It parses the library, and the types of Nest and ioredis: six seconds where nothing else is at work.
  }, 120_000);
});

function entryPoints(): string[] {
  const manifest = readText('libs/session/package.json');
  const { name, exports } = JSON.parse(manifest) as { name: string; exports: object };
  return Object.keys(exports).map((path) => join(name, path));
}
