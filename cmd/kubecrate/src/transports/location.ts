/** Where an image is or goes, as `copy` takes it: `docker://mysql:8`, `oci:layout:1`, `registry-dir:mirror:library/mysql:8`. */

import { resolve } from 'node:path';
import { didYouMean, KubecrateError } from '@kubecrate/errors';
import type { Reference } from '@kubecrate/oci';
import { parseReferenceArgument } from '../arguments.ts';

/** A place that holds images in files. */
export type FileTransport = 'oci' | 'oci-archive' | 'docker-archive' | 'registry-dir' | 'kubekey';

export type Location =
  | { readonly transport: 'docker'; readonly text: string; readonly reference: Reference }
  | { readonly transport: 'docker-daemon'; readonly text: string; readonly reference: Reference }
  /** `name` is as it was given; undefined where the store has to find out (source) or the image keeps its name (destination). */
  | { readonly transport: 'store'; readonly text: string; readonly name: string | undefined }
  | {
      readonly transport: FileTransport;
      readonly text: string;
      /** Absolute. */
      readonly path: string;
      readonly name: string | undefined;
    };

/** @throws KubecrateError USAGE */
export function parseLocation(text: string, cwd: string): Location {
  const [, prefix = '', rest = ''] = /^([^:]*):(.*)$/s.exec(text) ?? [];
  if (prefix === 'docker' && rest.startsWith('//')) {
    return { transport: 'docker', text, reference: parseReferenceArgument(rest.slice(2)) };
  }
  if (prefix === 'docker-daemon') return { transport: prefix, text, reference: parseReferenceArgument(rest) };
  if (prefix === 'store') return { transport: prefix, text, name: rest === '' ? undefined : rest };
  const transport = FILE_TRANSPORTS.find((known) => known === prefix);
  if (transport === undefined) throw unknownTransport(text, prefix);
  const [, file = '', name] = /^([^:]+)(?::(.*))?$/s.exec(rest) ?? [];
  if (file === '') {
    throw new KubecrateError('USAGE', `${JSON.stringify(text)} names no file`, {
      hint: `write it as ${transport}:PATH or ${transport}:PATH:NAME`,
    });
  }
  return { transport, text, path: resolve(cwd, file), name: name === '' ? undefined : name };
}

/** Like {@link parseLocation}; what begins with no transport is an image of the store. */
export function parseMember(text: string, cwd: string): Location {
  const isLocation = ALL.some((transport) => text.startsWith(transport));
  return isLocation ? parseLocation(text, cwd) : { transport: 'store', text, name: text };
}

const FILE_TRANSPORTS: readonly FileTransport[] = ['oci', 'oci-archive', 'docker-archive', 'registry-dir', 'kubekey'];
const ALL = ['docker://', 'docker-daemon:', 'store:', ...FILE_TRANSPORTS.map((transport) => `${transport}:`)];

function unknownTransport(text: string, prefix: string): KubecrateError {
  const transports = new Map(ALL.map((transport) => [transport.replace(/:.*/, ''), transport]));
  // `docker:mysql` lacks its two slashes.
  const meant = transports.has(prefix) ? `did you mean ${JSON.stringify(transports.get(prefix))}?` : undefined;
  const near =
    meant ??
    didYouMean(`${prefix}:`, ALL) ??
    didYouMean(`${prefix}://`, ALL) ??
    `for an image of the store write ${JSON.stringify(`store:${text}`)}, for one of a registry docker://NAME`;
  return new KubecrateError('USAGE', `${JSON.stringify(text)} does not say where: it begins with no known transport`, {
    hint: `${near}; the transports are ${ALL.join(' ')}`,
  });
}
