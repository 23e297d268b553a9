import { readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAtomicFile } from './atomic-file.ts';
import { checkDestination } from './check-destination.ts';
import { type TempDirectory, tempDirectory } from './directories.ts';

let directory: TempDirectory;

beforeEach(async () => {
  directory = await tempDirectory(tmpdir());
});

afterEach(async () => {
  await directory[Symbol.asyncDispose]();
});

describe('checkDestination', () => {
  it('lets a new file and the replacement of a file pass', async () => {
    const path = join(directory.path, 'a.tar');
    await checkDestination(path);
    await writeFile(path, 'old');
    await checkDestination(path);
  });

  it('names the directory that is missing or is a file', async () => {
    await expect(checkDestination(join(directory.path, 'none/a.tar'))).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining(`there is no directory "${directory.path}/none"`),
    });
    await writeFile(join(directory.path, 'file'), '');
    await expect(checkDestination(join(directory.path, 'file/a.tar'))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(`"${directory.path}/file" is a file, not a directory`),
    });
  });

  it('refuses a directory', async () => {
    await expect(checkDestination(directory.path)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('it is a directory, not a file'),
    });
  });
});

describe('openAtomicFile', () => {
  it('does not take the name of a device away, nor of a link that leads to one', async () => {
    const link = join(directory.path, 'out');
    await symlink('/dev/null', link);
    await expect(openAtomicFile(link)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: `cannot write "${link}": it is a device, a pipe or a socket, not a file`,
    });
    expect(await readlink(link)).toBe('/dev/null');
    expect((await stat('/dev/null')).isCharacterDevice()).toBe(true);
  });
});
