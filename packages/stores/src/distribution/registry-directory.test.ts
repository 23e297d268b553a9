import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { targetComplianceSuite } from '@kubecrate/content/testing';
import { openRegistryDirectory } from './registry-directory.ts';

targetComplianceSuite('a repository of a registry directory', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'kubecrate-registry-'));
  const registry = await openRegistryDirectory(directory, { access: 'write' });
  return {
    target: registry.repository('team/app'),
    sibling: registry.repository('team/other'),
    leftovers: async () => {
      const names = await readdir(directory, { recursive: true });
      return names.filter((name) => name.includes('.kubecrate'));
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
});
