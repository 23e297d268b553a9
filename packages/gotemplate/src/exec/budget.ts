/** The bounds of a run: a template that loops or grows without end fails, and says which bound it passed. */

import { KubecrateError } from '@kubecrate/errors';
import type { Budget } from '../value.ts';
import { StackLimitError } from './stack-limit.ts';

export interface Limits {
  /** Templates within templates; 1,000 unless given. The stack may be a lower bound. */
  readonly depth?: number;
  /** Bytes of the stack of the thread; 984 KiB unless given, which is what Node gives its main thread. */
  readonly stackBytes?: number;
  /** Bytes of all output; 64 MiB unless given. */
  readonly outputBytes?: number;
  /** Bytes of any one value that a function makes, 8 for each element of a list; 16 MiB unless given. */
  readonly valueBytes?: number;
  /** Loop iterations of the whole run; 10 million unless given. */
  readonly iterations?: number;
  /** Milliseconds of the whole run, by the clock and of processor time; 10,000 unless given. */
  readonly milliseconds?: number;
}

/**
 * A fresh budget; the clock starts now. Several executions that share one share its bounds.
 * Its methods throw `LIMIT_EXCEEDED`.
 */
export function createBudget(limits: Limits = {}): Budget {
  return new RunBudget(limits);
}

const DEFAULT_DEPTH = 1000;
const DEFAULT_OUTPUT_BYTES = 64 * 1024 * 1024;
const DEFAULT_VALUE_BYTES = 16 * 1024 * 1024;
const DEFAULT_ITERATIONS = 10_000_000;
const DEFAULT_MILLISECONDS = 10_000;

const DEFAULT_STACK_BYTES = 984 * 1024;

/** Templates, statements and pipelines count what they take of the stack in parts of about so many bytes. */
const STACK_PART = 320;

/**
 * The share of the stack that they may take together.
 * A program that reaches the end of the stack inside a regular expression does not get an error, it is ended.
 */
const STACK_SHARE = 0.65;

/** The clock is read once in so many calls. */
const CALLS_PER_CLOCK = 256;

class RunBudget implements Budget {
  private readonly limits: Required<Limits>;
  private readonly deadline: number;
  private readonly before: NodeJS.CpuUsage = process.cpuUsage();
  private readonly maxStackParts: number;
  private depth = 0;
  private stackParts = 0;
  private written = 0;
  private steps = 0;
  private calls = 0;

  constructor(limits: Limits) {
    this.limits = {
      depth: limits.depth ?? DEFAULT_DEPTH,
      stackBytes: limits.stackBytes ?? DEFAULT_STACK_BYTES,
      outputBytes: limits.outputBytes ?? DEFAULT_OUTPUT_BYTES,
      valueBytes: limits.valueBytes ?? DEFAULT_VALUE_BYTES,
      iterations: limits.iterations ?? DEFAULT_ITERATIONS,
      milliseconds: limits.milliseconds ?? DEFAULT_MILLISECONDS,
    };
    this.maxStackParts = (this.limits.stackBytes * STACK_SHARE) / STACK_PART;
    this.deadline = performance.now() + this.limits.milliseconds;
  }

  step(count = 1): void {
    this.steps += count;
    if (this.steps > this.limits.iterations) throw exceeded(`more than ${this.limits.iterations} loop iterations`);
    this.checkClock();
  }

  write(bytes: number): void {
    this.written += bytes;
    if (this.written > this.limits.outputBytes) throw exceeded(`more than ${this.limits.outputBytes} bytes of output`);
    this.checkClock();
  }

  hold(bytes: number): void {
    if (bytes > this.limits.valueBytes) throw exceeded(`a value is larger than ${this.limits.valueBytes} bytes`);
  }

  check(): void {
    if (performance.now() > this.deadline && this.processorMs() > this.limits.milliseconds)
      throw exceeded(`the run took longer than ${this.limits.milliseconds} ms`);
  }

  /** What this process computed since the start: other work on a busy machine is not the template's fault. */
  private processorMs(): number {
    const { user, system } = process.cpuUsage(this.before);
    return (user + system) / 1000;
  }

  enter(): void {
    if (this.depth >= this.limits.depth) throw exceeded(`exceeded maximum template depth (${this.limits.depth})`);
    this.depth += 1;
    this.descend(1);
    this.checkClock();
  }

  leave(): void {
    this.depth -= 1;
    this.ascend(1);
  }

  descend(parts = 1): void {
    this.stackParts += parts;
    if (this.stackParts > this.maxStackParts) throw new StackLimitError('templates are nested too deep');
  }

  ascend(parts = 1): void {
    this.stackParts -= parts;
  }

  private checkClock(): void {
    this.calls += 1;
    if (this.calls % CALLS_PER_CLOCK === 0) this.check();
  }
}

function exceeded(reason: string): KubecrateError {
  return new KubecrateError('LIMIT_EXCEEDED', reason);
}
