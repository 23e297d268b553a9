/** Reads the rules of image-syncer: a map from sources to destinations. */

import { Faults, type MapEntry, type MapNode, type Node } from '@kubecrate/documents';
import { KubecrateError, redactName } from '@kubecrate/errors';
import { readDocument } from './config-document.ts';
import { type Environment, expandVariables } from './expand-variables.ts';
import { type DefaultDestination, parseDestination } from './parse-destination.ts';
import { parseSource } from './parse-source.ts';
import type { FailedRule, Rule, RuleSet, Source, WrittenRule } from './rule.ts';

export interface RuleOptions {
  readonly defaults: DefaultDestination;
  /** For `${NAME}` in destinations. */
  readonly environment: Environment;
}

/**
 * Reads a file of rules, YAML or JSON, also with `#` and `//` comments and with the commas and missing braces of the examples people
 * have. One rule comes out for each destination; one that is wrong by itself is among those that failed.
 * @throws KubecrateError INVALID_CONFIG that names every fault with its line, where the file does not parse, holds no rule or holds one twice
 */
export async function readRules(text: string, file: string, options: RuleOptions): Promise<RuleSet> {
  const faults = new Faults(file);
  const rules = rulesOf(await readDocument(text, faults), faults, options);
  faults.throwIfAny('INVALID_CONFIG', `cannot read the rules of ${JSON.stringify(file)}`);
  return rules;
}

/** The rules of a map; faults where there are none, and for those that stand twice. */
export function rulesOf(map: MapNode, faults: Faults, options: RuleOptions): RuleSet {
  const seen = new Map<string, number>();
  const sets = map.entries.flatMap((entry) => {
    const before = seen.get(entry.key);
    seen.set(entry.key, entry.line);
    if (before === undefined) return [rulesOfEntry(entry, faults.file, options)];
    faults.at(
      entry.line,
      `the source ${shown(entry.key)} is given twice, on line ${before} too; write its destinations as a list`,
    );
    return [];
  });
  if (map.entries.length === 0 && faults.count === 0)
    faults.at(map.line, 'no rules: write them as "source": "destination"');
  return { rules: sets.flatMap(({ rules }) => rules), failed: sets.flatMap(({ failed }) => failed) };
}

function shown(key: string): string {
  return JSON.stringify(redactName(key));
}

function rulesOfEntry({ key: text, line, value }: MapEntry, file: string, options: RuleOptions): RuleSet {
  const written = { file, line, text };
  const source = attempt(() => parseSource(text.trim()));
  if (source instanceof KubecrateError) {
    const first = destinationsOf(value).find(({ text }) => text !== undefined)?.text;
    return {
      rules: [],
      failed: [failure({ ...written, ...(first === undefined ? {} : { destinationText: first }) }, source)],
    };
  }
  const rules: Rule[] = [];
  const failed: FailedRule[] = [];
  for (const { text: destinationText, line: at, problem } of destinationsOf(value)) {
    const rule = problem ?? attempt(() => ruleOf(source, destinationText ?? '', options));
    if (rule instanceof KubecrateError)
      failed.push(
        failure({ ...written, line: at, ...(destinationText === undefined ? {} : { destinationText }) }, rule),
      );
    else rules.push({ ...rule, ...written });
  }
  return { rules, failed };
}

function failure(rule: WrittenRule, error: KubecrateError): FailedRule {
  return { rule, error };
}

function attempt<T>(work: () => T): T | KubecrateError {
  try {
    return work();
  } catch (error) {
    if (error instanceof KubecrateError) return error;
    throw error;
  }
}

function ruleOf(
  source: Source,
  written: string,
  options: RuleOptions,
): Pick<Rule, 'source' | 'destination' | 'destinationText'> {
  const destinationText = expandVariables(written, options.environment).trim();
  return { source, destination: parseDestination(destinationText, source, options.defaults), destinationText };
}

interface WrittenDestination {
  /** Absent where it is no text. */
  readonly text?: string;
  readonly line: number;
  readonly problem?: KubecrateError;
}

/** A text, or a list of texts without repetition. An empty text means the default destination; nothing at all is a problem. */
function destinationsOf(value: Node): readonly WrittenDestination[] {
  const nodes = value.kind === 'list' ? value.items : [value];
  if (nodes.length === 0) return [{ line: value.line, problem: problem('its list of destinations is empty') }];
  const seen = new Set<string>();
  return nodes.flatMap((node): readonly WrittenDestination[] => {
    const { line } = node;
    if (node.kind !== 'scalar' || node.type !== 'string')
      return [{ line, problem: problem('a destination is a text or a list of texts') }];
    if (value.kind === 'list' && node.text.trim() === '')
      return [{ line, problem: problem('a destination in its list is empty') }];
    if (seen.has(node.text)) return [];
    seen.add(node.text);
    return [{ text: node.text, line }];
  });
}

function problem(reason: string): KubecrateError {
  return new KubecrateError('INVALID_CONFIG', reason);
}
