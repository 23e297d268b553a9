/** Reads text that is no YAML line by line, so that a broken file or a template hides no image. */

import { composeReference } from './compose-reference.ts';
import type { Confidence } from './discovery.ts';
import { type Findings, reportCandidate } from './finding.ts';
import { imagesInText, looksLikeImage } from './image-value.ts';

export interface ScanOptions {
  /** The line of the file on which the text begins, from 1. */
  readonly line: number;
  readonly confidence: Confidence;
  /** The field that holds the text, where it is part of an object. */
  readonly path?: string;
}

/**
 * Reports values of keys that end in `image`, `repository` keys with the `registry`, `tag` and `digest` beside them, and
 * `--...image=` arguments. Words
 * that have the whole form of a reference are `possible`.
 */
export function scanLines(text: string, findings: Findings, options: ScanOptions): void {
  const lines = text.split('\n');
  const path = options.path === undefined ? {} : { path: options.path };
  for (const [index, raw] of lines.entries()) {
    const line = options.line + index;
    const content = raw.slice(0, MAX_LINE);
    if (/^\s*(?:#|\/\/)/.test(content)) continue;
    const report = (text: string, confidence: Confidence) =>
      reportCandidate({ text, line, rule: 'line', confidence, ...path }, findings);
    const keyed = new Set([...content.matchAll(KEYED)].map((match) => bareValue(match[1] ?? '')));
    keyed.delete('');
    // A whole reference under a key that is named for an image is as good as a field.
    for (const value of keyed) report(value, looksLikeImage(value) ? 'likely' : options.confidence);
    const whole = composed(lines, index);
    if (whole !== undefined) report(whole, options.confidence);
    for (const word of imagesInText(content)) if (!keyed.has(word)) report(word, 'possible');
    if (raw.length > MAX_LINE) {
      findings.remark({
        severity: 'warning',
        line,
        message: `only the first ${MAX_LINE} characters of the line were read`,
      });
    }
  }
}

const MAX_LINE = 1_048_576;

/** A key or an option that ends in `image`, and its value up to a comma, a blank or the end; quotes and actions are taken whole. */
const KEYED =
  /(?:^|[\s"'{,[-])[\w./-]{0,100}image["']?\s{0,20}[:=]\s{0,20}("[^"]{0,1000}"|'[^']{0,1000}'|(?:\uE000|\{\{.{0,1000}?\}\}|[^\s,"'}\]])+)/gi;

function bareValue(text: string): string {
  return /^#|^[|>][+-]?$/.test(text) ? '' : text.replace(/^(["'])(.*)\1$/, '$2').trim();
}

const FIELD =
  /^(\s*(?:-\s+)?)["']?(registry|repository|tag|digest)["']?\s*:\s*(?:"([^"]*)"|'([^']*)'|([^\s,#][^,#]*?))\s*,?\s*(?:#.*)?$/;

/** The reference that a `repository` line makes with its neighbours of the same indentation. */
function composed(lines: readonly string[], index: number): string | undefined {
  const own = FIELD.exec((lines[index] ?? '').slice(0, MAX_FIELD_LINE));
  if (own?.[2] !== 'repository') return undefined;
  const indent = own[1]?.length ?? 0;
  const fields = new Map<string, string>();
  for (const step of [-1, 1]) {
    for (let at = index + step; at >= 0 && at < lines.length && Math.abs(at - index) <= MAX_NEIGHBOURS; at += step) {
      const neighbour = FIELD.exec((lines[at] ?? '').slice(0, MAX_FIELD_LINE));
      if (neighbour === null || neighbour[1]?.length !== indent) break;
      fields.set(neighbour[2] ?? '', neighbour[3] ?? neighbour[4] ?? neighbour[5] ?? '');
    }
  }
  const tag = fields.get('tag');
  const digest = fields.get('digest');
  if (!tag && !digest) return undefined;
  const repository = own[3] ?? own[4] ?? own[5] ?? '';
  return composeReference({ registry: fields.get('registry'), repository, tag, digest });
}

const MAX_NEIGHBOURS = 8;
const MAX_FIELD_LINE = 1024;
