/** Opening what `copy` reads from. */

import { tmpdir } from 'node:os';
import type { OperationOptions, ReadOnlyTarget } from '@kubecrate/content';
import { KubecrateError } from '@kubecrate/errors';
import {
  type Descriptor,
  formatReference,
  parseReference,
  type Reference,
  tagOrDigest,
  withDefaultTag,
} from '@kubecrate/oci';
import {
  type NamedImage,
  openArchive,
  openKubekeyDirectory,
  openOciLayout,
  openRegistryDirectory,
} from '@kubecrate/stores';
import { leaseImages } from '../lease-images.ts';
import { spelledOut } from '../spelled-out.ts';
import type { FileTransport, Location } from './location.ts';
import type { Places } from './places.ts';
import { repositoryName } from './repository-name.ts';

/** An image that can be read until this is disposed of. */
export interface OpenSource extends AsyncDisposable {
  readonly target: ReadOnlyTarget;
  readonly descriptor: Descriptor;
  /** The whole name of the image, where the source knows one. */
  readonly reference: Reference | undefined;
}

/** @throws NotFoundError; KubecrateError USAGE where several images may be meant */
export async function openSource(location: Location, places: Places): Promise<OpenSource> {
  const { signal } = places;
  if (location.transport === 'docker') {
    const reference = withDefaultTag(location.reference);
    const target = (await places.registries()).repository(reference.domain, reference.repository);
    return opened(target, await target.resolve(tagOrDigest(reference), { signal }), reference);
  }
  if (location.transport === 'docker-daemon') {
    const reference = withDefaultTag(location.reference);
    const engine = await places.engine();
    const saved = await engine.save(formatReference(reference), { temporaryDirectory: tmpdir(), signal });
    return await orDispose(saved, async () => {
      const { descriptor } = onlyImage(await saved.images({ signal }), location.text);
      return { ...opened(saved, descriptor, reference), [Symbol.asyncDispose]: () => saved[Symbol.asyncDispose]() };
    });
  }
  if (location.transport === 'store') return await openStored(location, places);
  return await OPENERS[location.transport](location.path, location, { signal });
}

type FileLocation = Extract<Location, { readonly transport: FileTransport }>;
type Opener = (path: string, location: FileLocation, options: OperationOptions) => Promise<OpenSource>;

const openArchived: Opener = async (path, { transport, name, text }, { signal }) => {
  const format = transport === 'docker-archive' ? 'docker-archive' : 'oci-archive';
  const archive = await openArchive(path, { format, signal, temporaryDirectory: tmpdir() });
  return await orDispose(archive, async () => ({
    ...(await imageOf(archive, { images: await archive.images({ signal }), name, text }, { signal })),
    [Symbol.asyncDispose]: () => archive[Symbol.asyncDispose](),
  }));
};

const OPENERS: Readonly<Record<FileTransport, Opener>> = {
  'oci-archive': openArchived,
  'docker-archive': openArchived,
  oci: async (path, { name, text }, options) => {
    const layout = await openOciLayout(path, { access: 'read', ...options });
    return await imageOf(layout, { images: await layout.images(options), name, text }, options);
  },
  'registry-dir': async (path, { name, text }, options) => {
    const { repository, reference } = repositoryName(name, text);
    const target = (await openRegistryDirectory(path, { access: 'read' })).repository(repository);
    return opened(target, await target.resolve(reference, options), undefined);
  },
  kubekey: async (path, { name, text }, options) => {
    if (name === undefined) throw unnamed(text);
    const reference = withDefaultTag(parseReference(name));
    const directory = await openKubekeyDirectory(path, { access: 'read' });
    const target = directory.repository(`${reference.domain}/${reference.repository}`);
    return opened(target, await target.resolve(tagOrDigest(reference), options), reference);
  },
};

async function openStored(
  { name, text }: Extract<Location, { transport: 'store' }>,
  places: Places,
): Promise<OpenSource> {
  const { signal } = places;
  if (name === undefined) throw unnamed(text);
  const store = await places.store();
  const { descriptor, names } = await store.image(name, { signal });
  const lease = await leaseImages(store, [descriptor], { signal });
  const whole = names.find((known) => known === spelledOut(name)) ?? (names.length === 1 ? names[0] : undefined);
  return {
    ...(whole === undefined
      ? opened(store, descriptor, undefined)
      : opened(store.beside(whole), descriptor, parseReference(whole))),
    [Symbol.asyncDispose]: () => lease[Symbol.asyncDispose](),
  };
}

/** The image that is named, or the only one there is. */
async function imageOf(
  target: ReadOnlyTarget,
  {
    images,
    name,
    text,
  }: { readonly images: readonly NamedImage[]; readonly name: string | undefined; readonly text: string },
  options: OperationOptions,
): Promise<OpenSource> {
  if (name !== undefined) return opened(target, await target.resolve(name, options), wholeName(name));
  const { descriptor, names } = onlyImage(images, text);
  return opened(
    target,
    descriptor,
    names.map(wholeName).find((found) => found !== undefined),
  );
}

function onlyImage(images: readonly NamedImage[], text: string): NamedImage {
  const [only, ...others] = images;
  if (only !== undefined && others.length === 0) return only;
  const names = images.flatMap((image) => image.names);
  throw new KubecrateError('USAGE', `${JSON.stringify(text)} holds ${images.length} images and names none`, {
    hint: `append :NAME${names.length === 0 ? '' : `; it has ${names.slice(0, 20).join(', ')}`}`,
  });
}

/** A layout may call an image by a tag alone, which says nothing of its repository. */
function wholeName(name: string): Reference | undefined {
  return /[/:@]/.test(name) && spelledOut(name) !== undefined ? withDefaultTag(parseReference(name)) : undefined;
}

function unnamed(text: string): KubecrateError {
  return new KubecrateError('USAGE', `${JSON.stringify(text)} names no image`, { hint: 'append :NAME of the image' });
}

function opened(target: ReadOnlyTarget, descriptor: Descriptor, reference: Reference | undefined): OpenSource {
  return { target, descriptor, reference, [Symbol.asyncDispose]: async () => undefined };
}

async function orDispose<T>(resource: AsyncDisposable, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    await resource[Symbol.asyncDispose]();
    throw error;
  }
}
