/** Names of fields that hold images, and how a map spells one image in several fields. */

import { type MapNode, type Node, textField } from '@kubecrate/documents';
import { composeReference } from './compose-reference.ts';

/** True for `image`, `baseImage`, `sidecar-image`, `SIDECAR_IMAGE`, `sidecar.istio.io/proxyImage`. */
export function isImageKey(key: string): boolean {
  return /image$/i.test(key);
}

/** True for `imageName`, `image_ref`, `containerImageURI`: often an image, seldom anything that a registry has. */
export function isImageNameKey(key: string): boolean {
  return /image[-_]?(?:name|ref|reference|ur[il])$/i.test(key);
}

/** True for `baseImage` and `--default-base-image` without a tag: a program puts its own version behind them. */
export function isUnfinished(key: string, text: string): boolean {
  return /base[-_]?image$/i.test(key) && !/:[^/]+$|@/.test(text);
}

/** Where a map spells one image, and how surely. */
export interface ComposedImage {
  readonly text: string;
  readonly line: number;
  /** The field that names the repository. */
  readonly key: string;
  readonly confidence: 'likely' | 'possible';
}

/**
 * The image of a map such as `{ registry, repository, tag, digest }`.
 * Under a key that names an image (`owner`) the repository may be called `name` or `image` too; elsewhere `repository` counts with a
 * tag, a digest or a registry beside it, or `newName` / `newTag` as in a Kustomization.
 */
export function imageOfMap(
  map: MapNode,
  owner: 'image' | 'images' | 'environment' | 'other',
): ComposedImage | undefined {
  const names = NAMES[owner === 'environment' ? 'other' : owner];
  const named = map.entries.find(({ key, value }) => names.includes(key) && isString(value));
  if (named === undefined || named.value.kind !== 'scalar') return undefined;
  const key = names.find((name) => textField(map, name) !== undefined) ?? named.key;
  const repository = textField(map, key);
  const entry = map.entries.find((candidate) => candidate.key === key);
  if (repository === undefined || entry === undefined || /^[a-z][a-z0-9+.-]*:\/\//i.test(repository)) return undefined;
  const parts = {
    registry: textField(map, 'registry', 'imageRegistry'),
    repository,
    tag: textField(map, ...(owner === 'other' ? TAGS : [...TAGS, 'version'])),
    digest: textField(map, 'digest', 'sha', 'sha256'),
  };
  const hasSuffix = parts.tag !== undefined || parts.digest !== undefined || /:[^/]+$|@/.test(repository);
  if (owner !== 'image' && !hasSuffix && parts.registry === undefined) return undefined;
  return { text: composeReference(parts), line: entry.value.line, key, confidence: hasSuffix ? 'likely' : 'possible' };
}

/**
 * The text of a string field that names an image, completed by the fields beside it: `image: a/b` and `tag: v1`, `baseImage` and
 * `version`, `proxyImage` and `proxyImageTag` or `proxyTag`, `registry`.
 */
export function completedText(map: MapNode, key: string, text: string): string {
  const stem = key.replace(/image$/i, '');
  const tag = textField(map, `${key}Tag`, ...(stem === '' ? TAGS : [`${stem}Tag`, `${stem}_tag`]), ...siblingsOf(key));
  const digest = textField(map, `${key}Digest`, ...(stem === '' || key === 'baseImage' ? ['digest', 'sha'] : []));
  const registry = stem === '' ? textField(map, 'registry', 'imageRegistry') : undefined;
  const hasHost = /^[^/]*[.:][^/]*\//.test(text) || text.startsWith('localhost/');
  return composeReference({ registry: hasHost ? undefined : registry, repository: text, tag, digest });
}

const TAGS = ['tag', 'imageTag', 'newTag'];

const NAMES: Readonly<Record<'image' | 'images' | 'other', readonly string[]>> = {
  image: ['repository', 'reference', 'image', 'name', 'repo'],
  images: ['newName', 'repository', 'name'],
  other: ['repository'],
};

/** Prometheus and its kin: `baseImage` with `tag` or `version` beside it. */
function siblingsOf(key: string): readonly string[] {
  return key === 'baseImage' ? ['tag', 'version'] : [];
}

function isString(node: Node): boolean {
  return node.kind === 'scalar' && node.type === 'string';
}
