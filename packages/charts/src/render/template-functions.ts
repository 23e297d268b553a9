/** `include` and `tpl`: functions that execute templates of the set that they belong to. */

import { hasCode } from '@kubecrate/errors';
import {
  type CallContext,
  type FunctionMap,
  formatGo,
  GoError,
  type GoFunction,
  type GoValue,
  TemplateError,
  TemplateSet,
} from '@kubecrate/gotemplate';

/** The name that Helm gives its set of templates, and the text of `tpl` in messages. */
const SET_NAME = 'gotpl';

/** How often a template may include itself. */
const MAX_INCLUDES = 1000;

/** A set of templates with these functions and with `include` and `tpl`. */
export function createTemplateSet(functions: FunctionMap): TemplateSet {
  const set: TemplateSet = new TemplateSet({
    name: SET_NAME,
    missingKey: 'zero',
    functions: withTemplateFunctions(functions, () => set, new Map()),
  });
  return set;
}

/** What the template engine prints for a nil value, as Helm leaves it out. */
export function withoutNoValue(text: string): string {
  return text.replaceAll('<no value>', '');
}

function withTemplateFunctions(
  functions: FunctionMap,
  set: () => TemplateSet,
  includes: Map<string, number>,
): FunctionMap {
  const include: GoFunction = {
    params: ['string', 'interface {}'],
    run: ([name, data], call) => runInclude(set(), includes, String(name), data ?? null, call),
  };
  const tpl: GoFunction = {
    params: ['string', 'interface {}'],
    run: ([text, data], call) => runTpl(functions, set(), includes, String(text), data ?? null, call),
  };
  return new Map([...functions, ['include', include], ['tpl', tpl]]);
}

function runInclude(
  set: TemplateSet,
  includes: Map<string, number>,
  name: string,
  data: GoValue,
  { budget }: CallContext,
): string {
  const depth = includes.get(name) ?? 0;
  if (depth > MAX_INCLUDES) {
    throw new GoError(`rendering template has a nested reference name: ${name}: unable to execute template`);
  }
  includes.set(name, depth + 1);
  try {
    return set.execute(name, data, { budget });
  } catch (error) {
    throw hasCode(error, 'NOT_FOUND') ? new GoError(error.message, { cause: error }) : error;
  } finally {
    includes.set(name, depth);
  }
}

/** What `text` defines is seen by itself and by what it includes, and gone afterwards. */
function runTpl(
  functions: FunctionMap,
  parent: TemplateSet,
  includes: Map<string, number>,
  text: string,
  data: GoValue,
  { budget }: CallContext,
): string {
  budget.enter();
  const set: TemplateSet = parent.clone({ functions: withTemplateFunctions(functions, () => set, includes) });
  set.remove(SET_NAME);
  attempt('cannot parse template %q', text, () => set.parse(SET_NAME, text));
  const output = attempt('error during tpl function execution for %q', text, () =>
    set.has(SET_NAME) ? set.execute(SET_NAME, data, { budget }) : '',
  );
  budget.leave();
  return withoutNoValue(output);
}

function attempt<T>(what: string, text: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof TemplateError) || error.code === 'LIMIT_EXCEEDED') throw error;
    throw new GoError(`${formatGo(what, [text])}: ${error.message}`, { cause: error });
  }
}
