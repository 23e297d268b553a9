import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { blob, bytesOf, pushBlob, randomBytes, streamOf } from '@kubecrate/content/testing';
import { hexOf, MEDIA_TYPES } from '@kubecrate/oci';
import { describe, expect, test } from 'vitest';
import { currentOwner } from '../staging/owner.ts';
import { findProcess } from '../staging/process-state.ts';
import { Staging } from '../staging/staging.ts';
import { leftoversIn, startChild, temporaryDirectory } from '../testing/index.ts';
import { BlobFiles } from './blob-files.ts';

type Stores = typeof import('../index.ts');

const content = blob(MEDIA_TYPES.ociLayer, randomBytes('blob files', 300_000));
const { descriptor, bytes } = content;

function openBlobs(directory: string): BlobFiles {
  return new BlobFiles(new Staging(directory), (digest) => join(directory, 'blobs', hexOf(digest)));
}

const partial = (directory: string): string => join(directory, '.kubecrate', 'partial');

describe('a broken transfer', () => {
  test('goes on from what an earlier attempt of this process left', async () => {
    await using directory = await temporaryDirectory();
    const blobs = openBlobs(directory.path);
    const broken = blobs.receive(descriptor, async ({ path }) => {
      await writeFile(path, bytes.subarray(0, 100_000));
      throw new Error('reset');
    });
    await expect(broken).rejects.toThrow('reset');
    expect(await blobs.exists(descriptor)).toBe(false);
    let found = -1;
    await blobs.receive(descriptor, async ({ path }) => {
      found = (await stat(path)).size;
      await writeFile(path, bytes);
      return {};
    });
    expect(found).toBe(100_000);
    expect(await leftoversIn(directory.path)).toEqual([]);
  });

  test('goes on from what a killed process left', async () => {
    await using directory = await temporaryDirectory();
    const child = startChild<Stores>(
      new URL('../index.ts', import.meta.url),
      async ({ openOciLayout }, path, text) => {
        const { writeFile: write } = process.getBuiltinModule('node:fs/promises');
        const layout = await openOciLayout(path, { access: 'write' });
        await layout.receive(JSON.parse(text), async (file) => {
          await write(file.path, Buffer.alloc(50_000, 'x'));
          console.log('half');
          return await new Promise(() => setInterval(() => undefined, 1000));
        });
      },
      [directory.path, JSON.stringify(descriptor)],
    );
    await child.wrote('half');
    child.process.kill('SIGKILL');
    await child.ended();
    expect(await readdir(partial(directory.path))).toHaveLength(1);
    let found = '';
    await openBlobs(directory.path).receive(descriptor, async ({ path }) => {
      found = await readFile(path, 'latin1');
      await writeFile(path, bytes);
      return {};
    });
    expect(found).toBe('x'.repeat(50_000));
    expect(await leftoversIn(directory.path)).toEqual([]);
  });

  test('goes on from what a killed process left whose parent never asked how it ended', async () => {
    await using directory = await temporaryDirectory();
    // The shell becomes a program that waits for no child: the one that it started, and that ends after that, stays a zombie.
    const parent = spawn('sh', ['-c', 'sleep 0.3 & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      const [chunk] = (await once(parent.stdout, 'data')) as [Buffer];
      const pid = chunk.toString().trim();
      while (findProcess(Number(pid))?.state !== 'ended') await setTimeout(5);
      await mkdir(partial(directory.path), { recursive: true });
      const name = `${hexOf(descriptor.digest)}.${pid}-0.0123456789ab.part`;
      await writeFile(join(partial(directory.path), name), bytes.subarray(0, 7));
      let found = -1;
      await openBlobs(directory.path).receive(descriptor, async ({ path }) => {
        found = (await stat(path)).size;
        await writeFile(path, bytes);
        return {};
      });
      expect(found).toBe(7);
      expect(await leftoversIn(directory.path)).toEqual([]);
    } finally {
      parent.kill();
    }
  });

  test('never takes over what another living process, or another transfer of this one, is writing', async () => {
    await using directory = await temporaryDirectory();
    await mkdir(partial(directory.path), { recursive: true });
    const parent = `${process.ppid}-0`;
    const others = [parent, currentOwner()].map((owner) => `${hexOf(descriptor.digest)}.${owner}.0123456789ab.part`);
    for (const name of others) await writeFile(join(partial(directory.path), name), 'theirs');
    let found = -1;
    await openBlobs(directory.path).receive(descriptor, async ({ path }) => {
      found = (await stat(path)).size;
      await writeFile(path, bytes);
      return {};
    });
    expect(found).toBe(0);
    expect((await readdir(partial(directory.path))).sort()).toEqual(others.sort());
  });

  test('takes over what an earlier process of the same id left', async () => {
    await using directory = await temporaryDirectory();
    await mkdir(partial(directory.path), { recursive: true });
    const name = `${hexOf(descriptor.digest)}.${process.pid}-earlier.0123456789ab.part`;
    await writeFile(join(partial(directory.path), name), bytes.subarray(0, 7));
    let found = -1;
    await openBlobs(directory.path).receive(descriptor, async ({ path }) => {
      found = (await stat(path)).size;
      return 'declined';
    });
    expect(found).toBe(7);
    expect(await readdir(partial(directory.path))).toHaveLength(1);
  });
});

test('a blob that a power cut left short counts as absent, and the next push replaces it', async () => {
  await using directory = await temporaryDirectory();
  const blobs = openBlobs(directory.path);
  await pushBlob(blobs, content);
  await truncate(join(directory.path, 'blobs', hexOf(descriptor.digest)), 10);
  expect(await blobs.exists(descriptor)).toBe(false);
  await pushBlob(blobs, content);
  expect((await bytesOf(await blobs.fetch(descriptor))).equals(bytes)).toBe(true);
});

test('many pushes of one blob at once leave one file', async () => {
  await using directory = await temporaryDirectory();
  const blobs = openBlobs(directory.path);
  await Promise.all(Array.from({ length: 8 }, () => pushBlob(blobs, content)));
  expect(await readdir(join(directory.path, 'blobs'))).toEqual([hexOf(descriptor.digest)]);
  expect(await leftoversIn(directory.path)).toEqual([]);
});

test('a link shares the file, unless others could not read it', async () => {
  await using directory = await temporaryDirectory();
  const blobs = openBlobs(join(directory.path, 'store'));
  const path = join(directory.path, 'source');
  await writeFile(path, bytes, { mode: 0o600 });
  expect(await blobs.link(descriptor, path)).toBe('declined');
  await rm(path);
  await writeFile(path, bytes, { mode: 0o644 });
  expect(await blobs.link(descriptor, path)).toBe('linked');
  const linked = await stat(join(directory.path, 'store', 'blobs', hexOf(descriptor.digest)));
  expect(linked.ino).toBe((await stat(path)).ino);
});

test('files are readable by every user, whatever the umask', async () => {
  await using directory = await temporaryDirectory();
  const child = startChild<Stores>(
    new URL('../index.ts', import.meta.url),
    async ({ openRegistryDirectory }, path) => {
      const { Readable } = process.getBuiltinModule('node:stream');
      const { createHash } = process.getBuiltinModule('node:crypto');
      process.umask(0o077);
      const registry = await openRegistryDirectory(path, { access: 'write' });
      const digest = `sha256:${createHash('sha256').update('text').digest('hex')}`;
      const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest, size: 4 };
      await registry
        .repository('app')
        .push(layer as never, Readable.from([Buffer.from('text')], { objectMode: false }));
    },
    [join(directory.path, 'registry')],
  );
  expect(await child.ended()).toMatchObject({ code: 0 });
  const root = join(directory.path, 'registry');
  const names = await readdir(root, { recursive: true });
  expect(names.length).toBeGreaterThan(0);
  for (const name of ['', ...names]) {
    const { mode } = await stat(join(root, name));
    expect([name, mode & 0o7777]).toEqual([name, (await stat(join(root, name))).isDirectory() ? 0o755 : 0o644]);
  }
});

