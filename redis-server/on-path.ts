import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Where a program lies, or undefined; the first that may be run, as a shell would take it. */
export async function onPath(program: string): Promise<string | undefined> {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const found = await Promise.all(
    folders.map((folder) => {
      const file = join(folder, program);
      return access(file, constants.X_OK).then(
        () => file,
        () => undefined,
      );
    }),
  );
  return found.find((file) => file !== undefined);
}
