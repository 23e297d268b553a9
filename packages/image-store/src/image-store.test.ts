import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { targetComplianceSuite, wrapping } from '@kubecrate/content/testing';
import { isDigest } from '@kubecrate/oci';
import { type ImageStore, openImageStore } from './image-store.ts';

targetComplianceSuite('the image store', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'kubecrate-store-'));
  return {
    target: asRepository(await openImageStore(directory)),
    leftovers: async () => {
      const names = await readdir(directory, { recursive: true });
      return names.filter((name) => name.includes('.kubecrate'));
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
});

/** The laws give tags; the store gives whole references. */
function asRepository(store: ImageStore): ImageStore {
  const nameOf = (tag: string): string => (isDigest(tag) ? tag : `example.com/app:${tag}`);
  return wrapping<ImageStore>(store, {
    tag: (descriptor, tag, options) => store.tag(descriptor, nameOf(tag), options),
    resolve: (tag, options) => store.resolve(nameOf(tag), options),
  });
}
