/** The stream of JSON lines in which an engine reports: a failure comes inside an answer of status 200. */

import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { KubecrateError, redact } from '@kubecrate/errors';

/** One line of what an engine says while it works. */
export interface EngineMessage {
  /** A line of text, as the engine shows it. */
  readonly text: string;
}

/** Reads a report to its end. @throws KubecrateError ENGINE where it reports a failure; `what` is what was tried */
export async function* engineMessages(report: Readable, what: string): AsyncGenerator<EngineMessage> {
  for await (const line of createInterface({ input: report, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === '') continue;
    const { error, stream, status } = fieldsOf(line);
    if (error !== undefined) throw new KubecrateError('ENGINE', `${what}: the engine says: ${redact(String(error))}`);
    const text = String(stream ?? status ?? '').trim();
    if (text !== '') yield { text };
  }
}

/** podman adds lines that are text. */
function fieldsOf(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return { stream: line };
  }
}
