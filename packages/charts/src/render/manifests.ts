/** The objects that templates render: what each is, whether it is a hook, and their order. */

import { compareStrings, type GoValue } from '@kubecrate/gotemplate';
import { fieldOf, mismatch, structFields, textField, textMapField } from '../chart/struct-fields.ts';
import { checkNumbers, readYamlNumbers, typeMismatch, YamlConversionError } from '../yaml/yaml.ts';
import { compareKinds } from './kind-order.ts';
import { type ManifestText, splitManifests } from './split-manifests.ts';

/** One document that a template rendered. */
export interface Manifest {
  /** `chart/templates/x.yaml`. */
  readonly source: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** The text of the document, comments included. */
  readonly content: string;
  /** The line of the rendered file on which `content` begins, from 1. */
  readonly line: number;
  /** What the document says; integers are bigint. */
  readonly object: GoValue;
  /** The events of `helm.sh/hook`; empty for anything but a hook. */
  readonly hooks: readonly string[];
  readonly hookWeight: number;
}

export interface SortedManifests {
  /** In the order in which Helm installs them. */
  readonly manifests: readonly Manifest[];
  readonly hooks: readonly Manifest[];
}

/**
 * The documents of rendered files, by kind, as `helm template` sorts them.
 * Throws `YamlConversionError` with Helm's message, which names the file.
 */
export function sortManifests(rendered: ReadonlyMap<string, string>, warn: (message: string) => void): SortedManifests {
  const manifests: Manifest[] = [];
  const hooks: Manifest[] = [];
  for (const source of [...rendered.keys()].sort(compareStrings)) {
    for (const text of splitManifests(rendered.get(source) ?? '')) {
      const manifest = readManifest(source, text);
      const events = manifest.annotations.get('helm.sh/hook');
      const types = events?.split(',').map((type) => type.trim().toLowerCase());
      if (types === undefined) manifests.push(manifest.value);
      else if (types.every((type) => HOOK_EVENTS.has(type))) hooks.push({ ...manifest.value, hooks: types });
      else warn(`skipping unknown hook: ${JSON.stringify(events)} in ${source}`);
    }
  }
  const byKind = (a: Manifest, b: Manifest): number => compareKinds(a.kind, b.kind);
  return { manifests: manifests.toSorted(byKind), hooks: hooks.toSorted(byKind) };
}

/** True for a hook that is a test of the release. */
export function isTestHook({ hooks }: Manifest): boolean {
  return hooks.some((hook) => hook === 'test' || hook === 'test-success');
}

interface ReadManifest {
  readonly value: Manifest;
  readonly annotations: ReadonlyMap<string, string>;
}

function readManifest(source: string, { content, line }: ManifestText): ReadManifest {
  try {
    const object = readYamlNumbers(content);
    if (object !== null && !(object instanceof Map)) throw typeMismatch(object, 'releaseutil.SimpleHead');
    for (const [key, value] of object ?? []) if (!HEAD.has(key)) checkNumbers(value);
    const head = structFields('SimpleHead', object ?? new Map());
    // In the order in which Go meets them, so that it is the same one that fails.
    const apiVersion = textField(head, 'apiVersion');
    const kind = textField(head, 'kind');
    const metadata = fieldOf(head, 'metadata');
    if (metadata !== null && !(metadata instanceof Map)) throw mismatch(metadata, 'SimpleHead.metadata', METADATA);
    const fields = structFields('.metadata', metadata ?? new Map());
    const annotations = textMapField(fields, 'annotations');
    const value: Manifest = {
      source,
      apiVersion,
      kind,
      name: textField(fields, 'name'),
      content,
      line,
      object,
      hooks: [],
      hookWeight: hookWeight(annotations),
    };
    return { value, annotations };
  } catch (error) {
    if (!(error instanceof YamlConversionError)) throw error;
    throw new YamlConversionError(`YAML parse error on ${source}: ${error.message}`, { cause: error });
  }
}

function hookWeight(annotations: ReadonlyMap<string, string>): number {
  const weight = annotations.get('helm.sh/hook-weight') ?? '';
  return /^[-+]?[0-9]{1,15}$/.test(weight) ? Number(weight) : 0;
}

/** What is read as text, where any number has one. */
const HEAD: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/** The type of the field as Go's messages have it: a struct without a name. */
const METADATA = 'struct { Name string "json:\\"name\\""; Annotations map[string]string "json:\\"annotations\\"" }';

const HOOK_EVENTS: ReadonlySet<string> = new Set([
  'pre-install',
  'post-install',
  'pre-delete',
  'post-delete',
  'pre-upgrade',
  'post-upgrade',
  'pre-rollback',
  'post-rollback',
  'test',
  'test-success',
]);
