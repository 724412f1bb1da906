import { readFile } from 'node:fs/promises';
import { configFile } from './project.js';

it('explains each setting of redis.conf in the line before it', async () => {
  const lines = (await readFile(configFile, 'utf8')).split('\n');
  const unexplained = lines.filter(
    (line, number) => /^[a-z]/.test(line) && !lines[number - 1]?.startsWith('# '),
  );
  expect(unexplained).toEqual([]);
  expect(lines).toContain('appendonly yes');
});
