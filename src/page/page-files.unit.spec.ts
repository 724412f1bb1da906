import { readPageFiles } from './page-files.js';

describe('the files of the page', () => {
  const files = readPageFiles();

  it.each(['index.html', 'operations.html'])('are what %s asks for', (page) => {
    const html = files.get(page)?.bytes.toString() ?? '';
    const names = [...html.matchAll(/"\/page\/([^"]+)"/g)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(2);
    expect(names.filter((name) => !files.has(name ?? ''))).toEqual([]);
  });

  it('import only each other', () => {
    for (const [name, { bytes }] of files) {
      const imports = [...bytes.toString().matchAll(/ from '(.+)';/g)].map(([, path]) => path);
      const missing = imports.filter((path) => !files.has(path?.replace('./', '') ?? ''));
      expect({ name, missing }).toEqual({ name, missing: [] });
    }
  });

  it('hold no markup made of data and nothing inline that the policy would stop', () => {
    for (const [name, { bytes }] of files) {
      const text = bytes.toString();
      const found = text.match(/innerHTML|outerHTML|insertAdjacentHTML|\sstyle="|\son\w+="|eval\(/);
      expect({ name, found: found?.[0] }).toEqual({ name, found: undefined });
    }
  });
});
