import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { extract, pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TarHeader, TarOptions } from './check-tar-header.ts';
import { openDirectoryTree } from './directory-tree.ts';
import { tarEntries, tarIndex } from './tar-entries.ts';
import { tarHeader } from './tar-header.ts';
import type { TarSegment } from './tar-source.ts';
import { type TarInput, writeTar } from './tar-writer.ts';
import { comparePaths, type TreeEntry } from './tree.ts';

const run = promisify(execFile);
const LONG = `${'directory/'.repeat(30)}file`;
const MEDIUM = `${'directory/'.repeat(20)}file`;

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kubecrate-test-'));
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

describe('a tar written here', () => {
  it('is read by the tar of the system: names, modes, times, links, content', async () => {
    const tar = join(root, 'out.tar');
    await writeFile(tar, await buffer(writeTar(SAMPLES)));
    await mkdir(join(root, 'x'));
    await run('tar', ['-xf', tar, '-C', join(root, 'x'), '--same-permissions', '--no-same-owner']);
    const tree = openDirectoryTree(join(root, 'x'));
    const found = (await fromAsync(tree.entries())).map(({ uid, gid, ...rest }) => rest);
    const wanted = SAMPLES.map(({ entry: { uid, gid, ...rest } }) => rest).sort((a, b) => comparePaths(a.path, b.path));
    const paths = new Set(wanted.map(({ path }) => path));
    expect(found.filter(({ path }) => paths.has(path)).map(withoutLinkMode)).toEqual(wanted.map(withoutLinkMode));
    expect(await readFile(join(root, 'x', LONG), 'utf8')).toBe('content');
    const { stdout } = await run('tar', ['--numeric-owner', '-tvf', tar]);
    expect(stdout).toContain('4294967294/3000000');
  });

  it('is read by tar-stream alike', async () => {
    const names: string[] = [];
    const reader = extract();
    reader.on('entry', (header, content, next) => {
      names.push(`${header.name} ${header.linkname ?? ''} ${header.size}`);
      content.on('end', next).resume();
    });
    await pipeline(writeTar(SAMPLES), reader);
    expect(names).toEqual(
      SAMPLES.map(({ entry }) => {
        const slash = entry.type === 'directory' ? '/' : '';
        return `${entry.path}${slash} ${entry.linkTarget ?? ''} ${entry.size}`;
      }),
    );
  });

  it('uses PAX records only where an entry does not fit into ustar', () => {
    const size = (entry: Partial<TreeEntry>): number => tarHeader(file({ ...entry })).byteLength;
    expect(size({ path: 'a'.repeat(100) })).toBe(512);
    expect(size({ path: `${'a'.repeat(155)}/${'b'.repeat(100)}` })).toBe(512);
    expect(size({ size: 8 * 1024 ** 3 - 1, uid: 0o7777777, mtime: 0o77777777777 })).toBe(512);
    expect(size({ path: 'a'.repeat(101) })).toBe(1536);
    expect(size({ path: `${'a'.repeat(156)}/${'b'.repeat(100)}` })).toBe(1536);
    expect(size({ path: 'ä' })).toBe(1536);
    expect(size({ size: 8 * 1024 ** 3 })).toBe(1536);
    expect(size({ mtime: -1 })).toBe(1536);
  });

  it('refuses a device, and a file that is longer or shorter than its entry', async () => {
    expect(() => tarHeader({ ...file({}), type: 'other' })).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }));
    const wrong = (size: number): Readable =>
      writeTar([{ entry: file({ size }), open: async () => Readable.from([Buffer.from('abc')]) }]);
    await expect(buffer(wrong(2))).rejects.toMatchObject({ code: 'SIZE_MISMATCH' });
    await expect(buffer(wrong(4))).rejects.toMatchObject({ code: 'SIZE_MISMATCH' });
  });

  it('comes back as it went in, whatever the names and numbers', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(anyInput(), { selector: ({ entry }) => entry.path, maxLength: 8 }),
        async (inputs) => {
          const bytes = await buffer(writeTar(inputs.map(({ entry, content }) => input(entry, content))));
          const seen = await readAll(bytes, { rules: 'layer' });
          expect(seen).toEqual(inputs.map(({ entry, content }) => ({ header: entry, content })));
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('tarIndex', () => {
  it('finds the same entries however a tar is cut into segments of memory and of files', async () => {
    const bytes = await buffer(writeTar(SAMPLES));
    const path = join(root, 'all.tar');
    await writeFile(path, bytes);
    const wanted = await fromAsync(tarIndex(path));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: bytes.length })), async (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const segments = edges.slice(1).map((end, i) => segmentOf(path, bytes, edges[i]!, end, i));
        expect(await fromAsync(tarIndex(segments))).toEqual(wanted);
      }),
      { numRuns: 30 },
    );
  });

  it('names the file that is not there', async () => {
    await expect(fromAsync(tarIndex(join(root, 'none')))).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining(join(root, 'none')),
    });
  });
});

