/** Reads the rules of image-syncer: a map from sources to destinations. */

import { Faults, type MapEntry, type MapNode, type Node } from '@kubecrate/documents';
import { KubecrateError, messageOf } from '@kubecrate/errors';
import { readDocument } from './config-document.ts';
import { type Environment, expandVariables } from './expand-variables.ts';
import { type DefaultDestination, parseDestination } from './parse-destination.ts';
import { parseSource } from './parse-source.ts';
import type { Rule, Source } from './rule.ts';

export interface RuleOptions {
  readonly defaults: DefaultDestination;
  /** For `${NAME}` in destinations. */
  readonly environment: Environment;
}

/**
 * Reads a file of rules, YAML or JSON, also with `#` and `//` comments and with the commas and missing braces of the examples people
 * have. One rule comes out for each destination.
 * @throws KubecrateError INVALID_CONFIG that names every fault with its line
 */
export async function readRules(text: string, file: string, options: RuleOptions): Promise<readonly Rule[]> {
  const faults = new Faults(file);
  const rules = rulesOf(await readDocument(text, faults), faults, options);
  refuseRules(faults);
  return rules;
}

/** @throws KubecrateError INVALID_CONFIG where there are faults */
export function refuseRules(faults: Faults): void {
  faults.throwIfAny('INVALID_CONFIG', `cannot read the rules of ${JSON.stringify(faults.file)}`);
}

/** The rules of a map; faults for those that are none. */
export function rulesOf(map: MapNode, faults: Faults, options: RuleOptions): readonly Rule[] {
  const seen = new Map<string, number>();
  return map.entries.flatMap((entry) => {
    const before = seen.get(entry.key);
    if (before !== undefined) {
      faults.at(
        entry.line,
        `the source ${JSON.stringify(entry.key)} is given twice, on line ${before} too; write its destinations as a list`,
      );
      return [];
    }
    seen.set(entry.key, entry.line);
    return rulesOfEntry(entry, faults, options);
  });
}

function rulesOfEntry(entry: MapEntry, faults: Faults, options: RuleOptions): readonly Rule[] {
  const { key: text, line } = entry;
  const name = `rule ${JSON.stringify(text)}`;
  const attempt = <T>(at: number, work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof KubecrateError)) throw error;
      faults.at(at, `${name}: ${messageOf(error)}${error.hint === undefined ? '' : `; ${error.hint}`}`);
      return undefined;
    }
  };
  const source = attempt(line, () => parseSource(text.trim()));
  const destinations = destinationTexts(entry.value, name, faults);
  if (source === undefined) return [];
  return destinations.flatMap(({ text: written, line: at }) => {
    const rule = attempt(at, () => ruleOf(source, written, options));
    return rule === undefined ? [] : [{ ...rule, file: faults.file, line, text }];
  });
}

function ruleOf(
  source: Source,
  written: string,
  options: RuleOptions,
): Pick<Rule, 'source' | 'destination' | 'destinationText'> {
  const destinationText = expandVariables(written, options.environment).trim();
  return { source, destination: parseDestination(destinationText, source, options.defaults), destinationText };
}

interface DestinationText {
  readonly text: string;
  readonly line: number;
}

/** A text, or a list of texts without repetition. An empty text means the default destination; nothing at all is a fault. */
function destinationTexts(value: Node, name: string, faults: Faults): readonly DestinationText[] {
  const nodes = value.kind === 'list' ? value.items : [value];
  if (nodes.length === 0) faults.at(value.line, `${name}: its list of destinations is empty`);
  const texts: DestinationText[] = [];
  for (const node of nodes) {
    if (node.kind !== 'scalar' || node.type !== 'string') {
      faults.at(node.line, `${name}: a destination is a text or a list of texts`);
    } else if (value.kind === 'list' && node.text.trim() === '') {
      faults.at(node.line, `${name}: a destination in its list is empty`);
    } else if (!texts.some(({ text }) => text === node.text)) {
      texts.push({ text: node.text, line: node.line });
    }
  }
  return texts;
}
