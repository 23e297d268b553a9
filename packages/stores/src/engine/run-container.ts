/** Running one command in a container over given files, and telling what it changed. */

import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { ContainerChanges, ContainerRun } from '@kubecrate/content';
import { KubecrateError, redact } from '@kubecrate/errors';
import type Docker from 'dockerode';

/** How much of what a command printed is kept for the message of its failure; characters. */
const KEPT_OUTPUT = 2000;

/** Runs to the end of the command. @throws KubecrateError ENGINE where it exits with another code than 0; what the engine fails with */
export async function runContainer(docker: Docker, request: ContainerRun): Promise<ContainerChanges> {
  const { signal } = request;
  const imageId = await importFiles(docker, request);
  const image = docker.getImage(imageId);
  try {
    signal?.throwIfAborted();
    const container = await createContainer(docker, imageId, request);
    let removal: Promise<unknown> | undefined;
    // Once: an engine refuses to remove what it is removing, and the image has to wait for it.
    const remove = (): Promise<unknown> => {
      removal ??= container.remove({ force: true, v: true });
      return removal;
    };
    const stop = (): void => void remove().catch(() => undefined);
    signal?.addEventListener('abort', stop, { once: true });
    try {
      signal?.throwIfAborted();
      await runToEnd(container, request);
      const changes = (await container.changes()) ?? [];
      return {
        changed: pathsOf(changes, [MODIFIED, ADDED]),
        deleted: pathsOf(changes, [DELETED]),
        export: async () => (await container.export()) as Readable,
        async [Symbol.asyncDispose](): Promise<void> {
          try {
            await remove();
          } finally {
            await image.remove({ force: true });
          }
        },
      };
    } catch (error) {
      await remove().catch(() => undefined);
      throw error;
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  } catch (error) {
    await image.remove({ force: true }).catch(() => undefined);
    signal?.throwIfAborted();
    throw error;
  }
}

/** The engine's numbers for what happened to a path. */
const MODIFIED = 0;
const ADDED = 1;
const DELETED = 2;

function pathsOf(
  changes: readonly { readonly Path: string; readonly Kind: number }[],
  kinds: readonly number[],
): readonly string[] {
  return changes
    .filter(({ Kind }) => kinds.includes(Kind))
    .map(({ Path }) => Path.replace(/^\/+/, ''))
    .sort();
}

/** Gives the files to the engine as an image of one layer; its id. */
async function importFiles(docker: Docker, { rootfs, platform }: ContainerRun): Promise<string> {
  const report = await docker.importImage(rootfs, { platform });
  let last = '';
  for await (const chunk of report as AsyncIterable<Buffer>) last += chunk.toString();
  for (const line of last
    .split('\n')
    .filter((text) => text.trim() !== '')
    .reverse()) {
    const { status, error } = JSON.parse(line) as { status?: string; error?: string };
    if (error !== undefined)
      throw new KubecrateError('ENGINE', `the engine cannot take the files of the image: ${redact(error)}`);
    if (status?.startsWith('sha256:') === true) return status;
  }
  throw new KubecrateError('ENGINE', 'the engine did not say which image it made of the files');
}

function createContainer(
  docker: Docker,
  image: string,
  { command, environment, network }: ContainerRun,
): Promise<Docker.Container> {
  return docker.createContainer({
    Image: image,
    Entrypoint: [],
    Cmd: [...command],
    Env: [...environment],
    WorkingDir: '/',
    AttachStdout: true,
    AttachStderr: true,
    HostConfig: network === 'default' ? {} : { NetworkMode: network },
  });
}

async function runToEnd(container: Docker.Container, { command, onOutput, signal }: ContainerRun): Promise<void> {
  const output = await container.attach({ stream: true, stdout: true, stderr: true });
  const text = new PassThrough();
  const decoder = new StringDecoder('utf8');
  let kept = '';
  text.on('data', (chunk: Buffer) => {
    const part = decoder.write(chunk);
    kept = (kept + part).slice(-KEPT_OUTPUT);
    onOutput(part);
  });
  container.modem.demuxStream(output, text, text);
  const ended = once(output, 'end');
  ended.catch(() => undefined);
  await container.start();
  // Only now: a container that has not run yet counts as one that has ended.
  const { StatusCode } = (await container.wait()) as { StatusCode: number };
  signal?.throwIfAborted();
  await ended;
  if (StatusCode === 0) return;
  throw new KubecrateError(
    'ENGINE',
    `the command ${JSON.stringify(command.join(' '))} ended with code ${StatusCode}${kept === '' ? '' : `; it printed:\n${redact(kept).trimEnd()}`}`,
  );
}
