/** Image lists: one reference a line, as in `manifests/imageList`, `--image-list` and `--ignored-image-list`. */

import { Faults } from '@kubecrate/documents';
import { KubecrateError, messageOf } from '@kubecrate/errors';
import { formatReference, parseReference, type Reference, withDefaultTag } from '@kubecrate/oci';

/** One line of a list. */
export interface ImageListEntry {
  /** `leave-out` for a line that begins with `!`. */
  readonly action: 'add' | 'leave-out';
  readonly reference: Reference;
  /** The whole reference, `latest` where it has neither tag nor digest. */
  readonly image: string;
  /** From 1. */
  readonly line: number;
}

export interface ImageList {
  /** The name of the list in messages and provenance. */
  readonly file: string;
  /** In the order of the lines, repeated ones included. */
  readonly entries: readonly ImageListEntry[];
}

/**
 * Reads a list. Quotes around a line, `#` comments (a whole line, or after a blank), blank lines, CR and a byte order mark are
 * passed over; `!image` leaves an image out that would be found otherwise.
 * @throws KubecrateError INVALID_LIST that names every line that is no reference
 */
export function readImageList(text: string, file: string): ImageList {
  const entries: ImageListEntry[] = [];
  const faults = new Faults(file);
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  for (const [index, raw] of lines.entries()) {
    const line = index + 1;
    const content = contentOf(raw);
    if (content === '') continue;
    try {
      entries.push(entryOf(content, line));
    } catch (error) {
      faults.at(line, explain(error));
    }
  }
  refuseFaults(faults);
  return { file, entries };
}

/** @throws KubecrateError INVALID_LIST where a list has faults */
export function refuseFaults(faults: Faults): void {
  faults.throwIfAny(
    'INVALID_LIST',
    `cannot read the image list ${JSON.stringify(faults.file)}`,
    'write one image a line, for example docker.io/library/mysql:8.0; comments begin with #',
  );
}

/** An error and its hint in one line. */
export function explain(error: unknown): string {
  const hint = error instanceof KubecrateError ? error.hint : undefined;
  return hint === undefined ? messageOf(error) : `${messageOf(error)}; ${hint}`;
}

/** The one spelling by which images are compared. */
export function normalForm(reference: Reference): string {
  return formatReference(withDefaultTag(reference));
}

function contentOf(raw: string): string {
  const text = raw.trim();
  if (text.startsWith('#')) return '';
  return unquoted(text.replace(/\s#.*$/, '').trim());
}

function unquoted(text: string): string {
  return text.replace(/^['"]+|['"]+$/g, '').trim();
}

function entryOf(content: string, line: number): ImageListEntry {
  const action = content.startsWith('!') ? 'leave-out' : 'add';
  const name = action === 'add' ? content : unquoted(content.slice(1).trim());
  if (name.startsWith('- ')) {
    throw new KubecrateError('INVALID_LIST', `${JSON.stringify(name)} is an entry of a YAML list`, {
      hint: `write it without the dash: ${name.slice(2).trim()}`,
    });
  }
  const reference = parseReference(name);
  return { action, reference, image: normalForm(reference), line };
}
