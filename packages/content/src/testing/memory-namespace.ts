/** A registry in memory. */

import { MemoryStore } from '../memory-store.ts';
import type { Namespace, OperationOptions } from '../target.ts';

/** Repositories that are there as soon as they are asked for; those with a tag are listed. */
export function memoryNamespace(): Namespace<MemoryStore> {
  const stores = new Map<string, MemoryStore>();
  return {
    repository(name): MemoryStore {
      const store = stores.get(name) ?? new MemoryStore();
      stores.set(name, store);
      return store;
    },
    async *repositories(options?: OperationOptions): AsyncGenerator<string> {
      for (const [name, store] of [...stores].sort(([a], [b]) => (a < b ? -1 : 1))) {
        if (!(await store.tags(options).next()).done) yield name;
      }
    },
  };
}
