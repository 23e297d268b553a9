/** A worker thread that renders one chart and ends. */

import { parentPort, workerData } from 'node:worker_threads';
import { seededRandom } from '@kubecrate/gotemplate';
import type { DeepAnswer, DeepRender } from './deep-render.ts';
import { revived } from './portable-values.ts';
import { ChartRenderError, type RenderErrorCode } from './render-error.ts';
import { renderJob } from './render-job.ts';

const { job, seed, now } = workerData as DeepRender;
parentPort?.postMessage(await answer());

async function answer(): Promise<DeepAnswer> {
  const sources = { random: seededRandom(seed), now: () => new Date(now) };
  try {
    return { files: await renderJob({ ...job, values: revived(job.values) }, sources) };
  } catch (error) {
    if (!(error instanceof ChartRenderError)) throw error;
    return { code: error.code as RenderErrorCode, helmMessage: error.helmMessage, failure: error.failure };
  }
}
