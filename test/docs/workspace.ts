/** What the pages take for granted: the examples, the program on the PATH, and a registry on localhost:5000 that has their images. */

import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '@kubecrate/server';
import { openRegistryDirectory } from '@kubecrate/stores';
import { makeUpstream } from '../../cmd/demo/src/upstream.ts';
import { Console } from './console.ts';

export const ROOT: string = join(import.meta.dirname, '..', '..');

export interface DocsWorkspace extends AsyncDisposable {
  readonly console: Console;
}

export async function openDocsWorkspace(): Promise<DocsWorkspace> {
  const root = await mkdtemp(join(tmpdir(), 'kubecrate-docs-'));
  const directory = join(root, 'kubecrate');
  await cp(join(ROOT, 'examples'), join(directory, 'examples'), { recursive: true });
  await makeUpstream(join(root, 'upstream'));
  const registry = await startServer(await openRegistryDirectory(join(root, 'upstream'), { access: 'read' }));
  const terminal = new Console(directory, await environment(root, registry.host), registry.host);
  return {
    console: terminal,
    async [Symbol.asyncDispose]() {
      await terminal[Symbol.asyncDispose]();
      await registry.close();
      await rm(root, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Nothing of this machine's user; `localhost:5000` leads to the registry of the test. */
async function environment(root: string, registry: string): Promise<Readonly<Record<string, string>>> {
  const [home, bin, temporary] = [join(root, 'home'), join(root, 'bin'), join(root, 'tmp')];
  for (const made of [home, bin, temporary]) await mkdir(made);
  const program = join(ROOT, 'cmd', 'kubecrate', 'bin', 'kubecrate.js');
  await writeFile(join(bin, 'kubecrate'), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`, { mode: 0o755 });
  const conf = join(root, 'registries.conf');
  const rules = [
    ['localhost:5000', registry],
    // Another registry that has another image under the same name.
    ['registry.example.com/shop/web', `${registry}/shop/migrate`],
  ].map(([prefix, location]) => `[[registry]]\nprefix = "${prefix}"\nlocation = "${location}"\n`);
  await writeFile(conf, rules.join('\n'));
  return {
    PATH: `${bin}:${process.env['PATH'] ?? ''}`,
    HOME: home,
    TMPDIR: temporary,
    LC_ALL: 'C',
    TZ: 'UTC',
    CONTAINERS_REGISTRIES_CONF: conf,
    KUBECRATE_STORE: join(root, 'store'),
  };
}
