/** What dead processes left in a store, and making room with it where the disk is full. */

import type { Leases } from './lease.ts';
import type { Reserve } from './reserve.ts';
import type { MakeRoom } from './room.ts';
import type { StoreContent } from './store-content.ts';
import type { WorkDirectories } from './work-directories.ts';

/** The parts of a store in which something may be left. */
export interface LeftoverParts {
  readonly content: StoreContent;
  readonly leases: Leases;
  readonly work: WorkDirectories;
}

/** Removes what dead processes left; gives the number of bytes. It writes nothing, and nobody else needs to stand still for it. */
export async function removeLeftovers({ content, leases, work }: LeftoverParts): Promise<number> {
  const unowned = (await leases.areOpen()) ? 'keep' : 'remove';
  return (await content.staging.clean()) + (await work.clean(unowned));
}

/** Gives up the reserve; a store that has none (one of an older version) may have leftovers. */
export function makingRoom(store: LeftoverParts & { readonly reserve: Reserve }): MakeRoom {
  return async () => {
    if ((await store.reserve.giveUp()) === 'made') return 'made';
    return (await removeLeftovers(store)) > 0 ? 'made' : 'none';
  };
}
