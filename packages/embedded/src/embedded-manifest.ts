/** The manifest of an embedded image, as iSulad reads it: what its text alone has to say. */

import { KubecrateError } from '@kubecrate/errors';
import {
  type Digest,
  expectArray,
  expectObject,
  type Fields,
  optionalString,
  parseDigest,
  parseJsonObject,
  parseReference,
} from '@kubecrate/oci';
import { isRealTime } from './real-time.ts';

/** A layer that is mounted from where it lies: a squashfs image, or a directory. */
export interface EmbeddedLayer {
  readonly kind: 'squashfs' | 'directory';
  /** Bytes; 0 says nothing of the file. */
  readonly size: number;
  readonly digest?: Digest;
  /** The first layer: absolute. The others: relative to the directory of the manifest. */
  readonly pathInHost: string;
  /** Where it is mounted; '' for the first layer, which is the root. */
  readonly pathInContainer: string;
}

export interface EmbeddedManifest {
  /** As it is written, with its tag. */
  readonly imageName: string;
  readonly created: string;
  /** The first is the root file system. */
  readonly layers: readonly EmbeddedLayer[];
  /** Everything the manifest says, also what nobody here reads. */
  readonly document: Fields;
}

/** @throws KubecrateError INVALID_MANIFEST */
export function parseEmbeddedManifest(bytes: Uint8Array): EmbeddedManifest {
  const document = read(() => parseJsonObject(bytes, 'the manifest'));
  const layers = read(() =>
    expectArray(document['layers'] ?? [], 'layers').map((layer) => expectObject(layer, 'layer')),
  );
  const mediaType = text(document, 'mediaType');
  const imageName = text(document, 'imageName');
  const created = text(document, 'created');
  if (layers.length === 0 || layers.length > MAX_LAYERS) throw invalid('layer empty or max depth exceeded');
  if (document['schemaVersion'] !== 1) throw invalid('schema version must be 1');
  if (mediaType !== MANIFEST) throw invalid(`manifest's media type must be ${MANIFEST}`, mediaType);
  checkName(imageName);
  if (!isRealTime(created)) throw invalid('invalid created time', created);
  return { imageName, created, layers: layers.map(parseLayer), document };
}

/** The error for a manifest whose content is wrong, in iSulad's words. */
export function invalid(words: string, value?: string): KubecrateError {
  const shown = value === undefined ? '' : ` (it is ${JSON.stringify(value.slice(0, 200))})`;
  return new KubecrateError('INVALID_MANIFEST', `Invalid content in manifest: ${words}${shown}`);
}

function parseLayer(fields: Fields, index: number): EmbeddedLayer {
  const size = fields['size'] ?? 0;
  if (typeof size !== 'number' || !Number.isSafeInteger(size)) throw notReadable();
  if (size < 0) throw invalid("layer's size must not be negative number", String(size));
  const mediaType = text(fields, 'mediaType');
  const kind = KINDS.get(mediaType);
  if (kind === undefined) {
    throw invalid(`layer's media type must be ${[...KINDS.keys()].join(' or ')}`, mediaType);
  }
  const [pathInHost, pathInContainer] = [text(fields, 'pathInHost'), text(fields, 'pathInContainer')];
  const digest = text(fields, 'digest');
  if (index === 0) checkRoot(kind, pathInHost, digest, pathInContainer);
  else checkOther(kind, pathInHost, digest, pathInContainer);
  return { kind, size, pathInHost, pathInContainer, ...(digest === '' ? {} : { digest: parseDigest(digest) }) };
}

function checkRoot(kind: EmbeddedLayer['kind'], host: string, digest: string, container: string): void {
  if (!host.startsWith('/')) throw invalid('first layer path in host must be absolute path', host);
  if (kind === 'directory' && host !== '/') throw invalid('first layer path in host must be /', host);
  if (digest !== '') throw invalid("first layer's digest must be empty", digest);
  if (container !== '') throw invalid('first layer path in container must be empty', container);
}

function checkOther(kind: EmbeddedLayer['kind'], host: string, digest: string, container: string): void {
  if (host === '' || host.startsWith('/')) {
    throw invalid('layer path in host(except first layer) must be relative path', host);
  }
  if (kind === 'directory' && digest !== '') {
    throw invalid(`layer digest must be empty if mediaType is ${DIRECTORY}`, digest);
  }
  if (digest !== '' && !/^sha256:[0-9a-f]{64}$/.test(digest)) {
    throw invalid('layer(except first layer) has invalid digest', digest);
  }
  if (!container.startsWith('/')) {
    throw invalid('layer path in container(except first layer) must be absolute path', container);
  }
}

function checkName(name: string): void {
  if (name === '') throw invalid('image name not exist');
  if (name === 'none' || name === 'none:latest') {
    throw new KubecrateError(
      'INVALID_MANIFEST',
      "Image name 'none' or 'none:latest' in manifest is reserved, please use other name",
    );
  }
  const { tag, digest } = name.length > MAX_NAME ? {} : reference(name);
  if (tag === undefined || digest !== undefined) throw invalid('invalid image name', name);
}

function reference(name: string): { readonly tag?: string; readonly digest?: Digest } {
  try {
    return parseReference(name);
  } catch (error) {
    if (error instanceof KubecrateError) return {};
    throw error;
  }
}

/** '' where the field is absent. */
function text(fields: Fields, name: string): string {
  return read(() => optionalString(fields, name, 'the manifest')) ?? '';
}

function read<T>(parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    if (cause instanceof KubecrateError) throw notReadable(cause);
    throw cause;
  }
}

function notReadable(cause?: KubecrateError): KubecrateError {
  const details = cause === undefined ? {} : { cause, hint: cause.message };
  const message = 'Invalid content in manifest: parse manifest as a json file failed';
  return new KubecrateError('INVALID_MANIFEST', message, details);
}

const MANIFEST = 'application/embedded.manifest+json';
const DIRECTORY = 'application/bind.image.rootfs.diff.dir';
const KINDS: ReadonlyMap<string, EmbeddedLayer['kind']> = new Map([
  ['application/squashfs.image.rootfs.diff.img', 'squashfs'],
  [DIRECTORY, 'directory'],
]);
const MAX_LAYERS = 125;
const MAX_NAME = 255;
