/** What the README shows is what is printed: what follows a comment that names a file is that file. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const INFRA = join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(join(INFRA, file), 'utf8');

test.each(['config/minimal.yaml', 'test/ops/golden/check-ready.txt', 'test/ops/golden/cost.txt'])(
  'README.md has %s as it is',
  (file) => {
    const [, after = ''] = read('README.md').split(`<!-- ${file} -->\n`);
    const block = after.replace(/^```[a-z]*\n/, '');
    expect(block.startsWith(read(file).trimEnd())).toBe(true);
  },
);

test('every make target that the README names is there', () => {
  const makefile = readFileSync(join(INFRA, '..', 'Makefile'), 'utf8');
  const targets = new Set(
    [...read('README.md').matchAll(/(?:`|\$ )make ([a-z-]+)/g)].map(([, target]) => target),
  );
  expect(targets.size).toBeGreaterThan(6);
  for (const target of targets) expect(makefile, `make ${target}`).toContain(`\n${target}:`);
});

test('every file that the README links to is there', () => {
  const links = [...read('README.md').matchAll(/\]\(([^)#]+)\)/g)].map(([, path]) => String(path));
  expect(links.length).toBeGreaterThan(4);
  expect(links.filter((path) => !existsSync(join(INFRA, path)))).toEqual([]);
});
