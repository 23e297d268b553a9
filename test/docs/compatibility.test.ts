import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');

describe('docs/compatibility.md', () => {
  test('names every interop test, and no test that is not there', async () => {
    const page = await readFile(join(ROOT, 'docs', 'compatibility.md'), 'utf8');
    const named = [...page.matchAll(/\]\(\.\.\/([^)]+\.test\.ts)\)/g)].map(([, path = '']) => path);
    for (const path of named) await access(join(ROOT, path));
    const all = (await readdir(join(ROOT, 'test', 'interop'))).filter((file) => file.endsWith('.test.ts'));
    expect(all.map((file) => `test/interop/${file}`).filter((path) => !named.includes(path))).toEqual([]);
  });
});
