/** Rendering in a thread with a large stack, for templates that are nested too deep for the stack of this one. */

import { once } from 'node:events';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { messageOf } from '@kubecrate/errors';
import type { Limits, TemplateFailure } from '@kubecrate/gotemplate';
import { portable } from './portable-values.ts';
import { ChartRenderError, type RenderErrorCode } from './render-error.ts';
import type { RenderJob, RenderSources } from './render-job.ts';

/** What the worker is started with: a job whose values are portable, and what stands for the sources. */
export interface DeepRender {
  readonly job: RenderJob;
  readonly seed: string;
  /** In milliseconds since 1970. */
  readonly now: number;
}

/** What the worker answers. */
export type DeepAnswer =
  | { readonly files: Map<string, string> }
  | {
      readonly code: RenderErrorCode;
      readonly helmMessage: string;
      readonly failure: TemplateFailure | undefined;
    };

/** What 100,000 templates within templates need, Go's bound. Only what is used of it takes memory. */
const STACK_MIB = 512;

/**
 * As `renderJob`, with a stack that Helm's and Go's own bounds end before; random texts come from a seed that `random` gives.
 * Throws `ChartRenderError`.
 */
export async function renderDeep(job: RenderJob, { random, now, signal }: RenderSources): Promise<Map<string, string>> {
  signal?.throwIfAborted();
  const limits: Limits = { ...job.limits, stackBytes: STACK_MIB * 1024 * 1024 };
  const workerData: DeepRender = {
    job: { ...job, values: portable(job.values), limits },
    seed: Buffer.from(random.bytes(32)).toString('hex'),
    now: now().getTime(),
  };
  const script = createRequire(import.meta.url).resolve('@kubecrate/charts/deep-render-worker');
  // Without the flags of this process: with a condition of its own the script would resolve to sources.
  const worker = new Worker(script, { workerData, execArgv: [], resourceLimits: { stackSizeMb: STACK_MIB } });
  const chart = job.chart.metadata.name;
  try {
    const [answer] = (await once(worker, 'message', signal === undefined ? {} : { signal })) as [DeepAnswer];
    if ('files' in answer) return answer.files;
    const details = answer.failure === undefined ? {} : { failure: answer.failure };
    throw new ChartRenderError(answer.code, chart, answer.helmMessage, details);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ChartRenderError) throw error;
    const reason = `templates are nested too deep: ${messageOf(error)}`;
    throw new ChartRenderError('LIMIT_EXCEEDED', chart, reason, { cause: error });
  } finally {
    await worker.terminate();
  }
}
