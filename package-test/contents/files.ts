import type { Packed } from '../npm.js';

const EXPECTED = ['README.md', 'CHANGELOG.md', 'LICENSE', 'package.json'];

/** What may lie in the package besides: what was compiled, and its source, so that maps lead somewhere. */
const ALLOWED = [/^dist\/.+\.js$/, /^dist\/.+\.d\.ts$/, /^dist\/.+\.map$/, /^src\/.+\.ts$/];
const TESTS = /\.spec\.|(^|\/)(test|fixtures)\//;

/** Nothing is missing, and there is nothing of the tests, of the shop, of a build or of this machine. */
export function checkFiles({ files, size, unpackedSize }: Packed): string {
  const missing = EXPECTED.filter((file) => !files.includes(file));
  const isAllowed = (file: string) =>
    EXPECTED.includes(file) || (ALLOWED.some((form) => form.test(file)) && !TESTS.test(file));
  const foreign = files.filter((file) => !isAllowed(file));
  const complaints = [
    ...missing.map((file) => `${file} is missing`),
    ...foreign.map((file) => `${file} does not belong in it`),
  ];
  if (complaints.length > 0) throw new Error(complaints.join('\n'));
  return `${files.length} files, ${kilobytes(size)} packed, ${kilobytes(unpackedSize)} unpacked`;
}

function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1000)} kB`;
}
