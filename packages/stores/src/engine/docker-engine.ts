/** A Docker-compatible engine (Docker, podman system service): images come out of it and go into it as archives. */

import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type {
  ContainerChanges,
  ContainerEngine,
  ContainerRun,
  OperationOptions,
  ReadOnlyStore,
} from '@kubecrate/content';
import { openAtomicFile, tempDirectory } from '@kubecrate/files';
import { familiarReference, isDigest, parseReference, withDefaultTag } from '@kubecrate/oci';
import type Docker from 'dockerode';
import { archiveStream } from '../archive/archive-stream.ts';
import { ImageArchive } from '../archive/image-archive.ts';
import { openDockerArchive } from '../archive/open-archive.ts';
import type { NamedImage } from '../layout/layout-index.ts';
import type { EngineAddress } from './engine-address.ts';
import { engineError } from './engine-error.ts';
import { engineMessages } from './engine-messages.ts';
import { runContainer } from './run-container.ts';

export interface SaveOptions extends OperationOptions {
  /** Where the archive of the engine lies while it is open. */
  readonly temporaryDirectory: string;
}

export interface LoadOptions extends OperationOptions {
  /** Called with each line that the engine says. */
  readonly onMessage?: ((text: string) => void) | undefined;
}

/** Connects, and makes sure that an engine answers. @throws KubecrateError ENGINE, DENIED */
export async function openDockerEngine(address: EngineAddress, options: OperationOptions = {}): Promise<DockerEngine> {
  options.signal?.throwIfAborted();
  const { default: Dockerode } = await import('dockerode');
  const docker = new Dockerode(connectionOf(address));
  try {
    await docker.ping();
  } catch (error) {
    throw engineError('cannot reach Docker', address, error);
  }
  return new DockerEngine(docker, address);
}

export class DockerEngine implements ContainerEngine {
  readonly #docker: Docker;
  readonly #address: EngineAddress;

  constructor(docker: Docker, address: EngineAddress) {
    this.#docker = docker;
    this.#address = address;
  }

  /**
   * The image of a name or an id, as the engine saves it; its manifest is made anew, its configuration and its layers are the engine's.
   * @throws NotFoundError; KubecrateError ENGINE, INVALID_REFERENCE
   */
  async save(image: string, { temporaryDirectory, signal }: SaveOptions): Promise<ImageArchive> {
    signal?.throwIfAborted();
    const what = `cannot save ${JSON.stringify(image)}`;
    const directory = await tempDirectory(temporaryDirectory);
    try {
      const file = join(directory.path, 'saved.tar');
      await using saved = await openAtomicFile(file);
      const content = (await this.#docker.getImage(engineNameOf(image)).get()) as Readable;
      await pipeline(content, saved.writable(), { ...(signal === undefined ? {} : { signal }) });
      await saved.commit();
      const archive = await openDockerArchive(file, { signal });
      return new ImageArchive(archive.format, archive, directory);
    } catch (error) {
      await directory[Symbol.asyncDispose]();
      signal?.throwIfAborted();
      throw engineError(what, this.#address, error);
    }
  }

  /**
   * Gives images to the engine under their names; nothing is written on the way.
   * @throws KubecrateError ENGINE where the engine refuses, UNSUPPORTED for what no engine takes (several platforms, artifacts)
   */
  async load(store: ReadOnlyStore, images: readonly NamedImage[], options: LoadOptions = {}): Promise<void> {
    const { signal, onMessage } = options;
    signal?.throwIfAborted();
    const what = `cannot load ${images.map(({ names, descriptor }) => names[0] ?? descriptor.digest).join(', ')}`;
    const archive = await archiveStream(store, images, { format: 'docker-archive', signal });
    // What is undefined here would become a part of the query.
    const request = { quiet: true, ...(signal === undefined ? {} : { abortSignal: signal }) };
    try {
      const report = (await this.#docker.loadImage(archive, request)) as Readable;
      for await (const { text } of engineMessages(report, what)) onMessage?.(text);
    } catch (error) {
      signal?.throwIfAborted();
      if (archive.errored !== null) throw archive.errored;
      throw engineError(what, this.#address, error);
    } finally {
      archive.destroy();
    }
  }

  /** Runs a command in a container. @throws KubecrateError ENGINE where it fails, or the engine does */
  async run(request: ContainerRun): Promise<ContainerChanges> {
    request.signal?.throwIfAborted();
    try {
      return await runContainer(this.#docker, request);
    } catch (error) {
      request.signal?.throwIfAborted();
      throw engineError(`cannot run ${JSON.stringify(request.command.join(' '))}`, this.#address, error);
    }
  }
}

function connectionOf(address: EngineAddress): Docker.DockerOptions {
  if (address.kind === 'socket') return { socketPath: address.path };
  const { host, port, tls } = address;
  if (tls === undefined) return { host, port, protocol: 'http' };
  const { ca, cert, key } = tls;
  return {
    host,
    port,
    protocol: 'https',
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

/** How an engine is asked for an image: by id, or by the name it shows. */
function engineNameOf(image: string): string {
  if (isDigest(image) || /^[a-f0-9]{12,64}$/.test(image)) return image;
  return familiarReference(withDefaultTag(parseReference(image)));
}
