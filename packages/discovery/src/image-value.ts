/** One text that may be an image: is it one, can it be known, what is it called. */

import { hasCode } from '@kubecrate/errors';
import { parseReference } from '@kubecrate/oci';
import { explain, normalForm } from './image-list.ts';
import { holdsAction } from './template-actions.ts';

export type ImageValue =
  | { readonly kind: 'image'; readonly image: string; readonly isQualified: boolean }
  /** A template or a variable: what it will be is not in the text. */
  | { readonly kind: 'unknown'; readonly text: string }
  /** A URL, a picture, or anything else that is no reference; `reason` says why. */
  | { readonly kind: 'other'; readonly reason: string };

/** Reads a value of a field that should hold an image. */
export function readImageValue(value: string): ImageValue {
  const text = value.trim().replace(TRANSPORT, '');
  if (holdsAction(text) || VARIABLE.test(text)) return { kind: 'unknown', text };
  if (FOREIGN.test(text)) return { kind: 'other', reason: `${JSON.stringify(shortened(text))} is no image reference` };
  try {
    const reference = parseReference(text);
    // Something beside a bare word: a word alone (`always`, `none`) parses as a reference too.
    const isQualified = text.includes('/') || reference.tag !== undefined || reference.digest !== undefined;
    return { kind: 'image', image: normalForm(reference), isQualified };
  } catch (error) {
    if (!hasCode(error, 'INVALID_REFERENCE')) throw error;
    return { kind: 'other', reason: explain(error) };
  }
}

/** True where text has the whole form of a reference: a host with a dot (or localhost), a path, and a tag or a digest. */
export function looksLikeImage(text: string): boolean {
  return text.length <= MAX_REFERENCE && WHOLE_REFERENCE.test(text);
}

/** The words of a text that have the whole form of a reference, each once: `docker pull quay.io/a/b:1`. */
export function imagesInText(text: string): readonly string[] {
  if (!HOST_AND_PATH.test(text)) return [];
  const words = text.split(BETWEEN_WORDS).map((word) => word.replace(/[.:]+$/, ''));
  return [...new Set(words.filter(looksLikeImage))];
}

/** False where no rule finds anything: most of a large bundle is passed over at the speed of a regular expression. */
export function mayNameImage(text: string): boolean {
  return NAMED.test(text) || HOST_AND_PATH.test(text);
}

const NAMED = /image|repository|\\[ux]/i;
const HOST_AND_PATH = /(?:[a-z0-9]\.[a-z0-9-]{1,63}|localhost)(?::\d{1,5})?\/[\w./-]{1,255}[:@]/i;
const BETWEEN_WORDS = /[\s"'`=,;()[\]{}<>|&]+/;
const MAX_REFERENCE = 512;
const TRANSPORT = /^(?:docker|oci|containerd):\/\//;
const VARIABLE = /\$[({A-Za-z_]|^\$/;
const FOREIGN = /^(?:[a-z][a-z0-9+.-]*:\/\/|data:[a-z]+\/)|\.(?:png|svg|jpe?g|gif|ico|webp|iso|qcow2|img)$/i;
const HOST = '(?:localhost|[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+)(?::\\d{1,5})?';
const WHOLE_REFERENCE = new RegExp(
  `^${HOST}/[a-z0-9]+(?:[._/-]+[a-z0-9]+)*(?::[A-Za-z0-9_][\\w.-]{0,127}(?:@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64})$`,
);

function shortened(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}
