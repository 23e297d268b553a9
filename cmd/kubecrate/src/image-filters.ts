/** The filters of `images --filter NAME=VALUE`. */

import { didYouMean, KubecrateError } from '@kubecrate/errors';
import { globToMatcher } from '@kubecrate/files';
import type { StoredImage } from '@kubecrate/image-store';
import { asUsage } from './arguments.ts';
import { familiarName } from './image-table.ts';

/** True for an image that is listed. */
export type ImageFilter = (image: StoredImage) => boolean;

/** Finds the image that `before` and `since` compare with. @throws NotFoundError */
export type FindImage = (name: string) => Promise<StoredImage>;

/**
 * Reads filters. Several values of one name add up, several names narrow down, as in Docker.
 * @throws KubecrateError USAGE; NotFoundError where `before` or `since` names no image
 */
export async function readFilters(texts: readonly string[], find: FindImage): Promise<ImageFilter> {
  const groups = new Map<string, ImageFilter[]>();
  for (const text of texts) {
    const [, name = '', value = ''] = /^([^=]*)=(.+)$/s.exec(text) ?? refuseForm(text);
    const read = FILTERS.get(name) ?? refuseName(name);
    groups.set(name, [...(groups.get(name) ?? []), await read(value, find)]);
  }
  return (image) => [...groups.values()].every((filters) => filters.some((filter) => filter(image)));
}

const FILTERS: ReadonlyMap<string, (value: string, find: FindImage) => ImageFilter | Promise<ImageFilter>> = new Map([
  ['before', async (value, find) => madeThan(await find(value), 'before')],
  ['dangling', danglingFilter],
  ['label', labelFilter],
  ['reference', referenceFilter],
  ['since', async (value, find) => madeThan(await find(value), 'since')],
] as [string, (value: string, find: FindImage) => ImageFilter | Promise<ImageFilter>][]);

function danglingFilter(value: string): ImageFilter {
  if (value !== 'true' && value !== 'false')
    throw new KubecrateError('USAGE', `dangling is true or false, not ${JSON.stringify(value)}`);
  return ({ names }) => (names.length === 0) === (value === 'true');
}

/** `KEY`, or `KEY=VALUE`. */
function labelFilter(text: string): ImageFilter {
  const at = text.indexOf('=');
  const [key, value] = at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
  return ({ labels }) => Object.hasOwn(labels, key) && (value === undefined || labels[key] === value);
}

/** A pattern over names as they are shown, with their tag or without it. */
function referenceFilter(pattern: string): ImageFilter {
  const matches = asUsage(['INVALID_ARGUMENT'], () => globToMatcher(pattern));
  return ({ names }) =>
    names.some((name) => {
      const shown = familiarName(name);
      return matches(shown) || matches(shown.replace(/(:[^/:@]*)?(@[^@]*)?$/, ''));
    });
}

function madeThan(other: StoredImage, order: 'before' | 'since'): ImageFilter {
  const time = ({ created }: StoredImage): number => Date.parse(created ?? '');
  const limit = time(other);
  return (image) => (order === 'before' ? time(image) < limit : time(image) > limit);
}

function refuseForm(text: string): never {
  throw new KubecrateError('USAGE', `Bad format of filter '${text}', (expected name=value)`);
}

function refuseName(name: string): never {
  throw new KubecrateError('USAGE', `Invalid filter '${name}'`, {
    hint: didYouMean(name, FILTERS.keys()) ?? `the filters are ${[...FILTERS.keys()].join(', ')}`,
  });
}
