/** Several processes behind one address: one process of Node sends with one core only. */

import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { type ErrorCode, KubecrateError, messageOf } from '@kubecrate/errors';
import type { Credentials } from '@kubecrate/server';
import type { Context } from './context.ts';

/** Where a process that serves can be reached. */
export interface ServedAddress {
  readonly url: string;
  readonly host: string;
  readonly port: number;
}

/** What a serving process tells the one that started it. */
type Report =
  | { readonly type: 'ready' }
  | ({ readonly type: 'serving' } & ServedAddress)
  | { readonly type: 'failed'; readonly code: ErrorCode; readonly message: string; readonly hint?: string };

/** What a serving process cannot find out by itself: a password comes by standard input, once. */
interface Orders {
  readonly users: readonly Credentials[] | undefined;
}

export interface ServingProcessesOptions {
  /** The script and the arguments of this program; each process runs them again. */
  readonly program: Context['program'];
  readonly count: number;
  readonly users: readonly Credentials[] | undefined;
  /** Told of a process that ended by itself and was replaced. */
  readonly onReplaced: (reason: string) => void;
}

/** Processes that share one address, until they are disposed of. */
export interface ServingProcesses extends ServedAddress, AsyncDisposable {
  /** Resolves when all processes have ended; rejects where one cannot be replaced. */
  readonly ended: Promise<void>;
}

/** Whether this process was started by {@link startServingProcesses}. */
export function isServingProcess(): boolean {
  return cluster.isWorker;
}

/** Starts processes that each serve at the same address. @throws KubecrateError where the first one cannot */
export async function startServingProcesses(options: ServingProcessesOptions): Promise<ServingProcesses> {
  const { script, args } = options.program;
  cluster.setupPrimary({ exec: script, args: [...args] });
  const group = new ProcessGroup(options);
  try {
    // The first one tells whether the address can be had.
    const { url, host, port } = await group.start();
    await Promise.all(Array.from({ length: options.count - 1 }, () => group.start()));
    return { url, host, port, ended: group.ended, [Symbol.asyncDispose]: () => group.stop() };
  } catch (error) {
    await group.stop();
    throw error;
  }
}

/** The side of a serving process: serves as it is told to, and tells how that went. */
export async function serveAsProcess(
  serve: (orders: Orders, onServing: (address: ServedAddress) => void) => Promise<void>,
): Promise<void> {
  try {
    await serve(await receiveOrders(), ({ url, host, port }) => report({ type: 'serving', url, host, port }));
  } catch (error) {
    const { code, hint } = error instanceof KubecrateError ? error : { code: 'IO' as const, hint: undefined };
    report({ type: 'failed', code, message: messageOf(error), ...(hint === undefined ? {} : { hint }) });
  } finally {
    cluster.worker?.disconnect();
  }
}

/** A process that is asked to end has so long; milliseconds. */
const GRACE_MS = 5_000;
/** Processes that end by themselves are replaced so often; who needs it more often has to be told. */
const MAX_REPLACED = 100;

class ProcessGroup {
  readonly ended: Promise<void>;
  readonly #options: ServingProcessesOptions;
  readonly #running = new Set<Worker>();
  #isStopping = false;
  #replaced = 0;
  #end: () => void = () => undefined;
  #fail: (error: unknown) => void = () => undefined;

  constructor(options: ServingProcessesOptions) {
    this.#options = options;
    this.ended = new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
    });
    // Whoever awaits it is told; nobody may.
    this.ended.catch(() => undefined);
  }

  /** Starts a process; resolves when it serves. */
  async start(): Promise<ServedAddress> {
    const worker = cluster.fork();
    this.#running.add(worker);
    const orders: Orders = { users: this.#options.users };
    const serving = await new Promise<ServedAddress>((resolve, reject) => {
      worker.on('message', (told: Report) => {
        if (told.type === 'ready') worker.send(orders);
        else if (told.type === 'serving') resolve(told);
        else reject(errorOf(told));
      });
      // A process that could not be made has no exit.
      worker.once('error', (error) => {
        this.#running.delete(worker);
        reject(new KubecrateError('IO', `cannot start a serving process: ${messageOf(error)}`, { cause: error }));
      });
      worker.once('exit', (code, signal) => {
        this.#running.delete(worker);
        reject(new KubecrateError('IO', `a serving process ended before it served: ${signal || `exit code ${code}`}`));
      });
    });
    worker.once('exit', (code, signal) => this.#replace(code, signal));
    return serving;
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(
      [...this.#running].map(async (worker) => {
        const exited = once(worker, 'exit');
        worker.process.kill('SIGTERM');
        const impatient = setTimeout(() => worker.process.kill('SIGKILL'), GRACE_MS);
        await exited;
        clearTimeout(impatient);
      }),
    );
  }

  /** A process ends with 0 where it was told to, as by Ctrl-C, which all processes of a terminal get. */
  #replace(code: number, signal: string): void {
    if (!this.#isStopping && (code !== 0 || signal)) {
      const reason = signal || `exit code ${code}`;
      this.#replaced += 1;
      if (this.#replaced > MAX_REPLACED) {
        this.#fail(new KubecrateError('IO', `serving processes keep ending, the last one with ${reason}`));
        return;
      }
      this.#options.onReplaced(reason);
      this.start().catch(this.#fail);
    } else if (this.#running.size === 0) this.#end();
  }
}

async function receiveOrders(): Promise<Orders> {
  const received = once(process, 'message');
  report({ type: 'ready' });
  const [orders] = (await received) as [Orders];
  return orders;
}

function report(told: Report): void {
  process.send?.(told);
}

function errorOf({ code, message, hint }: Extract<Report, { type: 'failed' }>): KubecrateError {
  return new KubecrateError(code, message, hint === undefined ? {} : { hint });
}
