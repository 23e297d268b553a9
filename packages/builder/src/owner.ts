/** Who owns copied files: `--chown=USER[:GROUP]`, by number, or by name as the root file system knows it. */

import { KubecrateError, NotFoundError } from '@kubecrate/errors';
import type { FileTree, TreeOptions } from '@kubecrate/files';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** `/etc/passwd` and `/etc/group` larger than this are not read. Bytes. */
const MAX_DATABASE_SIZE = 1024 * 1024;

/**
 * Reads `USER[:GROUP]`. Without a group, the group has the number of the user, as Dockerfile says.
 * @throws NotFoundError for a name that `etc/passwd` or `etc/group` of the root file system does not have
 */
export async function resolveOwner(text: string, rootfs: FileTree, options: TreeOptions): Promise<Owner> {
  const [user = '', group] = text.split(':');
  const uid = await resolveId(user, 'etc/passwd', 'user', rootfs, options);
  return { uid, gid: group === undefined ? uid : await resolveId(group, 'etc/group', 'group', rootfs, options) };
}

async function resolveId(
  name: string,
  database: string,
  kind: 'user' | 'group',
  rootfs: FileTree,
  options: TreeOptions,
): Promise<number> {
  if (/^\d{1,10}$/.test(name)) return checkId(Number(name), kind);
  for (const line of (await readDatabase(rootfs, database, options)).split('\n')) {
    const [known, , id] = line.split(':');
    if (known === name && id !== undefined && /^\d{1,10}$/.test(id)) return checkId(Number(id), kind);
  }
  throw new NotFoundError(`the ${kind} ${JSON.stringify(name)} of --chown is not in /${database} of the image`, {
    hint: 'give its number, for example --chown=1000:1000',
  });
}

function checkId(id: number, kind: string): number {
  if (id <= 0xffff_fffe) return id;
  throw new KubecrateError('INVALID_ARGUMENT', `the ${kind} ${id} of --chown is too large`);
}

async function readDatabase(rootfs: FileTree, path: string, options: TreeOptions): Promise<string> {
  const entry = await rootfs.stat(path, options);
  if (entry?.type !== 'file' || entry.size > MAX_DATABASE_SIZE) return '';
  const chunks: Uint8Array[] = [];
  for await (const chunk of await rootfs.open(path, options)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
