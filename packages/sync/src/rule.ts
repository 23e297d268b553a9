/** One rule of image-syncer: a source and where it goes. */

import type { Digest, Reference } from '@kubecrate/oci';
import type { RE2JS } from 're2js';

/** A repository of a registry. */
export type Repository = Pick<Reference, 'domain' | 'repository'>;

/** What of a repository is meant. */
export type Selector =
  | { readonly kind: 'all' }
  | { readonly kind: 'tags'; readonly tags: readonly string[] }
  /** Tags that the expression is found in; RE2, unanchored. */
  | { readonly kind: 'pattern'; readonly pattern: RE2JS; readonly text: string }
  | { readonly kind: 'digest'; readonly digest: Digest; readonly tag?: string };

export interface Source {
  readonly repository: Repository;
  readonly selector: Selector;
}

export interface Destination {
  readonly repository: Repository;
  /** New tags, one for each of the source in their order; absent where tags stay. */
  readonly tags?: readonly string[];
}

/** A rule as it is written. */
export interface WrittenRule {
  readonly file: string;
  /** The line of the source, from 1; for a destination of a list that is wrong, its own. */
  readonly line: number;
  /** The source as it is written; it may hold a password that stands there by mistake. */
  readonly text: string;
  /** The destination as it is written, empty where the default one is meant; absent where it is no text. */
  readonly destinationText?: string;
}

export interface Rule extends WrittenRule {
  readonly source: Source;
  readonly destination: Destination;
  readonly destinationText: string;
}

/** A rule that stands for no copy, and why; the others go on. */
export interface FailedRule {
  readonly rule: WrittenRule | Rule;
  readonly error: unknown;
}

/** What a file of rules holds. */
export interface RuleSet {
  readonly rules: readonly Rule[];
  readonly failed: readonly FailedRule[];
}
