/** The one map that a configuration file holds. */

import { type Faults, type MapNode, parseDocument, splitDocuments } from '@kubecrate/documents';
import { plainYaml } from './plain-yaml.ts';

/** Faults where the text does not parse, holds several documents, or is no map; an empty file is an empty map. */
export async function readDocument(text: string, faults: Faults): Promise<MapNode> {
  const [document, second] = splitDocuments(plainYaml(text));
  const empty: MapNode = { kind: 'map', line: 1, entries: [] };
  if (document === undefined) return empty;
  if (second !== undefined) faults.at(second.line, 'a second document begins here; one file holds one');
  const { root, problem } = await parseDocument(document);
  if (root?.kind === 'map') return root;
  faults.at(
    problem ?? root?.line ?? document.line,
    problem?.message ?? `expected "key: value" lines, found a ${root?.kind}`,
  );
  return empty;
}
