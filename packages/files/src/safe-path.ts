/** Paths that came from somewhere else (archives, manifests, Kubefiles), kept inside the directory they belong to. */

import { lstat, mkdir, readlink } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileError, isMissing, KubecrateError, NotFoundError, systemCode } from '@kubecrate/errors';

/**
 * A path in its one spelling: `./a//b/` is `a/b`, `.` and `/` alone are the empty path (the root).
 * Text only: links are not looked at.
 * A backslash is a character like any other (systemd has files named with it), unless it would leave the root where it separates.
 * @throws KubecrateError UNSAFE_PATH for an absolute path (also as Windows writes it), a `..` part, or a NUL
 */
export function normalizePath(path: string): string {
  if (path.includes('\0')) throw unsafePath(path, 'it holds a NUL character');
  if (/^([/\\]|[A-Za-z]:[/\\])/.test(path)) throw unsafePath(path, 'it is absolute');
  if (path.split(/[/\\]/).includes('..')) throw unsafePath(path, 'it has a ".." part');
  return path.split('/').filter(isPart).join('/');
}

/**
 * `path` below `root`, by its text alone; see {@link resolveInside} and {@link makeParents} where links matter.
 * @throws KubecrateError UNSAFE_PATH
 */
export function safeJoin(root: string, path: string): string {
  return join(root, normalizePath(path));
}

/**
 * The real place of an existing path below `root`: links on the way, and at its end, are followed while they stay inside.
 * `root` itself is taken as it is.
 * @throws KubecrateError UNSAFE_PATH where the path or a link leaves `root`; NotFoundError
 */
export async function resolveInside(root: string, path: string): Promise<string> {
  const base = resolve(root);
  let pending = normalizePath(path).split('/').filter(isPart);
  let place = base;
  let links = 0;
  for (let part = pending.shift(); part !== undefined; part = pending.shift()) {
    const next = join(place, part);
    const target = await linkTargetOf(next, path);
    if (target === undefined) {
      place = next;
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) throw unsafePath(path, `it goes through more than ${MAX_LINKS} links`);
    const aim = resolve(place, target);
    if (!isInside(base, aim)) throw unsafePath(path, `the link ${JSON.stringify(next)} leads out to ${target}`);
    pending = [...relative(base, aim).split(sep).filter(isPart), ...pending];
    place = base;
  }
  return place;
}

/**
 * Makes the directories above `path` below `root` and gives the joined path, to write there.
 * @throws KubecrateError UNSAFE_PATH where the path leaves `root` or goes through a link
 */
export async function makeParents(root: string, path: string): Promise<string> {
  const parts = normalizePath(path).split('/').filter(isPart);
  const name = parts.pop();
  let place = resolve(root);
  for (const part of parts) {
    place = join(place, part);
    await makeRealDirectory(place, path);
  }
  return name === undefined ? place : join(place, name);
}

/** True where `path` is `root` or below it; both absolute, text only. */
export function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

/** The error for a path that cannot be trusted. */
export function unsafePath(path: string, why: string): KubecrateError {
  return new KubecrateError('UNSAFE_PATH', `refused the path ${JSON.stringify(path.slice(0, 300))}: ${why}`, {
    hint: 'paths must stay inside the directory they belong to',
  });
}

/** As many as Linux follows in one path. */
const MAX_LINKS = 40;

function isPart(part: string): boolean {
  return part !== '' && part !== '.';
}

async function linkTargetOf(path: string, asked: string): Promise<string | undefined> {
  try {
    const stats = await lstat(path);
    return stats.isSymbolicLink() ? await readlink(path) : undefined;
  } catch (error) {
    if (isMissing(error)) throw new NotFoundError(`${JSON.stringify(asked)} is not there`, { cause: error });
    throw fileError(`cannot look at ${JSON.stringify(path)}`, error);
  }
}

async function makeRealDirectory(path: string, asked: string): Promise<void> {
  try {
    await mkdir(path);
    return;
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw fileError(`cannot make the directory ${JSON.stringify(path)}`, error);
  }
  const stats = await lstat(path);
  if (!stats.isDirectory()) throw unsafePath(asked, `${JSON.stringify(path)} is a link or a file, not a directory`);
}
