/** Images as isula lists them. */

import type { StoredImage } from '@kubecrate/image-store';
import { familiarReference, hexOf, parseReference } from '@kubecrate/oci';
import { formatBytes } from './text.ts';

/** An image as the table shows it: names are as people write them. */
export type ImageRow = Pick<StoredImage, 'id' | 'names' | 'created' | 'size'>;

export function rowOf({ id, names, created, size }: StoredImage): ImageRow {
  return { id, names: names.map(familiarName), size, ...(created === undefined ? {} : { created }) };
}

/** One line for each name of each image; an image without a name has one line. */
export function formatImageTable(images: readonly ImageRow[]): string {
  const rows = images.flatMap((image) =>
    (image.names.length === 0 ? ['-'] : image.names).map((name) => [
      name,
      shortId(image),
      image.created === undefined ? '-' : formatLocalTime(image.created),
      formatBytes(image.size),
    ]),
  );
  const all = [['REF', 'IMAGE ID', 'CREATED', 'SIZE'], ...rows];
  const widths = MINIMUM_WIDTHS.map((minimum, i) => Math.max(minimum, ...all.map((row) => row[i]?.length ?? 0)));
  return all
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join(' ')
          .trimEnd()}\n`,
    )
    .join('');
}

const MINIMUM_WIDTHS = [30, 20, 20, 10];

/** `busybox:latest` */
export function familiarName(name: string): string {
  return familiarReference(parseReference(name));
}

/** The first 12 digits of the id. */
export function shortId({ id }: Pick<StoredImage, 'id'>): string {
  return hexOf(id).slice(0, 12);
}

/** `2019-06-15 08:19:54`, in the time zone of this machine; a time that cannot be read stays as it is. */
export function formatLocalTime(time: string): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return time;
  const two = (number: number): string => String(number).padStart(2, '0');
  const day = `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
