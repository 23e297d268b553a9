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
  const run: Run = { set: new TemplateSet(), includes: new Map() };
  const include: GoFunction = {
    params: ['string', 'interface {}'],
    run: ([name, data], call) => runInclude(run, String(name), data ?? null, call),
  };
  const tpl: GoFunction = {
    params: ['string', 'interface {}'],
    run: ([text, data], call) => runTpl(run, String(text), data ?? null, call),
  };
  run.set = new TemplateSet({
    name: SET_NAME,
    missingKey: 'zero',
    // Helm 3.17 is built with Go 1.23.
    integerLoops: 'refused',
    functions: new Map([...functions, ['include', include], ['tpl', tpl]]),
  });
  return run.set;
}

/** What the template engine prints for a nil value, as Helm leaves it out. */
export function withoutNoValue(text: string): string {
  return text.includes('<no value>') ? text.replaceAll('<no value>', '') : text;
}

/** What is being executed. */
interface Run {
  /** The set whose templates `include` finds: within `tpl`, one with what its text defines. */
  set: TemplateSet;
  /** How deep each template is within itself. */
  readonly includes: Map<string, number>;
}

function runInclude(run: Run, name: string, data: GoValue, { budget }: CallContext): string {
  const depth = run.includes.get(name) ?? 0;
  if (depth > MAX_INCLUDES) {
    throw new GoError(`rendering template has a nested reference name: ${name}: unable to execute template`);
  }
  run.includes.set(name, depth + 1);
  try {
    return run.set.execute(name, data, { budget });
  } catch (error) {
    throw hasCode(error, 'NOT_FOUND') ? new GoError(error.message, { cause: error }) : error;
  } finally {
    run.includes.set(name, depth);
  }
}

/** What `text` defines is seen by itself and by what it includes, and gone afterwards. */
function runTpl(run: Run, text: string, data: GoValue, { budget }: CallContext): string {
  // Most values that charts give to `tpl` have no action in them; a copy of the set for each would cost most of a rendering.
  if (!text.includes('{{')) return withoutNoValue(text);
  const outer = run.set;
  const set = outer.clone();
  set.remove(SET_NAME);
  attempt('cannot parse template %q', text, () => set.parse(SET_NAME, text));
  run.set = set;
  try {
    const execute = (): string => (set.has(SET_NAME) ? set.execute(SET_NAME, data, { budget }) : '');
    return withoutNoValue(attempt('error during tpl function execution for %q', text, execute));
  } finally {
    run.set = outer;
  }
}

function attempt<T>(what: string, text: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof TemplateError) || error.code === 'LIMIT_EXCEEDED') throw error;
    throw new GoError(`${formatGo(what, [text])}: ${error.message}`, { cause: error });
  }
}
