import { MemoryStore } from './memory-store.ts';
import { image, index, pushImage, readOnlyTargetComplianceSuite, targetComplianceSuite } from './testing/index.ts';

targetComplianceSuite('MemoryStore', async () => ({
  target: new MemoryStore(),
  [Symbol.asyncDispose]: async () => undefined,
}));

readOnlyTargetComplianceSuite(
  'MemoryStore, for reading',
  async (manifest, tag) => {
    const target = new MemoryStore();
    await pushImage(target, manifest, tag);
    return { target, [Symbol.asyncDispose]: async () => undefined };
  },
  { manifest: index([image({ seed: 'one' }), image({ seed: 'two', format: 'docker' })], { attestations: 'one-each' }) },
);
