/** What `serve` serves: a registry directory where there is one, else the images themselves. */

import { tmpdir } from 'node:os';
import { type Namespace, type OperationOptions, type ReadOnlyTarget, readManifest } from '@kubecrate/content';
import { hasCode, KubecrateError, NotFoundError } from '@kubecrate/errors';
import { type Descriptor, MEDIA_TYPES, type Platform } from '@kubecrate/oci';
import { openImageTree } from '@kubecrate/packer';
import { openArchive, openOciLayout, openRegistryDirectory } from '@kubecrate/stores';
import { type ImageSource, imagesNamespace } from './images-namespace.ts';
import { leaseImages } from './lease-images.ts';
import { registryInTree } from './registry-in-tree.ts';
import { type ImageChoice, selectManifest } from './stored-platforms.ts';
import type { Subject } from './subject.ts';

/** Repositories to serve, until they are disposed of. */
export interface ServedContent extends AsyncDisposable {
  readonly namespace: Namespace<ReadOnlyTarget>;
}

export interface ServeContentOptions extends OperationOptions {
  readonly access: 'read-only' | 'writable';
  /** The platform of a cluster image, where several are stored. */
  readonly wanted: Platform | undefined;
  readonly machine: Platform;
}

/** @throws KubecrateError UNSUPPORTED where it cannot be written; NotFoundError where there is nothing to serve */
export async function openServedContent(subject: Subject, options: ServeContentOptions): Promise<ServedContent> {
  const { access, signal } = options;
  if (subject.kind === 'registry-directory') return served(await openDirectory(subject, access));
  if (access === 'writable') {
    throw readOnlyContent(subject.kind, subject.kind === 'image' ? subject.name : subject.path);
  }
  if (subject.kind === 'image') {
    const { store, image, name } = subject;
    const images = [{ descriptor: image.descriptor, names: image.names }];
    return await holding(await leaseImages(store, [image.descriptor], { signal }), () =>
      openImages({ content: store, images, path: name }, options),
    );
  }
  const { path } = subject;
  if (subject.kind === 'layout') {
    const layout = await openOciLayout(path, { access: 'read', signal });
    return await openImages({ content: layout, images: await layout.images({ signal }), path }, options);
  }
  return await holding(await openArchive(path, { signal, temporaryDirectory: tmpdir() }), async (archive) =>
    openImages({ content: archive, images: await archive.images({ signal }), path }, options),
  );
}

/** The error for what cannot be served writable. */
export function readOnlyContent(kind: Exclude<Subject['kind'], 'registry-directory'>, name: string): KubecrateError {
  const what = { image: 'an image', archive: 'an archive', layout: 'an OCI layout' }[kind];
  return new KubecrateError(
    'UNSUPPORTED',
    `cannot serve ${JSON.stringify(name)} with --writable: ${what} is read-only, only a registry directory can be written`,
    {
      hint: `${kind === 'image' ? '' : 'load it, then '}unpack the image with: kubecrate unpack IMAGE DIR, and serve DIR`,
    },
  );
}

async function openDirectory(
  { path, state }: Extract<Subject, { kind: 'registry-directory' }>,
  access: ServeContentOptions['access'],
): Promise<Namespace<ReadOnlyTarget>> {
  if (access === 'writable') return await openRegistryDirectory(path, { access: 'write' });
  if (state === 'filled') return await openRegistryDirectory(path, { access: 'read' });
  throw new NotFoundError(`${JSON.stringify(path)} holds no registry: it has no docker/registry/v2 and no oci-layout`, {
    hint: 'give the directory that holds docker/registry/v2, or serve an empty one with --writable',
  });
}

/** A cluster image alone is served as the registry in it; everything else as it is. */
async function openImages(source: ImageSource, options: ServeContentOptions): Promise<ServedContent> {
  const [image, ...others] = source.images;
  if (image === undefined) throw new NotFoundError(`${JSON.stringify(source.path)} holds no image`);
  if (others.length === 0) {
    const choice = { name: image.names[0] ?? image.descriptor.digest, descriptor: image.descriptor };
    const registry = await openRegistryIn(source.content, choice, options);
    if (registry !== undefined) return registry;
  }
  return served(await imagesNamespace(source, options));
}

async function openRegistryIn(
  content: ReadOnlyTarget,
  choice: ImageChoice,
  options: ServeContentOptions,
): Promise<ServedContent | undefined> {
  const image = await selectImage(content, choice, options);
  if (image === undefined) return undefined;
  const tree = await openImageTree(content, image, { tempDirectory: tmpdir(), signal: options.signal });
  return await holding(tree, async () => {
    const registry = await registryInTree(tree, choice.name);
    return registry && served(registry);
  });
}

/** The manifest whose files may hold a registry: none where it is an artifact, or where nobody said which of several platforms is meant. */
async function selectImage(
  content: ReadOnlyTarget,
  choice: ImageChoice,
  options: ServeContentOptions,
): Promise<Descriptor | undefined> {
  try {
    const descriptor = await selectManifest(content, choice, options);
    const { manifest } = await readManifest(content, descriptor, options);
    return manifest.kind === 'manifest' && IMAGE_CONFIGS.has(manifest.config.mediaType) ? descriptor : undefined;
  } catch (error) {
    if (options.wanted === undefined && hasCode(error, 'PLATFORM_MISSING')) return undefined;
    throw error;
  }
}

const IMAGE_CONFIGS: ReadonlySet<string> = new Set([MEDIA_TYPES.ociConfig, MEDIA_TYPES.dockerConfig]);

function served(namespace: Namespace<ReadOnlyTarget>): ServedContent {
  return { namespace, [Symbol.asyncDispose]: async () => undefined };
}

/** Opens something on top of a resource, which lives as long as that does: not at all where nothing comes of it. */
async function holding<R extends AsyncDisposable, T extends ServedContent | undefined>(
  resource: R,
  open: (resource: R) => Promise<T>,
): Promise<T | ServedContent> {
  let opened: T;
  try {
    opened = await open(resource);
  } catch (error) {
    await resource[Symbol.asyncDispose]();
    throw error;
  }
  if (opened === undefined) {
    await resource[Symbol.asyncDispose]();
    return opened;
  }
  const { namespace, [Symbol.asyncDispose]: close } = opened;
  return {
    namespace,
    async [Symbol.asyncDispose]() {
      await close();
      await resource[Symbol.asyncDispose]();
    },
  };
}