describe('a tar of the tar program', () => {
  beforeEach(async () => {
    await mkdir(join(root, 'in', MEDIUM, '..'), { recursive: true });
    await writeFile(join(root, 'in', MEDIUM), 'x'.repeat(1000));
    await writeFile(join(root, 'in/ünï'), '');
    await symlink(MEDIUM, join(root, 'in/link'));
    await run('ln', [join(root, 'in/ünï'), join(root, 'in/hard')]);
    await chmod(join(root, 'in/ünï'), 0o4751);
    await utimes(join(root, 'in/ünï'), 1, 5_000_000_000);
  });

  for (const format of ['gnu', 'pax', 'posix', 'ustar', 'oldgnu']) {
    it(`is read in the format ${format}`, async () => {
      const tar = join(root, `${format}.tar`);
      // A ustar header has no place for a link target of this length.
      const skipLong = format === 'ustar' ? ['--exclude=./link'] : [];
      await run('tar', [`--format=${format}`, '--sort=name', '-cf', tar, '-C', join(root, 'in'), ...skipLong, '.']);
      const seen = await readAll(await readFile(tar), {});
      const indexed = await fromAsync(tarIndex(tar));
      expect(indexed.map(({ header }) => header)).toEqual(seen.map(({ header }) => header));
      const byPath = new Map(seen.map((entry) => [entry.header.path, entry]));
      expect(byPath.get(MEDIUM)?.content.toString()).toBe('x'.repeat(1000));
      expect(byPath.get('hard')?.header).toMatchObject({ type: 'file', mode: 0o4751, mtime: 5_000_000_000 });
      expect(byPath.get('ünï')?.header).toMatchObject({ type: 'link', linkTarget: 'hard' });
      if (format !== 'ustar') expect(byPath.get('link')?.header).toMatchObject({ type: 'symlink', linkTarget: MEDIUM });
      const { offset, header } = indexed.find((entry) => entry.header.path === MEDIUM)!;
      expect((await readFile(tar)).subarray(offset, offset + header.size).toString()).toBe('x'.repeat(1000));
    });
  }

  it('is refused where it holds a sparse file', async () => {
    await run('truncate', ['-s', '1M', join(root, 'in/sparse')]);
    for (const format of ['gnu', 'pax']) {
      const tar = join(root, `${format}.tar`);
      await run('tar', [`--format=${format}`, '-S', '-cf', tar, '-C', join(root, 'in'), 'sparse']);
      await expect(fromAsync(tarIndex(tar))).rejects.toThrow('it holds a sparse file');
    }
  });
});

describe('a tar written by tar-stream', () => {
  it('is read, its base-256 sizes and PAX names included', async () => {
    const writer = pack();
    writer.entry({ name: 'ä/'.repeat(60), type: 'directory' });
    writer.entry({ name: 'a', mtime: new Date(7000), mode: 0o600 }, 'text');
    writer.finalize();
    expect((await readAll(await buffer(writer), {})).map(({ header }) => header)).toMatchObject([
      { path: Array(60).fill('ä').join('/'), type: 'directory' },
      { path: 'a', mtime: 7, mode: 0o600, size: 4 },
    ]);
    const huge = tarHeader(file({ path: 'huge' }));
    Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0]).copy(huge, 124);
    await expect(readAll(withChecksum(huge), {})).rejects.toThrow('it ends early');
  });
});

