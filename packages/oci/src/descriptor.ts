/** A descriptor: what content is, its digest and its size in bytes (OCI image-spec descriptor.md). */

import { KubecrateError } from '@kubecrate/errors';
import { type Digest, digestOf, parseDigest } from './digest.ts';
import { expectArray, expectObject, expectString, type Fields, optionalString } from './fields.ts';
import { type Platform, platformOf } from './platform.ts';

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes; a whole number, 0 or more. */
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: Platform;
  readonly artifactType?: string;
  readonly urls?: readonly string[];
  /** The content itself, in base64 (embedded by the writer of the manifest). */
  readonly data?: string;
}

/** The descriptor of bytes that are in memory. */
export function descriptorOf(mediaType: string, bytes: Uint8Array): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
}

/**
 * Reads one descriptor out of parsed JSON. `where` names it in the error: `layers[3]`.
 * @throws KubecrateError INVALID_MANIFEST
 */
export function parseDescriptor(value: unknown, where: string): Descriptor {
  const fields = expectObject(value, where);
  const size = fields['size'];
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw new KubecrateError('INVALID_MANIFEST', `${where}.size is ${JSON.stringify(size)}, not a number of bytes`);
  }
  const platform = parseDescriptorPlatform(fields['platform'], `${where}.platform`);
  const artifactType = optionalString(fields, 'artifactType', where);
  const annotations = parseAnnotations(fields['annotations'], `${where}.annotations`);
  const data = optionalString(fields, 'data', where);
  const urls =
    fields['urls'] === undefined || fields['urls'] === null ? undefined : expectArray(fields['urls'], `${where}.urls`);
  return {
    mediaType: expectString(fields, 'mediaType', where),
    digest: parseDigest(expectString(fields, 'digest', where)),
    size,
    ...(annotations === undefined ? {} : { annotations }),
    ...(platform === undefined ? {} : { platform }),
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(urls === undefined ? {} : { urls: urls.map(String) }),
    ...(data === undefined ? {} : { data }),
  };
}

/** Annotations out of parsed JSON; undefined where there are none. */
export function parseAnnotations(value: unknown, where: string): Readonly<Record<string, string>> | undefined {
  if (value === undefined || value === null) return undefined;
  const entries = Object.entries(expectObject(value, where));
  const strings = entries.map(([key, text]): [string, string] => {
    if (typeof text !== 'string')
      throw new KubecrateError('INVALID_MANIFEST', `${where}[${JSON.stringify(key)}] is not a string`);
    return [key, text];
  });
  return Object.fromEntries(strings);
}

function parseDescriptorPlatform(value: unknown, where: string): Platform | undefined {
  if (value === undefined || value === null) return undefined;
  const fields: Fields = expectObject(value, where);
  const os = expectString(fields, 'os', where);
  const platform = platformOf(
    os,
    expectString(fields, 'architecture', where),
    optionalString(fields, 'variant', where),
  );
  const osVersion = optionalString(fields, 'os.version', where);
  return osVersion === undefined ? platform : { ...platform, 'os.version': osVersion };
}
