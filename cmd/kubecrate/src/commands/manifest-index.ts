/** `kubecrate manifest create` and `add`: an index of the store and its children. */

import { Readable } from 'node:stream';
import { copyImages, readContent, readManifest } from '@kubecrate/content';
import { KubecrateError, NotFoundError } from '@kubecrate/errors';
import type { ImageStore } from '@kubecrate/image-store';
import {
  type Descriptor,
  descriptorOf,
  formatPlatform,
  MEDIA_TYPES,
  parseImageConfig,
  parseReference,
  platformOfConfig,
  withDefaultTag,
} from '@kubecrate/oci';
import { parseReferenceArgument } from '../arguments.ts';
import type { Context } from '../context.ts';
import { refuseFailed } from '../copy-outcome.ts';
import type { TransferOptions } from '../options.ts';
import { openReporter } from '../reporters/reporter.ts';
import { writeJson } from '../text.ts';
import { chooseImage } from '../transports/choose-image.ts';
import { parseMember } from '../transports/location.ts';
import { openSource } from '../transports/open-source.ts';
import { openPlaces, type Places } from '../transports/places.ts';

interface Request {
  /** The name of the index. */
  readonly index: string;
  /** Its new children. */
  readonly images: readonly string[];
}

/** @throws KubecrateError ALREADY_EXISTS where the name is taken */
export async function createIndex(
  { existing, ...request }: Request & { readonly existing: 'refuse' | 'replace' },
  options: TransferOptions,
  context: Context,
): Promise<void> {
  await changeIndex(request, options, context, async (store, { signal }) => {
    if (existing === 'refuse' && (await isStored(store, request.index, signal))) {
      throw new KubecrateError(
        'ALREADY_EXISTS',
        `cannot create ${request.index}: the store has an image of that name`,
        {
          hint: 'add to it with: kubecrate manifest add, or take its name with --replace',
        },
      );
    }
    return [];
  });
}

/** @throws NotFoundError; KubecrateError CONFLICT where the name is that of an image of one platform */
export async function addToIndex(request: Request, options: TransferOptions, context: Context): Promise<void> {
  await changeIndex(request, options, context, async (store, { signal }) => {
    const { descriptor } = await store.image(request.index, { signal });
    const { manifest } = await readManifest(store, descriptor, { signal });
    if (manifest.kind === 'index') return manifest.manifests;
    throw new KubecrateError('CONFLICT', `cannot add to ${request.index}: it is an image of one platform`, {
      hint: `make one of several with: kubecrate manifest create INDEX ${request.index}`,
    });
  });
}

type FindChildren = (store: ImageStore, places: Places) => Promise<readonly Descriptor[]>;

async function changeIndex(
  { index, images }: Request,
  options: TransferOptions,
  context: Context,
  before: FindChildren,
): Promise<void> {
  const { signal, cwd, stdout } = context;
  parseReferenceArgument(index);
  using reporter = await openReporter(options.progress, context, { verb: 'copied' });
  await using places = openPlaces(options, context, { signal, onEvent: reporter.onEvent });
  const store = await places.store();
  await using _lease = await store.lease({ signal });
  let children = await before(store, places);
  for (const image of images) {
    children = withChildren(children, await bringChildren(image, store, { places, cwd }));
  }
  const bytes = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: children }, undefined, 2),
  );
  const descriptor = descriptorOf(MEDIA_TYPES.ociIndex, bytes);
  await store.push(descriptor, Readable.from([bytes], { objectMode: false }), { signal });
  await store.tag(descriptor, index, { signal });
  if (options.output === 'json') {
    const { mediaType, digest, size } = descriptor;
    const platforms = children.flatMap(keyOf);
    writeJson(stdout, { image: index, mediaType, digest, size, platforms });
  } else {
    stdout.write(`${descriptor.digest}\n`);
  }
}

/** Copies an image into the store; gives the entries that an index has for it. */
async function bringChildren(
  image: string,
  store: ImageStore,
  { places, cwd }: { readonly places: Places; readonly cwd: string },
): Promise<readonly Descriptor[]> {
  const { signal, onEvent } = places;
  await using source = await openSource(parseMember(image, cwd), places);
  const chosen = await chooseImage(source, image, {
    platforms: undefined,
    reason: 'default',
    indexes: 'whole',
    signal,
  });
  const { digest } = chosen.descriptor;
  const job = { image, source: chosen.source, reference: digest, destination: store, tags: [] };
  refuseFailed(await copyImages([job], { signal, onEvent }), 'add');
  const { manifest } = await readManifest(store, chosen.descriptor, { signal });
  if (manifest.kind === 'index') return manifest.manifests;
  const { mediaType, size } = chosen.descriptor;
  if (!IMAGE_CONFIGS.has(manifest.config.mediaType)) return [{ mediaType, digest, size }];
  const platform = platformOfConfig(parseImageConfig(await readContent(store, manifest.config, { signal })));
  return [{ mediaType, digest, size, ...(platform === undefined ? {} : { platform }) }];
}

/** A child takes the place of those of its platform; attestations of what is gone go with it. */
function withChildren(children: readonly Descriptor[], added: readonly Descriptor[]): readonly Descriptor[] {
  const digests = new Set(added.map(({ digest }) => digest));
  const platforms = new Set(added.flatMap(keyOf));
  const gone = children.filter((child) => digests.has(child.digest) || keyOf(child).some((key) => platforms.has(key)));
  const goneDigests = new Set<string>(gone.map(({ digest }) => digest));
  const kept = children.filter(
    (child) => !gone.includes(child) && !goneDigests.has(child.annotations?.[ATTESTED] ?? ''),
  );
  return [...kept, ...added];
}

const ATTESTED = 'vnd.docker.reference.digest';

/** The platform of a child; none for what only says something about another child. */
function keyOf({ platform }: Descriptor): readonly string[] {
  return platform === undefined || platform.os === 'unknown' ? [] : [formatPlatform(platform)];
}

async function isStored(store: ImageStore, name: string, signal: AbortSignal): Promise<boolean> {
  try {
    await store.resolve(withTag(name), { signal });
    return true;
  } catch (error) {
    if (error instanceof NotFoundError) return false;
    throw error;
  }
}

function withTag(name: string): string {
  const { domain, repository, tag } = withDefaultTag(parseReference(name));
  return `${domain}/${repository}:${tag}`;
}

const IMAGE_CONFIGS: ReadonlySet<string> = new Set([MEDIA_TYPES.ociConfig, MEDIA_TYPES.dockerConfig]);
