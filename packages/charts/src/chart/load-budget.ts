/** What loading one chart, with all the charts in it, may cost. */

import { KubecrateError } from '@kubecrate/errors';

export interface LoadLimits {
  /** Bytes of one file; 5 MiB unless given, as in Helm. */
  readonly maxFileBytes?: number;
  /** Bytes of all files, unpacked; 100 MiB unless given, as in Helm. */
  readonly maxBytes?: number;
  /** Files, unpacked; 20,000 unless given. */
  readonly maxFiles?: number;
  /** Charts within charts; 20 unless given. */
  readonly maxDepth?: number;
}

/** What is left; charts in a chart share it. */
export interface LoadBudget {
  readonly signal: AbortSignal | undefined;
  readonly limits: Required<LoadLimits>;
  /** Counts a file before it is read. Throws `LIMIT_EXCEEDED`. */
  file(name: string, bytes: number): void;
  /** The budget one chart deeper. Throws `LIMIT_EXCEEDED`. */
  nested(): LoadBudget;
}

export function createLoadBudget(limits: LoadLimits = {}, signal?: AbortSignal): LoadBudget {
  const used = { bytes: 0, files: 0 };
  return budgetAt(
    0,
    used,
    {
      maxFileBytes: limits.maxFileBytes ?? 5 * MIB,
      maxBytes: limits.maxBytes ?? 100 * MIB,
      maxFiles: limits.maxFiles ?? 20_000,
      maxDepth: limits.maxDepth ?? 20,
    },
    signal,
  );
}

const MIB = 1024 * 1024;

function budgetAt(
  depth: number,
  used: { bytes: number; files: number },
  limits: Required<LoadLimits>,
  signal: AbortSignal | undefined,
): LoadBudget {
  return {
    signal,
    limits,
    file(name, bytes) {
      signal?.throwIfAborted();
      if (bytes > limits.maxFileBytes) {
        throw exceeded(
          `chart file ${JSON.stringify(name)} is larger than the maximum file size ${limits.maxFileBytes}`,
        );
      }
      used.files++;
      used.bytes += bytes;
      if (used.files > limits.maxFiles) throw exceeded(`chart has more than ${limits.maxFiles} files`);
      if (used.bytes > limits.maxBytes) throw exceeded(`chart is larger than the maximum size ${limits.maxBytes}`);
    },
    nested() {
      if (depth >= limits.maxDepth) throw exceeded(`charts are nested deeper than ${limits.maxDepth}`);
      return budgetAt(depth + 1, used, limits, signal);
    },
  };
}

function exceeded(message: string): KubecrateError {
  return new KubecrateError('LIMIT_EXCEEDED', message);
}
