import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubecrateError } from '@kubecrate/errors';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isInside, makeParents, normalizePath, resolveInside, safeJoin } from './safe-path.ts';

const unsafe = expect.objectContaining({ code: 'UNSAFE_PATH' });

describe('normalizePath', () => {
  it('gives every spelling of a path one form', () => {
    expect(['a/b', './a/b', 'a//b/', 'a/./b'].map(normalizePath)).toEqual(Array(4).fill('a/b'));
    expect(['', '.', './', './.'].map(normalizePath)).toEqual(Array(4).fill(''));
  });

  it('leaves a backslash in a name', () => {
    expect(normalizePath('system-a\\x2db.slice')).toBe('system-a\\x2db.slice');
  });

  it.each(['/a', '..', 'a/../b', 'a/..', '../a', 'a\0b', '\\a', 'C:\\a', 'c:/a', 'a\\..\\..\\b', '..\\a'])(
    'refuses %j',
    (path) => {
      expect(() => normalizePath(path)).toThrow(unsafe);
    },
  );
});

describe('safeJoin', () => {
  it('never escapes from its root, and gives only errors of its own', () => {
    const part = fc.oneof(fc.constantFrom('..', '.', '', '/', '\\', '\0', 'a', '...', 'C:'), fc.string());
    fc.assert(
      fc.property(fc.array(part), fc.constantFrom('/', '\\'), (parts, separator) => {
        try {
          expect(isInside('/root/dir', safeJoin('/root/dir', parts.join(separator)))).toBe(true);
        } catch (error) {
          if (!(error instanceof KubecrateError)) throw error;
          expect(error.code).toBe('UNSAFE_PATH');
        }
      }),
    );
  });
});

describe('a root with links in it', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'kubecrate-test-'));
    await mkdir(join(root, 'in/real'), { recursive: true });
    await writeFile(join(root, 'in/real/file'), 'content');
    await writeFile(join(root, 'secret'), 'secret');
  });

  afterEach(async () => {
    await rm(root, { recursive: true });
  });

  it('follows links that stay inside', async () => {
    await symlink('real', join(root, 'in/link'));
    await symlink('../in/link/file', join(root, 'in/twice'));
    await symlink(join(root, 'in/real'), join(root, 'in/absolute'));
    const inside = join(root, 'in');
    expect(await readFile(await resolveInside(inside, 'link/file'), 'utf8')).toBe('content');
    expect(await resolveInside(inside, 'twice')).toBe(join(root, 'in/real/file'));
    expect(await resolveInside(inside, 'absolute/file')).toBe(join(root, 'in/real/file'));
    expect(await resolveInside(inside, '.')).toBe(inside);
  });

  it.each(['../secret', '/etc/passwd', 'real/../../secret'])('refuses a link to %s', async (target) => {
    await symlink(target, join(root, 'in/out'));
    await expect(resolveInside(join(root, 'in'), 'out')).rejects.toThrow(unsafe);
    await expect(resolveInside(join(root, 'in'), 'out/x')).rejects.toThrow(unsafe);
  });

  it('refuses links that go round', async () => {
    await symlink('b', join(root, 'in/a'));
    await symlink('a', join(root, 'in/b'));
    await expect(resolveInside(join(root, 'in'), 'a')).rejects.toThrow(unsafe);
  });

  it('says that a path is not there', async () => {
    await expect(resolveInside(root, 'in/nothing')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(resolveInside(root, 'secret/below')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('makes the directories above a file that is to be written', async () => {
    const path = await makeParents(root, './new/dir/file');
    await writeFile(path, 'x');
    expect(path).toBe(join(root, 'new/dir/file'));
    expect(await makeParents(root, '')).toBe(root);
  });

  it('refuses to write through a link or through a file, even where the link stays inside', async () => {
    await symlink('in', join(root, 'alias'));
    await expect(makeParents(root, 'alias/new')).rejects.toThrow(unsafe);
    await expect(makeParents(root, 'secret/new')).rejects.toThrow(unsafe);
  });
});
