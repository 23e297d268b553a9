/** Templates that know each other by name: the files and definitions of one chart, say. */

import { NotFoundError } from '@kubecrate/errors';
import { BUILTINS } from './builtins/builtins.ts';
import { createBudget, type Limits } from './exec/budget.ts';
import { executeTree } from './exec/execution.ts';
import type { IntegerLoops, MissingKey, Run } from './exec/run.ts';
import { quote } from './format/quote.ts';
import type { Delimiters } from './parse/lexer.ts';
import { isEmptyList, type Tree } from './parse/node.ts';
import { parseTrees } from './parse/parser.ts';
import type { Budget, FunctionMap, GoValue } from './value.ts';

export interface TemplateSetOptions {
  /** The functions beside Go's builtins, which they may replace; parsing refuses names that are in neither. */
  readonly functions?: FunctionMap;
  /** What a missing key of a map gives: `default` no value, `zero` the zero value (nil), `error` an error, a function its own value. */
  readonly missingKey?: MissingKey;
  /** Whether `range` goes over integers, as it does since Go 1.24: `allowed` unless given. */
  readonly integerLoops?: IntegerLoops;
  readonly delimiters?: Delimiters;
  /** The name that Go's messages give the set. */
  readonly name?: string;
}

export interface ExecuteOptions {
  readonly limits?: Limits;
  /** The budget of the run that this execution is part of (`call.budget` of a function); `limits` is not read then. */
  readonly budget?: Budget;
}

/** A set of templates, parsed once and executed often. */
export class TemplateSet {
  private readonly options: Required<TemplateSetOptions>;
  private readonly trees = new Map<string, Tree>();

  constructor(options: TemplateSetOptions = {}) {
    this.options = {
      functions: options.functions ?? new Map(),
      missingKey: options.missingKey ?? 'default',
      integerLoops: options.integerLoops ?? 'allowed',
      delimiters: options.delimiters ?? { left: '{{', right: '}}' },
      name: options.name ?? '',
    };
  }

  /**
   * Parses `text` as the template `name`, with all that it defines. A later definition replaces an earlier one of that
   * name, unless it is empty. Throws a `TemplateError`.
   */
  parse(name: string, text: string): void {
    const { functions, delimiters } = this.options;
    const isFunction = (word: string): boolean => functions.has(word) || BUILTINS.has(word);
    for (const [treeName, tree] of parseTrees(name, text, { delimiters, isFunction })) {
      if (!this.trees.has(treeName) || !isEmptyList(tree.root)) this.trees.set(treeName, tree);
    }
  }

  has(name: string): boolean {
    return this.trees.has(name);
  }

  /** Takes a template out; those that call it fail. */
  remove(name: string): void {
    this.trees.delete(name);
  }

  /** The names of all templates, sorted. */
  names(): string[] {
    return [...this.trees.keys()].sort();
  }

  /** A set with the same templates, to which others can be added; `options` replace those of this set. */
  clone(options: TemplateSetOptions = {}): TemplateSet {
    const copy = new TemplateSet({ ...this.options, ...options });
    for (const [name, tree] of this.trees) copy.trees.set(name, tree);
    return copy;
  }

  /**
   * What the template prints with `data` as its dot. Throws a `TemplateError` with Go's message (`INVALID_TEMPLATE`, or
   * `LIMIT_EXCEEDED` where a bound was passed), or a `NotFoundError` where there is no template of that name.
   */
  execute(name: string, data: GoValue, options: ExecuteOptions = {}): string {
    const tree = this.trees.get(name);
    if (tree === undefined) {
      throw new NotFoundError(
        `template: no template ${quote(name)} associated with template ${quote(this.options.name)}`,
      );
    }
    const run: Run = {
      template: (wanted) => this.trees.get(wanted),
      functions: this.options.functions,
      builtins: BUILTINS,
      missingKey: this.options.missingKey,
      integerLoops: this.options.integerLoops,
      call: { budget: options.budget ?? createBudget(options.limits) },
      output: '',
    };
    run.call.budget.enter();
    executeTree(tree, data ?? undefined, run);
    run.call.budget.leave();
    return run.output;
  }
}
