/** Image lists with credentials (`--image-list-with-auth`): sections of a registry, a user and images. */

import {
  checkKeys,
  Faults,
  type MapNode,
  type Node,
  parseDocument,
  readMap,
  readText,
  type ScalarNode,
  splitDocuments,
} from '@kubecrate/documents';
import { DOCKER_HUB, parseReference, type Reference } from '@kubecrate/oci';
import { explain, type ImageList, normalForm, refuseFaults } from './image-list.ts';

/** Credentials for one registry, and the images that are fetched with them. */
export interface AuthenticatedImages {
  /** The host, as references name it. */
  readonly registry: string;
  readonly username: string;
  readonly password: string;
  /** Names without a host belong to `registry`. */
  readonly images: ImageList;
}

/**
 * Reads a YAML list of `{ registry, username, password, images }`. Credentials belong to their registry alone: an image of a section
 * that names another host is read, and fetched without them.
 * @throws KubecrateError INVALID_LIST that names every fault with its line
 */
export async function readImageListWithAuth(text: string, file: string): Promise<readonly AuthenticatedImages[]> {
  const faults = new Faults(file);
  const sections: AuthenticatedImages[] = [];
  for (const document of splitDocuments(text.replace(/^\uFEFF/, ''))) {
    const { root, problem } = await parseDocument(document);
    if (root === undefined) faults.at(problem ?? document.line, problem?.message ?? 'it is no YAML');
    else if (root.kind !== 'list') faults.at(root.line, 'expected a list of sections, each "- registry: ..."');
    else sections.push(...root.items.flatMap((item) => readSection(item, faults) ?? []));
  }
  refuseFaults(faults);
  return sections;
}

const KEYS = ['registry', 'username', 'password', 'images'];

function readSection(node: Node, faults: Faults): AuthenticatedImages | undefined {
  const section = readMap(node, 'a section', faults);
  if (section === undefined) return undefined;
  checkKeys(section, KEYS, faults);
  const registry = readRegistry(section, faults);
  const username = readRequired(section, 'username', faults);
  const password = readRequired(section, 'password', faults);
  if (registry === undefined || username === undefined || password === undefined) return undefined;
  return {
    registry,
    username,
    password,
    images: { file: faults.file, entries: readEntries(section, registry, faults) },
  };
}

function readRequired(section: MapNode, key: string, faults: Faults): string | undefined {
  const entry = section.entries.find((candidate) => candidate.key === key);
  const text = entry === undefined ? '' : readText(entry, faults);
  if (text?.trim() === '') faults.at(entry?.line ?? section.line, `${key} is missing`);
  return text?.trim() === '' ? undefined : text;
}

function readRegistry(section: MapNode, faults: Faults): string | undefined {
  const text = readRequired(section, 'registry', faults);
  if (text === undefined) return undefined;
  const host = text.replace(/^https?:\/\//, '').replace(/\/+$/, '');
  // As in references: a first part without dot, colon or `localhost` is no host.
  if (/[.:]/.test(host) || host === 'localhost') {
    try {
      return parseReference(`${host}/x`).domain;
    } catch {
      // Refused below, in the words of this field.
    }
  }
  faults.at(section.line, `registry ${JSON.stringify(text)} is no registry host`);
  return undefined;
}

function readEntries(section: MapNode, registry: string, faults: Faults): ImageList['entries'] {
  const images = section.entries.find(({ key }) => key === 'images')?.value;
  if (images === undefined || (images.kind === 'scalar' && images.text === '')) return [];
  if (images.kind !== 'list') {
    faults.at(images.line, 'images is not a list');
    return [];
  }
  return images.items.flatMap((item) => {
    if (item.kind !== 'scalar') {
      faults.at(item.line, 'an image is not a text');
      return [];
    }
    if (item.text.trim() === '') return [];
    try {
      const reference = referenceOf(item, registry);
      return [{ action: 'add' as const, reference, image: normalForm(reference), line: item.line }];
    } catch (error) {
      faults.at(item.line, explain(error));
      return [];
    }
  });
}

function referenceOf(item: ScalarNode, registry: string): Reference {
  const text = item.text.trim();
  const reference = parseReference(text);
  const isNamed = reference.domain !== DOCKER_HUB || /^(?:index\.)?docker\.io\//i.test(text);
  return isNamed || registry === DOCKER_HUB ? reference : parseReference(`${registry}/${text}`);
}
