/** `manifest.json`: what `docker save` has written since version 1.10, and podman, skopeo and others with it. */

import type { OperationOptions } from '@kubecrate/content';
import {
  type Digest,
  descriptorOf,
  expectArray,
  expectObject,
  expectString,
  formatReference,
  MEDIA_TYPES,
  parseImageConfig,
  parseReference,
  withDefaultTag,
} from '@kubecrate/oci';
import type { StoredFiles } from '../files/stored-files.ts';
import { invalidArchive, requiredFile } from './archive-file.ts';
import { readLayer } from './archive-layer.ts';
import { type MadeContent, type MadeImage, MadeImages } from './made-images.ts';

export const DOCKER_MANIFEST_FILE = 'manifest.json';

/** Reads the images of an archive; every layer whose digest its configuration does not give away is read once. */
export async function readDockerImages(files: StoredFiles, options: OperationOptions): Promise<MadeImages> {
  const items = parseDockerManifest(await requiredFile(files, DOCKER_MANIFEST_FILE), files.where);
  const images: MadeImage[] = [];
  for (const item of items) images.push(await readImage(files, item, options));
  return new MadeImages(files, images);
}

/** One image of `manifest.json`. */
export interface DockerManifestItem {
  readonly config: string;
  readonly layers: readonly string[];
  /** Whole references. */
  readonly names: readonly string[];
}

function parseDockerManifest(bytes: Buffer, where: string): readonly DockerManifestItem[] {
  try {
    return expectArray(JSON.parse(bytes.toString('utf8')), DOCKER_MANIFEST_FILE).map((value, i) => {
      const at = `${DOCKER_MANIFEST_FILE}[${i}]`;
      const item = expectObject(value, at);
      const tags = expectArray(item['RepoTags'] ?? [], `${at}.RepoTags`);
      return {
        config: expectString(item, 'Config', at),
        layers: expectArray(item['Layers'] ?? [], `${at}.Layers`).map(String),
        names: tags.map((tag) => wholeName(String(tag))),
      };
    });
  } catch (cause) {
    throw invalidArchive(where, `its ${DOCKER_MANIFEST_FILE} cannot be read`, cause);
  }
}

async function readImage(files: StoredFiles, item: DockerManifestItem, options: OperationOptions): Promise<MadeImage> {
  const bytes = await requiredFile(files, item.config);
  const diffIds = diffIdsOf(bytes, item.config, files.where);
  if (diffIds.length !== item.layers.length) {
    throw invalidArchive(
      files.where,
      `image ${item.config} has ${item.layers.length} layers, its configuration says ${diffIds.length}`,
    );
  }
  const layers: MadeContent[] = [];
  for (const [i, path] of item.layers.entries()) {
    layers.push(await readLayer(files, path, { diffId: diffIds[i], ...options }));
  }
  return { config: { descriptor: descriptorOf(MEDIA_TYPES.ociConfig, bytes), bytes }, layers, names: item.names };
}

function diffIdsOf(config: Buffer, path: string, where: string): readonly Digest[] {
  try {
    return parseImageConfig(config).rootfs.diff_ids;
  } catch (cause) {
    throw invalidArchive(where, `the configuration ${JSON.stringify(path)} cannot be read`, cause);
  }
}

/** `repository:tag` of an archive as a whole reference. @throws KubecrateError INVALID_REFERENCE */
export function wholeName(name: string): string {
  return formatReference(withDefaultTag(parseReference(name)));
}
