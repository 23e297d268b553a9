import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type TarHeader, type TarInput, writeTar } from '@kubecrate/files';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changedFiles } from './changed-files.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kubecrate-changed-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const ATTRIBUTES = { mode: 0o644, uid: 1, gid: 2, mtime: 3 };
const file = (path: string, content: string): TarInput => ({
  entry: { ...ATTRIBUTES, path, type: 'file', size: content.length },
  bytes: Buffer.from(content),
});
const link = (path: string, linkTarget: string): TarInput => ({
  entry: { ...ATTRIBUTES, path, type: 'link', size: 0, linkTarget },
});

/** What comes of an export: `path type content-or-target`, in the order of the paths. */
async function changedOf(exported: readonly TarInput[], changed: readonly string[]): Promise<readonly string[]> {
  let exports = 0;
  const inputs = await changedFiles(
    {
      changed,
      export: async () => {
        exports += 1;
        return writeTar(exported);
      },
    },
    { spool: join(directory, 'spool'), mtime: 7, signal: undefined },
  );
  expect(exports).toBeLessThan(3);
  const lines = inputs.map(async ({ entry, open }) => {
    expect(entry.mtime).toBe(7);
    return `${entry.path} ${entry.type} ${open === undefined ? (entry.linkTarget ?? '') : await text(await open())}`;
  });
  return (await Promise.all(lines)).sort();
}

describe('the changed files of a container', () => {
  it('are those that were named, with their content', async () => {
    const exported = [file('a', 'one'), file('b', 'two'), file('c', 'three'), file('empty', '')];
    expect(await changedOf(exported, ['a', 'c', 'empty'])).toEqual(['a file one', 'c file three', 'empty file ']);
  });

  it('keep links that lead anywhere', async () => {
    const target: TarHeader = { ...ATTRIBUTES, path: 'l', type: 'symlink', size: 0, linkTarget: '/etc/../../passwd' };
    expect(await changedOf([{ entry: target }], ['l'])).toEqual(['l symlink /etc/../../passwd']);
  });

  it('are one file and links to it where they are hard links, whatever the order of the engine', async () => {
    const expected = ['a file one', 'm link a', 'z link a'];
    expect(await changedOf([file('m', 'one'), link('z', 'm'), link('a', 'z')], ['z', 'a', 'm'])).toEqual(expected);
    expect(await changedOf([file('a', 'one'), link('m', 'a'), link('z', 'a')], ['a', 'm', 'z'])).toEqual(expected);
  });

  it('bring the content of a file that did not change but got a new name', async () => {
    const exported = [file('a', 'x'), file('old', 'content'), link('new', 'old'), link('newer', 'old')];
    expect(await changedOf(exported, ['new', 'newer'])).toEqual(['new file content', 'newer link new']);
  });

  it('leave out what the export has not', async () => {
    expect(await changedOf([file('a', 'one')], ['a', 'dev/console'])).toEqual(['a file one']);
  });

  it('fail where the export breaks off, and stop with the signal', async () => {
    const broken = Readable.from([Buffer.alloc(100, 1)], { objectMode: false });
    const options = { spool: join(directory, 'spool'), mtime: 0, signal: undefined };
    await expect(changedFiles({ changed: ['a'], export: async () => broken }, options)).rejects.toMatchObject({
      code: 'INVALID_ARCHIVE',
    });
    const reason = new Error('enough');
    const stopped = { ...options, signal: AbortSignal.abort(reason) };
    const exported = async () => writeTar([file('a', 'one')]);
    await expect(changedFiles({ changed: ['a'], export: exported }, stopped)).rejects.toBe(reason);
  });
});
