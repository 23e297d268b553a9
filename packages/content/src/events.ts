/** What happens during a run, as data. Libraries never print: `cmd` renders these. */

import type { Descriptor, Digest } from '@kubecrate/oci';

/** `image` is the name of the source as its owner wrote it. */
export type CopyEvent =
  | { readonly type: 'resolved'; readonly image: string; readonly descriptor: Descriptor }
  | { readonly type: 'planned'; readonly digest: Digest; readonly size: number }
  | { readonly type: 'exists'; readonly descriptor: Descriptor }
  | { readonly type: 'copying'; readonly descriptor: Descriptor; readonly image: string }
  | { readonly type: 'progress'; readonly digest: Digest; readonly bytes: number }
  | { readonly type: 'copied'; readonly descriptor: Descriptor }
  | { readonly type: 'mounted'; readonly descriptor: Descriptor }
  | {
      readonly type: 'retrying';
      readonly what: string;
      readonly attempt: number;
      readonly delayMs: number;
      readonly reason: string;
    }
  | { readonly type: 'tagged'; readonly image: string; readonly tag: string; readonly descriptor: Descriptor }
  | { readonly type: 'failed'; readonly image: string; readonly error: unknown }
  | { readonly type: 'warning'; readonly message: string };

export type OnEvent = (event: CopyEvent) => void;
