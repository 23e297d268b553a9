import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { FetchOptions, Namespace, ReadOnlyTarget } from '@kubecrate/content';
import { image, memoryNamespace, pushImage, wrapping } from '@kubecrate/content/testing';
import type { Descriptor, Digest } from '@kubecrate/oci';
import { startServer } from '@kubecrate/server';
import { layoutBlobPath } from '@kubecrate/stores';
import { describe, expect, test } from 'vitest';
import { openWorkspace, type Running } from './kubecrate.ts';

const app = image({ seed: 'app', layers: [{ seed: 'small' }, { seed: 'large', size: 3_000_000 }] });
const large = app.layers[1]!;

/** A registry that gives a third of one layer and then holds on, until it is told to go on; and how often it was asked for it. */
function holdingRegistry(digest: Digest): {
  namespace: Namespace;
  release: () => void;
  held: Promise<void>;
  starts: number[];
} {
  const memory = memoryNamespace();
  const starts: number[] = [];
  let hold = true;
  let tell = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const holding = (target: ReadOnlyTarget): ReadOnlyTarget => {
    const fetch = async (descriptor: Descriptor, options: FetchOptions = {}): Promise<Readable> => {
      const content = await target.fetch(descriptor, options);
      if (descriptor.digest !== digest) return content;
      starts.push(options.start ?? 0);
      if (!hold) return content;
      content.destroy();
      const first = large.bytes.subarray(0, 1_000_000);
      async function* part(): AsyncGenerator<Uint8Array> {
        yield first;
        tell();
        await new Promise(() => undefined);
      }
      return Readable.from(part(), { objectMode: false });
    };
    return wrapping<ReadOnlyTarget>(target, { fetch });
  };
  const namespace: Namespace = {
    repository: (name) => (name === 'app' ? holding(memory.repository(name)) : memory.repository(name)),
    repositories: (options) => memory.repositories(options),
  };
  const release = (): void => {
    hold = false;
  };
  return { namespace, release, held, starts };
}

/** Waits until a run printed a line of JSON that holds `text`. */
async function sawEvent({ child, ended }: Running, text: string): Promise<void> {
  let seen = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    seen += String(chunk);
  });
  const over = ended.then(({ stderr }) => {
    throw new Error(`ended before ${text}: ${stderr}`);
  });
  while (!seen.includes(text)) await Promise.race([once(child.stderr!, 'data'), over]);
}

/** Some of the large layer is on disk. */
const PARTLY = `"type":"progress","digest":"${large.descriptor.digest}"`;

describe('Ctrl-C in the middle of a pull', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    '(%s) ends at once, leaves a store that is whole, and the next run finishes',
    async (signal) => {
      const { namespace, release, held, starts } = holdingRegistry(large.descriptor.digest);
      await pushImage(namespace.repository('app') as never, app, '1');
      await using server = await startServer(namespace);
      await using workspace = await openWorkspace();
      const pull = ['pull', '--platform', 'linux/amd64', '--progress', 'json', `${server.host}/app:1`];
      const run = workspace.start(pull);
      await Promise.all([held, sawEvent(run, PARTLY)]);
      run.child.kill(signal);
      const { code, stdout, stderr } = await run.ended;
      expect(code).toBe(130);
      expect(stdout).toBe('');
      expect(JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '')).toEqual({
        type: 'error',
        code: 'ABORTED',
        message: `stopped by ${signal}`,
        hint: 'run the same command again to go on from there',
      });
      expect(await readdir(join(workspace.store, 'blobs', 'sha256')).catch(() => [])).not.toContain(
        layoutBlobPath(large.descriptor.digest).split('/').at(-1),
      );
      await workspace.ok(['verify']);
      expect(await workspace.ok(['images', '-q'])).toBe('');
      release();
      await workspace.ok(pull);
      expect(starts.at(-1), 'the first byte asked for in the second run').toBeGreaterThan(0);
      await workspace.ok(['verify', `${server.host}/app:1`]);
      await workspace.ok(['prune']);
      await workspace.ok(['verify', `${server.host}/app:1`]);
    },
  );

  test('is what the time limit of the configuration does too, with exit code 1', async () => {
    const { namespace } = holdingRegistry(large.descriptor.digest);
    await pushImage(namespace.repository('app') as never, app, '1');
    await using server = await startServer(namespace);
    await using workspace = await openWorkspace();
    await mkdir(join(workspace.home, '.config/kubecrate'), { recursive: true });
    await writeFile(join(workspace.home, '.config/kubecrate/config.json'), '{"image-opt-timeout": "2s"}');
    const { code, stderr } = await workspace.run(['pull', '--platform', 'linux/amd64', `${server.host}/app:1`]);
    expect(code).toBe(1);
    expect(stderr).toContain('stopped after 2 s, the image-opt-timeout of');
    await workspace.ok(['verify']);
  });
});

describe('kill -9 in the middle of a pull', () => {
  test('leaves a store that is whole, and the next run finishes', async () => {
    const { namespace, release, held, starts } = holdingRegistry(large.descriptor.digest);
    await pushImage(namespace.repository('app') as never, app, '1');
    await using server = await startServer(namespace);
    await using workspace = await openWorkspace();
    const pull = ['pull', '--platform', 'linux/amd64', '--progress', 'json', `${server.host}/app:1`];
    const run = workspace.start(pull);
    await Promise.all([held, sawEvent(run, PARTLY)]);
    run.child.kill('SIGKILL');
    await run.ended;
    await workspace.ok(['verify']);
    release();
    await workspace.ok(pull);
    expect(starts.at(-1), 'the first byte asked for in the second run').toBeGreaterThan(0);
    await workspace.ok(['verify', `${server.host}/app:1`]);
  });
});
