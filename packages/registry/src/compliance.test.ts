import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Subject, targetComplianceSuite } from '@kubecrate/content/testing';
import { startServer } from '@kubecrate/server';
import { openRegistryDirectory } from '@kubecrate/stores';
import { openRegistryClient } from './client.ts';

targetComplianceSuite('a repository of a registry', async (): Promise<Subject> => {
  const directory = await mkdtemp(join(tmpdir(), 'kubecrate-registry-'));
  const server = await startServer(await openRegistryDirectory(directory, { access: 'write' }), { access: 'writable' });
  const client = openRegistryClient({});
  const domain = `127.0.0.1:${server.port}`;
  return {
    target: client.repository(domain, 'library/mysql'),
    sibling: client.repository(domain, 'library/other'),
    async [Symbol.asyncDispose](): Promise<void> {
      await client[Symbol.asyncDispose]();
      await server.close();
      await rm(directory, { recursive: true });
    },
  };
});
