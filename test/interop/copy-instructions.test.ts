// COPY and ADD against podman build: the same file makes the same root file system.

import { chmod, lstat, mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { openWorkspace } from '../cli/kubecrate.ts';
import { describePeer } from '../fixtures/peers.ts';
import { podman } from '../fixtures/podman.ts';
import { runSuccessfully } from '../fixtures/run-process.ts';

/** Instructions that both tools read. */
const INSTRUCTIONS = `FROM scratch AS base
COPY base /
FROM base
COPY a.txt /one
COPY a.txt b.txt /two/
COPY d /three
COPY d/ /four/
COPY d /five/six/seven
COPY g/f?.go /six/
COPY g/*.go /seven/
COPY g/f[1-9]*.go /eight/
COPY ["sp ace.txt", "/nine/"]
COPY link /ten/
COPY dirlink /eleven/
COPY --chown=10:20 d /twelve/
COPY --chmod=640 a.txt /thirteen/f
ADD t.tar /fourteen/
ADD t.tgz /fifteen
ADD a.txt /sixteen
COPY . /seventeen/
COPY a.txt /three
COPY g /three/sub
COPY *.md /eighteen/
COPY d/x /d1/d2/d3/
COPY --chown=7 a.txt b.txt /twenty/
COPY .hidden /hidden
COPY a.txt /lib/
COPY a.txt /absolute/f2
COPY --chown=5:6 a.txt /etc/
COPY a.txt /lib/new/deep/
COPY --from=base /usr/lib/k /absolute/x/
`;

const FILES: Readonly<Record<string, string>> = {
  'a.txt': 'a',
  'b.txt': 'b',
  'sp ace.txt': 'blank',
  'd/x': 'x',
  'd/sub/y': 'y',
  'e/e': 'ignored',
  'g/f1.go': '1',
  'g/f2.go': '2',
  'g/f10.go': '10',
  'no.md': 'ignored',
  'keep.md': 'kept',
  '.hidden/h': 'h',
  'base/usr/lib/k': 'k',
  'base/etc/old': 'old',
  '.dockerignore': '*.md\n!keep.md\ne\nKubefile\nDockerfile\n',
  Kubefile: INSTRUCTIONS,
  Dockerfile: INSTRUCTIONS,
};

async function writeContext(directory: string): Promise<void> {
  for (const [path, content] of Object.entries(FILES)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }
  await chmod(join(directory, 'b.txt'), 0o755);
  await chmod(join(directory, 'd/sub'), 0o700);
  await chmod(join(directory, 'base/etc'), 0o700);
  await symlink('x', join(directory, 'd/link'));
  await symlink('a.txt', join(directory, 'link'));
  await symlink('d', join(directory, 'dirlink'));
  await symlink('usr/lib', join(directory, 'base/lib'));
  await symlink('/usr/lib', join(directory, 'base/absolute'));
  await runSuccessfully('tar', ['-cf', join(directory, 't.tar'), '-C', join(directory, 'd'), '.']);
  await runSuccessfully('tar', ['-czf', join(directory, 't.tgz'), '-C', join(directory, 'd'), 'x', 'sub']);
}

/** `path type mode owner content`, sorted. */
async function listing(root: string): Promise<readonly string[]> {
  // With types: without them, Node 20 walks through links.
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const lines = await Promise.all(
    entries.map(async ({ parentPath, name }) => {
      const place = join(parentPath, name);
      const path = relative(root, place);
      const found = await lstat(place);
      const owner = `${found.uid}:${found.gid}`;
      if (found.isSymbolicLink()) return `${path} -> ${await readlink(place)} ${owner}`;
      const mode = (found.mode & 0o7777).toString(8);
      const content = found.isDirectory() ? '' : (await readFile(place)).toString('hex');
      return `${path} ${mode} ${owner} ${content}`;
    }),
  );
  return lines.sort();
}

describePeer('podman', 'COPY and ADD', () => {
  test('make what podman build makes of them', async () => {
    await using workspace = await openWorkspace();
    const { directory, home } = workspace;
    const context = join(directory, 'context');
    await writeContext(context);
    await podman(['build', '-q', '--layers=false', '-t', 'copied:1', '-f', join(context, 'Dockerfile'), context], home);
    const container = (await podman(['create', 'copied:1', 'none'], home)).trim();
    const [exported, theirs, ours] = [
      join(directory, 'theirs.tar'),
      join(directory, 'theirs'),
      join(directory, 'ours'),
    ];
    await podman(['export', '-o', exported, container], home);
    await mkdir(theirs);
    await runSuccessfully('tar', ['-xpf', exported, '--numeric-owner', '-C', theirs]);
    await workspace.ok(['build', '-t', 'copied:1', 'context']);
    await workspace.ok(['unpack', '--keep-owners', 'copied:1', 'ours']);
    expect(await listing(ours)).toEqual(await listing(theirs));
  });
});
