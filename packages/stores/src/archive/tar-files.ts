/** {@link StoredFiles} of a tar as it lies on disk: nothing is unpacked, content is read from where it is. */

import { posix } from 'node:path';
import type { Segment } from '@kubecrate/content';
import { KubecrateError, NotFoundError } from '@kubecrate/errors';
import { type TarHeader, tarIndex } from '@kubecrate/files';
import { tooLarge } from '../files/directory-files.ts';
import type { ReadOptions, StoredFiles } from '../files/stored-files.ts';
import { readSegments } from '../segments/read-segments.ts';

/**
 * Reads the headers of the tar at `path`; `where` names it in errors. Links inside the archive are followed.
 * @throws KubecrateError INVALID_ARCHIVE, UNSAFE_PATH, LIMIT_EXCEEDED, UNSUPPORTED
 */
export async function tarFiles(
  path: string,
  { where = path, signal }: ReadOptions & { readonly where?: string } = {},
): Promise<StoredFiles> {
  const entries = new Map<string, Entry>();
  for await (const { header, offset } of tarIndex(path, signal === undefined ? {} : { signal })) {
    entries.set(header.path, { header, offset });
  }
  const find = (name: string): Entry | undefined => followed(entries, name, where);
  const segmentOf = ({ header, offset }: Entry): Segment => ({ kind: 'file', path, offset, length: header.size });
  const required = (name: string): Entry => {
    const entry = find(name);
    if (entry !== undefined) return entry;
    throw new NotFoundError(`${JSON.stringify(name)} is not in ${JSON.stringify(where)}`);
  };
  return {
    where,
    async size(name): Promise<number | undefined> {
      return find(name)?.header.size;
    },
    async read(name, limit, options = {}): Promise<Buffer | undefined> {
      const entry = find(name);
      if (entry === undefined) return undefined;
      if (entry.header.size > limit) throw tooLarge(`${where}: ${name}`, entry.header.size, limit);
      const chunks: Buffer[] = [];
      for await (const chunk of readSegments([segmentOf(entry)], options)) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
    async open(name, start, options = {}) {
      return readSegments([segmentOf(required(name))], { ...options, start });
    },
    async names(name, type): Promise<readonly string[]> {
      return namesIn(entries, name, type);
    },
    async segment(name): Promise<Segment | undefined> {
      const entry = find(name);
      return entry === undefined ? undefined : segmentOf(entry);
    },
  };
}

interface Entry {
  readonly header: TarHeader;
  readonly offset: number;
}

/** The file that a path is, through the links that old versions of docker save wrote for equal layers. */
function followed(entries: ReadonlyMap<string, Entry>, name: string, where: string): Entry | undefined {
  let path = name;
  for (let links = 0; links <= MAX_LINKS; links += 1) {
    const entry = entries.get(path);
    const { type, linkTarget } = entry?.header ?? {};
    if (type === 'file') return entry;
    if (linkTarget === undefined || (type !== 'link' && type !== 'symlink')) return undefined;
    path = type === 'link' ? linkTarget : posix.join(posix.dirname(path), linkTarget);
  }
  throw new KubecrateError(
    'INVALID_ARCHIVE',
    `cannot read ${JSON.stringify(name)} in ${JSON.stringify(where)}: more than ${MAX_LINKS} links lead from one to the other`,
  );
}

/** A tar need not have entries for its directories. */
function namesIn(
  entries: ReadonlyMap<string, Entry>,
  directory: string,
  type: 'directory' | 'file',
): readonly string[] {
  const prefix = directory === '' ? '' : `${directory}/`;
  const names = new Set<string>();
  for (const [path, { header }] of entries) {
    if (!path.startsWith(prefix)) continue;
    const [name = '', ...below] = path.slice(prefix.length).split('/');
    const isDirectory = below.length > 0 || header.type === 'directory';
    if (isDirectory === (type === 'directory')) names.add(name);
  }
  return [...names].sort();
}

const MAX_LINKS = 16;
