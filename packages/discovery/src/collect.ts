/** Brings findings of many files together: one entry an image, every place it was found, in an order that never changes. */

import { redact } from '@kubecrate/errors';
import {
  type ChartIdentity,
  type Confidence,
  type Diagnostic,
  type DiscoveredImage,
  higherConfidence,
  type Provenance,
} from './discovery.ts';
import type { TextFindings } from './text-images.ts';

/** Where a text comes from. */
export interface Source {
  readonly file: string;
  readonly appName?: string;
  readonly chart?: ChartIdentity;
  /** `unknown`: the text is made of values whose lines nobody knows. */
  readonly lines?: 'unknown';
}

export class Collector {
  readonly #places = new Map<string, Map<string, Provenance>>();
  readonly #diagnostics = new Map<string, Diagnostic>();

  add(image: string, place: Provenance): void {
    const places = this.#places.get(image) ?? new Map<string, Provenance>();
    this.#places.set(image, places);
    const key = `${place.file}\n${place.line ?? 0}\n${place.path ?? ''}`;
    const known = places.get(key);
    // Two rules can see one value: the surer one is what is told.
    if (known === undefined || higherConfidence(known.confidence, place.confidence) !== known.confidence) {
      places.set(key, place);
    }
  }

  has(image: string): boolean {
    return this.#places.has(image);
  }

  remark(diagnostic: Diagnostic): void {
    this.#diagnostics.set(`${diagnostic.file}\n${diagnostic.line ?? 0}\n${diagnostic.message}`, diagnostic);
  }

  /** Takes the findings of one text, which begins on line `first` of its file; remarks end with the line they speak of. */
  from(source: Source, text: string, first = 1): TextFindings {
    const { file, lines: knowledge, ...owner } = source;
    let lines: readonly string[] | undefined;
    return {
      image: ({ image, line, ...finding }, document) => {
        const place = knowledge === 'unknown' ? {} : { line: line + first - 1, document };
        this.add(image, { file, ...finding, ...place, ...owner });
      },
      remark: ({ severity, line, message }) => {
        lines ??= text.split('\n');
        const content = lines[line - 1]?.trim() ?? '';
        const shown = content.length > MAX_SHOWN ? `${content.slice(0, MAX_SHOWN)}...` : content;
        const at = line + first - 1;
        this.remark({ severity, file, line: at, message: shown === '' ? message : `${message}: ${redact(shown)}` });
      },
    };
  }

  /** The images that were found below a path. */
  imagesBelow(path: string): readonly string[] {
    const isBelow = ({ file }: Provenance): boolean => file.startsWith(`${path}/`);
    return [...this.#places].flatMap(([image, places]) => ([...places.values()].some(isBelow) ? [image] : [])).sort();
  }

  images(): readonly DiscoveredImage[] {
    return [...this.#places]
      .map(([image, places]) => {
        const found = [...places.values()].sort(byPlace);
        return { image, confidence: highest(found), found };
      })
      .sort((a, b) => compareText(a.image, b.image));
  }

  diagnostics(): readonly Diagnostic[] {
    return [...this.#diagnostics.values()].sort(
      (a, b) => compareText(a.file, b.file) || (a.line ?? 0) - (b.line ?? 0) || compareText(a.message, b.message),
    );
  }
}

/** Order by UTF-16 code units, the same on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const MAX_SHOWN = 160;

function highest(found: readonly Provenance[]): Confidence {
  return found.reduce<Confidence>((best, { confidence }) => higherConfidence(best, confidence), 'possible');
}

function byPlace(a: Provenance, b: Provenance): number {
  return compareText(a.file, b.file) || (a.line ?? 0) - (b.line ?? 0) || compareText(a.path ?? '', b.path ?? '');
}