test('where a file cannot grow, the push fails and nothing stays', async () => {
  await using directory = await temporaryDirectory();
  const child = startChild<Stores>(
    new URL('../index.ts', import.meta.url),
    async ({ openOciLayout }, path, text) => {
      const { Readable } = process.getBuiltinModule('node:stream');
      const layout = await openOciLayout(path, { access: 'write' });
      const layer = JSON.parse(text);
      try {
        await layout.push(layer, Readable.from([Buffer.alloc(layer.size)], { objectMode: false }));
        console.log('stored');
      } catch (error) {
        console.log(`${(error as { code: string }).code}: ${(error as Error).message}`);
      }
    },
    [directory.path, JSON.stringify(blob(MEDIA_TYPES.ociLayer, Buffer.alloc(3_000_000)).descriptor)],
    { fileSizeLimit: 1024 },
  );
  const { output } = await child.ended();
  expect(output).toMatch(/^NO_SPACE: cannot write ".*\/blobs\/sha256\/[a-f0-9]{64}": file too large/);
  expect(await readdir(directory.path, { recursive: true })).toEqual([]);
});

test('an error of the stream before it is read is an error of the push', async () => {
  await using directory = await temporaryDirectory();
  const stream = streamOf(bytes);
  stream.destroy(new Error('broken before'));
  await expect(openBlobs(directory.path).push(descriptor, stream)).rejects.toThrow('broken before');
  expect(await leftoversIn(directory.path)).toEqual([]);
});
