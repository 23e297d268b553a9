/** A chart that does not render: where, in what, and Helm's words for it. */

import { KubecrateError, messageOf } from '@kubecrate/errors';
import { TemplateError, type TemplateFailure } from '@kubecrate/gotemplate';
import { FAILURE_END, FAILURE_START } from './helm-functions.ts';

export type RenderErrorCode = 'INVALID_TEMPLATE' | 'INVALID_CHART' | 'LIMIT_EXCEEDED';

/** Its message names the chart and has Helm's message behind it, shortened where templates are nested deeply, and then the action where that lacks it. */
export class ChartRenderError extends KubecrateError {
  readonly chart: string;
  /** What `helm template` says, in full. */
  readonly helmMessage: string;
  /** Where it happened, if it was in a template. */
  readonly failure: TemplateFailure | undefined;

  constructor(
    code: RenderErrorCode,
    chart: string,
    helmMessage: string,
    details: { readonly cause?: unknown; readonly failure?: TemplateFailure } = {},
  ) {
    const message = `${shortenChain(helmMessage)}${actionBehind(helmMessage, details)}`;
    super(code, `cannot render chart ${JSON.stringify(chart)}: ${message}`, { cause: details.cause });
    this.name = 'ChartRenderError';
    this.chart = chart;
    this.helmMessage = helmMessage;
    this.failure = details.failure;
  }
}

/** Templates within templates say where each was called: of many, the first and the last are kept. */
function shortenChain(helmMessage: string): string {
  const levels = helmMessage.split(BEFORE_CALL);
  const left = levels.length - FIRST_LEVELS - LAST_LEVELS;
  if (left <= 1) return helmMessage;
  const kept = [...levels.slice(0, FIRST_LEVELS), `... ${left} more levels ... `, ...levels.slice(-LAST_LEVELS)];
  return kept.join('');
}

const BEFORE_CALL = /(?=error calling (?:include|tpl): )/;
const FIRST_LEVELS = 5;
const LAST_LEVELS = 5;

/** The action, where Helm leaves it out: it does so for `fail` and `required`. */
function actionBehind(helmMessage: string, { failure }: { readonly failure?: TemplateFailure }): string {
  const action = failure?.action;
  return action === undefined || helmMessage.includes(action) ? '' : `, at <${action}>`;
}

/** The error for a template that failed to parse or to execute; anything else comes back as it is. */
export function renderError(chart: string, template: string, error: unknown): unknown {
  if (!(error instanceof KubecrateError)) return error;
  const failure = error instanceof TemplateError ? { failure: error.failure } : {};
  if (error.code === 'LIMIT_EXCEEDED') {
    const where = error instanceof TemplateError ? '' : `${template}: `;
    return new ChartRenderError('LIMIT_EXCEEDED', chart, `${where}${error.message}`, { cause: error, ...failure });
  }
  const message = messageOf(error);
  const helmMessage =
    error instanceof TemplateError && error.failure.stage === 'parse'
      ? parseMessage(template, message)
      : executionMessage(template, message);
  return new ChartRenderError('INVALID_TEMPLATE', chart, helmMessage, { cause: error, ...failure });
}

/** Helm keeps the place and the last part of what the parser says. */
function parseMessage(template: string, message: string): string {
  const parts = message.split(': ');
  if (parts.length === 1) return `parse error in (${template}): ${message}`;
  return `parse error at (${parts[1]}): ${parts.at(-1)}`;
}

/** Of `fail` and `required` Helm keeps the place and the text; of everything else all that Go says. */
function executionMessage(template: string, message: string): string {
  const [, location, ...rest] = message.split(': ');
  if (rest.length === 0) return `execution error in (${template}): ${message}`;
  const text = rest.join(': ');
  const start = text.indexOf(FAILURE_START);
  const end = text.lastIndexOf(FAILURE_END);
  if (start < 0 || end < start) return message;
  return `execution error at (${location}): ${text.slice(start + FAILURE_START.length, end)}`;
}
