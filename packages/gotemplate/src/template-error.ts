/** What is wrong with a template, where, in Go's words. */

import { KubecrateError } from '@kubecrate/errors';
import { quote } from './format/quote.ts';

/** Where and in what a template failed. */
export interface TemplateFailure {
  readonly stage: 'parse' | 'execute';
  /** The file, as it was named to `parse`. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** In bytes, from 0, as Go counts; known for failures of execution. */
  readonly column?: number;
  /** The template (a `define` or the file itself) that was executing. */
  readonly template?: string;
  /** The action that failed, as Go writes it. */
  readonly action?: string;
  /** Go's message without the place. */
  readonly reason: string;
}

/** A template that does not parse or that failed while it was executed; its message is the one Go gives. */
export class TemplateError extends KubecrateError {
  readonly failure: TemplateFailure;

  constructor(code: 'INVALID_TEMPLATE' | 'LIMIT_EXCEEDED', failure: TemplateFailure, cause?: unknown) {
    super(code, messageFor(failure), cause === undefined ? {} : { cause });
    this.name = 'TemplateError';
    this.failure = failure;
  }
}

function messageFor(failure: TemplateFailure): string {
  const { file, line, column, template, action, reason } = failure;
  if (column === undefined) return `template: ${file}:${line}: ${reason}`;
  return `template: ${file}:${line}:${column}: executing ${quote(template ?? '')} at <${action}>: ${reason}`;
}
