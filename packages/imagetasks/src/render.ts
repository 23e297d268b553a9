/** Rendering the templates of tasks: a variable that is missing is an error that names it. */

import { KubecrateError } from '@kubecrate/errors';
import {
  BUILTINS,
  type FunctionMap,
  type GoFunction,
  type GoMap,
  TemplateError,
  TemplateSet,
} from '@kubecrate/gotemplate';
import { missingIn, missingVariable, refusingMissing } from './missing-variable.ts';

/** Where a template stands. */
export interface TemplatePlace {
  readonly file: string;
  readonly line: number;
  /** The field: `push.dest`. */
  readonly field: string;
}

/** True where a text is a template at all, as KubeKey decides it. */
export function isTemplate(text: string): boolean {
  return text.includes('{{') && text.includes('}}');
}

/** Renders `text` with the variables; a text that is no template comes back as it is. @throws KubecrateError INVALID_TEMPLATE */
export function renderText(text: string, variables: GoMap, place: TemplatePlace, functions: FunctionMap): string {
  if (!isTemplate(text)) return text;
  const set = templateSet(functions);
  try {
    set.parse(place.field, text);
    const rendered = set.execute(place.field, variables);
    const missing = rendered.includes('<no value>') ? `a value in ${place.field} is not set` : missingIn(rendered);
    if (missing === undefined) return rendered;
    throw new KubecrateError('INVALID_TEMPLATE', `${where(place)}: cannot render ${place.field}: ${missing}`, {
      hint: HINT,
    });
  } catch (error) {
    if (error instanceof TemplateError) throw failure(place, error);
    throw error;
  }
}

/** Refuses a text whose template does not parse, or is begun and not closed. @throws KubecrateError INVALID_TEMPLATE */
export function checkTemplate(text: string, place: TemplatePlace, functions: FunctionMap): void {
  if (!text.includes('{{')) return;
  try {
    templateSet(functions).parse(place.field, text);
  } catch (error) {
    if (error instanceof TemplateError) throw failure(place, error);
    throw error;
  }
}

/** A set whose templates have `include` and `tpl` too. */
function templateSet(functions: FunctionMap): TemplateSet {
  const include: GoFunction = {
    params: ['string', 'interface {}'],
    run: ([name, data], { budget }) => set.execute(String(name), data ?? null, { budget }),
  };
  const tpl: GoFunction = {
    params: ['string', 'interface {}'],
    run: ([text, data], { budget }) => {
      const inner = templateSet(functions);
      inner.parse('tpl', String(text));
      return inner.execute('tpl', data ?? null, { budget });
    },
  };
  const all = [...GO_FUNCTIONS, ...functions, ['include', include] as const, ['tpl', tpl] as const];
  const set = new TemplateSet({
    functions: new Map(all.map(([name, fn]) => [name, refusingMissing(name, fn)])),
    missingKey: missingVariable,
  });
  return set;
}

/** Those that the execution itself evaluates, step by step, take what is missing for empty. */
const GO_FUNCTIONS = [...BUILTINS].filter(([name]) => !['and', 'or', 'call'].includes(name));

/** True where every bare expression renders to `true`. @throws KubecrateError INVALID_TEMPLATE */
export function holds(
  conditions: readonly { readonly text: string; readonly line: number }[],
  variables: GoMap,
  file: string,
  functions: FunctionMap,
): boolean {
  return conditions.every(({ text, line }) => {
    const template = isTemplate(text) ? text : `{{ ${text} }}`;
    return renderText(template, variables, { file, line, field: 'when' }, functions).trim().toLowerCase() === 'true';
  });
}

const HINT = 'set it with --vars FILE or -e name=value';

function failure(place: TemplatePlace, error: TemplateError): KubecrateError {
  const { reason, action } = error.failure;
  const missing = missingIn(reason);
  const hint = missing === undefined && !reason.includes('nil') ? {} : { hint: HINT };
  // The template of a password may hold the password, and so may what is said of it.
  if (isSecretField(place.field)) {
    const told = missing ?? 'its template is wrong';
    return new KubecrateError('INVALID_TEMPLATE', `${where(place)}: cannot render ${place.field}: ${told}`, hint);
  }
  const at = action === undefined ? '' : ` in {{ ${action.replace(/^\{\{(.*)\}\}$/s, '$1')} }}`;
  const message = `${where(place)}: cannot render ${place.field}${at}: ${missing ?? reason}`;
  return new KubecrateError('INVALID_TEMPLATE', message, { cause: error, ...hint });
}

/** True for fields that hold a user or a password, or a list of them. */
export function isSecretField(field: string): boolean {
  return /\b(?:username|password|auths)$/.test(field);
}

function where({ file, line }: TemplatePlace): string {
  return `${file}:${line}`;
}
