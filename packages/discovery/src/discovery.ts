/** What discovery answers: images, each with every place it was found, and what could not be known. */

/**
 * How sure it is that an image is needed.
 *
 * - `certain`: a container or an image volume of a Kubernetes object, or a line of an image list.
 * - `likely`: a field, an argument or a variable that is named for an image.
 * - `possible`: text that has the form of an image reference where nothing says that it is one; listed, not saved unless told.
 */
export type Confidence = 'certain' | 'likely' | 'possible';

/** By which rule an image was found. */
export type Rule =
  | 'image-list'
  | 'container'
  | 'image-volume'
  | 'image-key'
  | 'image-map'
  | 'argument'
  | 'environment'
  | 'text'
  | 'line';

/** One place where an image was found. */
export interface Provenance {
  /** Path in the root file system, or the list's own path. */
  readonly file: string;
  /** From 1. Of a template, the line of what it renders to; absent for values and annotations of a chart, whose `path` says where. */
  readonly line?: number;
  readonly rule: Rule;
  readonly confidence: Confidence;
  /** Which YAML document of the file, from 1. */
  readonly document?: number;
  /** The Kubernetes object around it. */
  readonly object?: ObjectIdentity;
  /** The field: `spec.template.spec.containers[0].image`. */
  readonly path?: string;
  /** The application of `application/apps/<name>/`. */
  readonly appName?: string;
  /** The chart that it is in. */
  readonly chart?: ChartIdentity;
}

export interface ChartIdentity {
  readonly name: string;
  readonly version: string;
}

export interface ObjectIdentity {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

export interface DiscoveredImage {
  /** The whole reference as Docker reads it, `latest` where it has neither tag nor digest: `docker.io/library/mysql:8`. */
  readonly image: string;
  /** The highest confidence of the places it was found in. */
  readonly confidence: Confidence;
  /** In ascending order of file, line and path; at least one. */
  readonly found: readonly Provenance[];
}

/** An image that was found and then taken out by a line of a list. */
export interface LeftOutImage extends DiscoveredImage {
  readonly by: { readonly file: string; readonly line: number };
}

/** A chart that lies in the tree: its directory, or its archive. */
export interface ChartLocation {
  readonly path: string;
  readonly kind: 'directory' | 'archive';
  readonly appName?: string;
}

/** Something a person should know; nothing that discovery passes over goes without one. */
export interface Diagnostic {
  /** `warning`: an image may be missing. `note`: a value that is no image, or a list entry without effect. */
  readonly severity: 'warning' | 'note';
  readonly message: string;
  readonly file: string;
  readonly line?: number;
}

export interface Discovery {
  /** In ascending order of `image`. */
  readonly images: readonly DiscoveredImage[];
  readonly leftOut: readonly LeftOutImage[];
  /** In ascending order of path. */
  readonly charts: readonly ChartLocation[];
  /** In ascending order of file and line. */
  readonly diagnostics: readonly Diagnostic[];
}

const RANK: Readonly<Record<Confidence, number>> = { certain: 2, likely: 1, possible: 0 };

/** True where an image is at least as sure as `least`. */
export function isAtLeast(confidence: Confidence, least: Confidence): boolean {
  return RANK[confidence] >= RANK[least];
}

export function higherConfidence(a: Confidence, b: Confidence): Confidence {
  return RANK[a] >= RANK[b] ? a : b;
}

export function lowerConfidence(a: Confidence, b: Confidence): Confidence {
  return RANK[a] <= RANK[b] ? a : b;
}
