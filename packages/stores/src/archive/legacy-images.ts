/** `repositories`: what docker save wrote before version 1.10, one directory a layer, each with the image that ends there. */

import type { OperationOptions } from '@kubecrate/content';
import { descriptorOf, expectObject, type Fields, MEDIA_TYPES, optionalString, parseJsonObject } from '@kubecrate/oci';
import type { StoredFiles } from '../files/stored-files.ts';
import { invalidArchive, requiredFile } from './archive-file.ts';
import { readLayer } from './archive-layer.ts';
import { wholeName } from './docker-images.ts';
import { type MadeContent, type MadeImage, MadeImages } from './made-images.ts';

export const LEGACY_FILE = 'repositories';

/** Reads the images of an archive; a configuration of today's form is made for each, and every layer is read once. */
export async function readLegacyImages(files: StoredFiles, options: OperationOptions): Promise<MadeImages> {
  const images: MadeImage[] = [];
  for (const [id, names] of await taggedIds(files)) images.push(await readImage(files, id, names, options));
  return new MadeImages(files, images);
}

/** The image ids that have names, with the names. */
async function taggedIds(files: StoredFiles): Promise<ReadonlyMap<string, readonly string[]>> {
  const bytes = await requiredFile(files, LEGACY_FILE);
  try {
    const ids = new Map<string, string[]>();
    for (const [repository, tags] of Object.entries(parseJsonObject(bytes, LEGACY_FILE))) {
      for (const [tag, id] of Object.entries(expectObject(tags, `${LEGACY_FILE}[${JSON.stringify(repository)}]`))) {
        ids.set(String(id), [...(ids.get(String(id)) ?? []), wholeName(`${repository}:${tag}`)]);
      }
    }
    return ids;
  } catch (cause) {
    throw invalidArchive(files.where, `its file ${LEGACY_FILE} cannot be read`, cause);
  }
}

async function readImage(
  files: StoredFiles,
  id: string,
  names: readonly string[],
  options: OperationOptions,
): Promise<MadeImage> {
  const chain = await chainOf(files, id);
  const layers: MadeContent[] = [];
  for (const { id: layer } of chain)
    layers.push(await readLayer(files, `${layer}/layer.tar`, { diffId: undefined, ...options }));
  const config = Buffer.from(JSON.stringify(configOf(chain, layers)));
  return { config: { descriptor: descriptorOf(MEDIA_TYPES.ociConfig, config), bytes: config }, layers, names };
}

interface Step {
  readonly id: string;
  readonly json: Fields;
}

/** From the base to the image. */
async function chainOf(files: StoredFiles, top: string): Promise<readonly Step[]> {
  const chain: Step[] = [];
  const seen = new Set<string>();
  for (let id: string | undefined = top; id !== undefined; ) {
    if (!/^[a-f0-9]{64}$/.test(id)) throw invalidArchive(files.where, `${JSON.stringify(id)} is no image id`);
    if (seen.has(id) || seen.size === MAX_LAYERS) {
      throw invalidArchive(files.where, `image ${top} has itself or more than ${MAX_LAYERS} layers under it`);
    }
    seen.add(id);
    const json: Fields = parseJsonObject(await requiredFile(files, `${id}/json`), `${id}/json`);
    chain.unshift({ id, json });
    id = optionalString(json, 'parent', `${id}/json`);
  }
  return chain;
}

/** Docker's own limit is 127. */
const MAX_LAYERS = 1024;

function configOf(chain: readonly Step[], layers: readonly MadeContent[]): object {
  const { architecture, os, created, author, config } = chain.at(-1)?.json ?? {};
  return {
    architecture: architecture ?? 'amd64',
    os: os ?? 'linux',
    ...(created === undefined ? {} : { created }),
    ...(author === undefined ? {} : { author }),
    ...(config === undefined ? {} : { config }),
    rootfs: { type: 'layers', diff_ids: layers.map(({ descriptor }) => descriptor.digest) },
    history: chain.map(({ json }) => ({
      ...(json['created'] === undefined ? {} : { created: json['created'] }),
      ...(json['author'] === undefined ? {} : { author: json['author'] }),
    })),
  };
}
