/** A worker thread that computes digests: each message is a list of segments, each answer the sha256 of their bytes. */

import { parentPort } from 'node:worker_threads';
import type { Segment } from '@kubecrate/content';
import { hashOf } from './hash-of.ts';

parentPort?.on('message', (segments: readonly Segment[]) => {
  parentPort?.postMessage(hashOf(segments));
});
