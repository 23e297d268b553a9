/** Lets image lists have the last word over what was found. */

import { Faults } from '@kubecrate/documents';
import type { Collector } from './collect.ts';
import type { DiscoveredImage, LeftOutImage } from './discovery.ts';
import { type ImageList, type ImageListEntry, refuseFaults } from './image-list.ts';

/** What is needed, and what a line of a list took out. */
export interface Settled {
  readonly images: readonly DiscoveredImage[];
  readonly leftOut: readonly LeftOutImage[];
}

/** Applies `lists` in their order, a later line over an earlier one, then `ignored` over all. */
export function settle(collector: Collector, lists: readonly ImageList[], ignored: ImageList | undefined): Settled {
  const leftOut = new Map<string, LeftOutImage['by']>();
  const leave = (list: ImageList, entry: ImageListEntry) => {
    const { file } = list;
    const { image, line } = entry;
    if (collector.has(image)) leftOut.set(image, { file, line });
    else collector.remark({ severity: 'note', file, line, message: `it leaves out ${image}, which nothing needs` });
  };
  for (const list of lists) {
    for (const entry of list.entries) {
      if (entry.action === 'leave-out') {
        leave(list, entry);
      } else {
        const { image, line } = entry;
        collector.add(image, { file: list.file, line, rule: 'image-list', confidence: 'certain' });
        leftOut.delete(image);
      }
    }
  }
  if (ignored !== undefined) {
    refuseExclusions(ignored);
    for (const entry of ignored.entries) leave(ignored, entry);
  }
  const all = collector.images();
  return {
    images: all.filter(({ image }) => !leftOut.has(image)),
    leftOut: all.flatMap((found) => {
      const by = leftOut.get(found.image);
      return by === undefined ? [] : [{ ...found, by }];
    }),
  };
}

function refuseExclusions({ file, entries }: ImageList): void {
  const faults = new Faults(file);
  for (const { action, line, image } of entries) {
    if (action === 'leave-out') faults.at(line, `"!" before ${image}: every line of this list is left out already`);
  }
  refuseFaults(faults);
}
