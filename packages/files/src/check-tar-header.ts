/** What one entry of a tar says, held against rules and limits. */

import { posix } from 'node:path';
import { KubecrateError } from '@kubecrate/errors';
import type { PaxRecords } from './pax.ts';
import { normalizePath, unsafePath } from './safe-path.ts';
import { invalidArchive, type TarBlock } from './tar-block.ts';
import type { TreeEntry } from './tree.ts';

/** An entry of a tar. A `link` is a hard link: the file that an earlier entry, `linkTarget`, made. */
export interface TarHeader extends Omit<TreeEntry, 'type'> {
  readonly type: TreeEntry['type'] | 'link';
}

/** What an archive may ask for at most. */
export interface TarLimits {
  readonly maxEntries?: number;
  /** Bytes of the archive, unpacked from its compression. */
  readonly maxBytes?: number;
  /** Characters of a path or a link target. */
  readonly maxPathLength?: number;
}

export interface TarOptions {
  /**
   * `archive`, unless given: devices, links that lead out of the root, two files of one path, and a missing end are errors.
   * `rootfs`: the same for the files of an image to be, whose absolute symbolic links (`/bin/sh` to `/bin/busybox`) begin at its root.
   * `layer`: as layers of images are written, all of these are passed on. Their digest says that they are whole.
   * Either way no path and no hard link leaves the root.
   */
  readonly rules?: 'archive' | 'rootfs' | 'layer';
  readonly limits?: TarLimits;
  readonly signal?: AbortSignal | undefined;
}

export const DEFAULT_LIMITS: Required<TarLimits> = {
  maxEntries: 2_000_000,
  maxBytes: 16 * 1024 ** 4,
  maxPathLength: 4096,
};

export type TarRules = NonNullable<TarOptions['rules']>;

/**
 * The header of an entry.
 * @throws KubecrateError UNSAFE_PATH, UNSUPPORTED, INVALID_ARCHIVE, LIMIT_EXCEEDED
 */
export function checkTarHeader(
  block: TarBlock,
  pax: PaxRecords,
  rules: TarRules,
  limits: Required<TarLimits>,
): TarHeader {
  const name = pax.path ?? block.name;
  if (name.length > limits.maxPathLength) throw limitExceeded(`a path of ${name.length} characters`);
  const path = normalizePath(name);
  const type = block.type === '0' && name.endsWith('/') ? 'directory' : TYPES[block.type];
  if (type === undefined) throw unsupported(path, `its type is ${JSON.stringify(block.type)}`);
  if (type === 'other' && rules !== 'layer') throw unsupported(path, 'it is a device or a FIFO');
  if (path === '' && type !== 'directory') throw invalidArchive('an entry has no name');
  const linkTarget = linkTargetOf(path, type, pax.linkpath ?? block.linkName, rules, limits);
  return {
    path,
    type,
    // Only files have content; what other entries say is for whoever made them.
    size: type === 'file' ? (pax.size ?? block.size) : 0,
    mode: block.mode & 0o7777,
    uid: pax.uid ?? block.uid,
    gid: pax.gid ?? block.gid,
    mtime: pax.mtime ?? block.mtime,
    ...(linkTarget === undefined ? {} : { linkTarget }),
  };
}

const TYPES: Readonly<Record<string, TarHeader['type']>> = {
  '0': 'file',
  '1': 'link',
  '2': 'symlink',
  '3': 'other',
  '4': 'other',
  '5': 'directory',
  '6': 'other',
  '7': 'file',
};

function linkTargetOf(
  path: string,
  type: TarHeader['type'],
  target: string,
  rules: TarRules,
  limits: Required<TarLimits>,
): string | undefined {
  if (type !== 'link' && type !== 'symlink') return undefined;
  if (target.length > limits.maxPathLength) throw limitExceeded(`a link target of ${target.length} characters`);
  if (target === '' || target.includes('\0')) throw invalidArchive(`the link ${JSON.stringify(path)} has no target`);
  if (type === 'link') return normalizePath(target);
  if (rules === 'rootfs' && target.startsWith('/')) return target;
  if (rules !== 'layer' && leadsOut(path, target))
    throw unsafePath(path, `it is a link that leads out to ${JSON.stringify(target)}`);
  return target;
}

function leadsOut(path: string, target: string): boolean {
  const aim = posix.join(posix.dirname(path), target);
  return target.startsWith('/') || aim === '..' || aim.startsWith('../');
}

function unsupported(path: string, why: string): KubecrateError {
  return new KubecrateError('UNSUPPORTED', `cannot read the archive: ${JSON.stringify(path)} is not supported, ${why}`);
}

/** The error for an archive that is larger than anybody's. */
export function limitExceeded(what: string): KubecrateError {
  return new KubecrateError('LIMIT_EXCEEDED', `cannot read the archive: it holds ${what}, more than is allowed`, {
    hint: 'an archive like this is made to fill disks or memory; if it is really yours, make it smaller',
  });
}
