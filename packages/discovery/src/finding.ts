/** What the rules report while they walk a text; `collect.ts` makes the answer of it. */

import type { Confidence, Diagnostic, ObjectIdentity, Rule } from './discovery.ts';
import { readImageValue } from './image-value.ts';

/** An image in one document, before the file around it is known. */
export interface Finding {
  readonly image: string;
  readonly line: number;
  readonly rule: Rule;
  readonly confidence: Confidence;
  readonly path?: string;
  readonly object?: ObjectIdentity;
}

/** Something that is worth saying about a line. */
export interface Remark {
  readonly severity: Diagnostic['severity'];
  readonly line: number;
  readonly message: string;
}

export interface Findings {
  image(finding: Finding): void;
  remark(remark: Remark): void;
}

/** A value that a rule takes for an image, and where it stands. */
export interface Candidate extends Omit<Finding, 'image'> {
  readonly text: string;
  /** `possible`: a word alone (`always`, `none`), which parses as a reference too, is no more than that. */
  readonly bareWord?: 'possible' | undefined;
}

/**
 * Reports what a candidate is: an image, a value that cannot be known (never passed over in silence), or something else.
 */
export function reportCandidate(candidate: Candidate, findings: Findings): void {
  const { text, bareWord, ...place } = candidate;
  const { line, confidence, path } = place;
  const value = readImageValue(text);
  const where = path === undefined ? '' : ` at ${path}`;
  if (value.kind === 'image') {
    findings.image({
      ...place,
      image: value.image,
      confidence: value.isQualified ? confidence : (bareWord ?? confidence),
    });
  } else if (value.kind === 'unknown') {
    const severity = confidence === 'possible' ? 'note' : 'warning';
    findings.remark({ severity, line, message: `an image that is a template or a variable cannot be known${where}` });
  } else if (confidence !== 'possible') {
    const severity = confidence === 'certain' ? 'warning' : 'note';
    findings.remark({ severity, line, message: `${value.reason}${where}` });
  }
}