const SAMPLES: readonly TarInput[] = [
  input({ ...file({ path: 'empty', mode: 0o600, mtime: 1 }) }, Buffer.alloc(0)),
  input({ ...file({ path: 'block', mode: 0o4755, mtime: 2_000_000_000 }) }, Buffer.alloc(512, 'b')),
  input({ ...file({ path: LONG, uid: 4294967294, gid: 3000000 }) }, Buffer.from('content')),
  input({ ...file({ path: 'dir', type: 'directory', mode: 0o751, mtime: 12345 }) }, Buffer.alloc(0)),
  input({ ...file({ path: 'dir/ünï\ncode', mtime: 5_000_000_000 }) }, Buffer.from('x')),
  input({ ...file({ path: 'dir/link', type: 'symlink', linkTarget: `../${LONG}` }) }, Buffer.alloc(0)),
  input({ ...file({ path: 'ß', type: 'symlink', linkTarget: 'ü' }) }, Buffer.alloc(0)),
];

function file(entry: Partial<TreeEntry>): TreeEntry {
  return { path: 'a', type: 'file', size: 0, mode: 0o644, uid: 0, gid: 0, mtime: 0, ...entry };
}

function input(entry: TreeEntry, content: Buffer): TarInput {
  return { entry: { ...entry, size: content.byteLength }, open: async () => Readable.from([content]) };
}

function anyInput(): fc.Arbitrary<{ entry: TreeEntry; content: Buffer }> {
  const part = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 80 })
    .map((text) => text.replace(/[/\\\0:]/g, '_'))
    .filter((text) => text !== '.' && text !== '..');
  const path = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'));
  const big = fc.nat({ max: 2 ** 32 - 2 });
  const common = {
    path,
    mode: fc.nat({ max: 0o7777 }),
    uid: big,
    gid: big,
    mtime: fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
  };
  return fc.oneof(
    fc.record({ ...common, data: fc.uint8Array({ maxLength: 1500 }) }).map(({ data, ...rest }) => ({
      entry: { ...rest, type: 'file' as const, size: data.byteLength },
      content: Buffer.from(data),
    })),
    fc
      .record(common)
      .map((rest) => ({ entry: { ...rest, type: 'directory' as const, size: 0 }, content: Buffer.alloc(0) })),
    fc.record({ ...common, linkTarget: path }).map((rest) => ({
      entry: { ...rest, type: 'symlink' as const, size: 0 },
      content: Buffer.alloc(0),
    })),
  );
}

async function readAll(bytes: Buffer, options: TarOptions): Promise<{ header: TarHeader; content: Buffer }[]> {
  const seen: { header: TarHeader; content: Buffer }[] = [];
  for await (const { header, content } of tarEntries(Readable.from(chunked(bytes)), options)) {
    seen.push({ header, content: await buffer(content) });
  }
  return seen;
}

/** Pieces that do not fall together with blocks. */
function* chunked(bytes: Buffer): Generator<Buffer> {
  for (let i = 0; i < bytes.byteLength; i += 777) yield bytes.subarray(i, i + 777);
}

function withChecksum(block: Buffer): Buffer {
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

function segmentOf(path: string, bytes: Buffer, from: number, to: number, index: number): TarSegment {
  if (index % 2 === 0) return { kind: 'literal', bytes: bytes.subarray(from, to) };
  return { kind: 'file', path, offset: from, length: to - from };
}

/** Links have the mode that the system gives them. */
function withoutLinkMode<T extends { type: string; mode: number }>(entry: T): T {
  return entry.type === 'symlink' ? { ...entry, mode: 0o777 } : entry;
}

async function fromAsync<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
