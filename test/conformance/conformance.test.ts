import { memoryNamespace } from '@kubecrate/content/testing';
import { startServer } from '@kubecrate/server';
import { openRegistryDirectory } from '@kubecrate/stores';
import { startDockerRegistry } from '../fixtures/docker-registry.ts';
import { describePeer } from '../fixtures/peers.ts';
import { temporaryDirectory } from '../fixtures/temporary-directory.ts';
import { conformanceSuite } from './conformance-suite.ts';

// Memory lists no referrers of its own: clients keep the fallback tag there.
conformanceSuite('our server over memory', () => startServer(memoryNamespace(), { access: 'writable' }), {
  without: ['referrers'],
});

conformanceSuite('our server over a registry directory', async () => {
  const directory = await temporaryDirectory();
  const namespace = await openRegistryDirectory(directory.path, { access: 'write' });
  const server = await startServer(namespace, { access: 'writable', uploadDirectory: directory.path });
  return {
    url: server.url,
    [Symbol.asyncDispose]: async () => {
      await server.close();
      await directory[Symbol.asyncDispose]();
    },
  };
});

// The same tests against the registry that everyone has: what they ask is what registries do.
describePeer('docker-registry', 'the tests themselves', () => {
  conformanceSuite('docker-registry 2.8', () => startDockerRegistry(), {
    without: ['delete-tag', 'referrers', 'tag-pages', 'out-of-order-416'],
  });
});
