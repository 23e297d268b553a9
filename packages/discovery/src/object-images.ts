/** Finds the images of one object: typed containers first, then everything that is named for an image. */

import { joinPath, type ListNode, type MapNode, type Node, type ScalarNode } from '@kubecrate/documents';
import { imageOfNext, imagesOfArgument, imagesOfVariable, type Unplaced } from './argument-images.ts';
import type { Confidence, ObjectIdentity, Rule } from './discovery.ts';
import { type Findings, reportCandidate } from './finding.ts';
import { completedText, imageOfMap, isImageKey, isImageNameKey, isUnfinished } from './image-fields.ts';
import { imagesInText, looksLikeImage, mayNameImage } from './image-value.ts';
import { type ObjectNode, type TypedNodes, typedNodes } from './kubernetes.ts';
import { imagesOfParameters } from './parameter-images.ts';

/** Text inside a field that may be YAML itself; the caller parses it. */
export interface EmbeddedText {
  readonly text: string;
  /** The line on which the text begins. */
  readonly line: number;
  readonly path: string;
  /** What an image in it can be at most. */
  readonly confidence: Confidence;
  readonly object?: ObjectIdentity;
}

/** Bounds the walk over a whole document: aliases can make a small text a large walk. */
export interface WalkBudget {
  visits: number;
  /** Long texts that were looked into: an alias of one says nothing new. */
  readonly texts: Set<ScalarNode>;
}

export function walkBudget(): WalkBudget {
  return { visits: 0, texts: new Set() };
}

/** Walks one object; returns the texts in it that may hold objects themselves. `incomplete` where the budget ran out. */
export function findObjectImages(
  object: ObjectNode,
  findings: Findings,
  budget: WalkBudget,
): { readonly embedded: readonly EmbeddedText[]; readonly outcome: 'complete' | 'incomplete' } {
  const walk = new Walk(object, findings, budget);
  const outcome = walk.visit(object.node, object.path, { owner: 'other', depth: 0 });
  return { embedded: walk.embedded, outcome };
}

interface Place {
  /** What the nearest key above says that this value is. */
  readonly owner: 'image' | 'images' | 'environment' | 'other';
  readonly depth: number;
}

const MAX_DEPTH = 200;
const MAX_VISITS = 1_000_000;
/** No name of a field and no reference is longer. */
const MAX_NAME = 512;

/** Fields that repeat or describe, and state nothing. */
const SILENT_KEYS = new Set(['description', 'kubectl.kubernetes.io/last-applied-configuration']);

/** Kinds whose texts are configuration of programs that run in the cluster, or values of charts that are installed there. */
const CONFIGURATIONS = new Set([
  'ConfigMap',
  'Secret',
  'Application',
  'ApplicationSet',
  'HelmChart',
  'HelmChartConfig',
]);

/** How a URL of an image begins. */
const TRANSPORT = /^(?:docker|oci):\/\//;

class Walk {
  readonly embedded: EmbeddedText[] = [];
  readonly #typed: TypedNodes;
  readonly #identity: ObjectIdentity | undefined;
  readonly #findings: Findings;
  readonly #budget: WalkBudget;

  constructor(object: ObjectNode, findings: Findings, budget: WalkBudget) {
    this.#typed = typedNodes(object.node);
    this.#identity = object.identity;
    this.#findings = findings;
    this.#budget = budget;
  }

  visit(node: Node, path: string, place: Place): 'complete' | 'incomplete' {
    this.#budget.visits += node.kind === 'map' ? node.entries.length : node.kind === 'list' ? node.items.length : 1;
    if (place.depth > MAX_DEPTH || this.#budget.visits > MAX_VISITS) return 'incomplete';
    if (node.kind === 'map') return this.#visitMap(node, path, place);
    if (node.kind === 'list') return this.#visitList(node, path, place);
    this.#visitText(node, path);
    return 'complete';
  }

  #visitMap(map: MapNode, path: string, place: Place): 'complete' | 'incomplete' {
    const variable = place.owner === 'environment' ? imagesOfVariable(map) : [];
    for (const candidate of variable) this.#report(candidate, joinPath(path, 'value'));
    const isTyped = this.#typed.containers.has(map) || this.#typed.imageVolumes.has(map);
    const composed = isTyped ? undefined : imageOfMap(map, place.owner);
    if (composed !== undefined) {
      const { text, line, key, confidence } = composed;
      this.#report({ text, line, rule: 'image-map', confidence }, joinPath(path, key));
    }
    let outcome: 'complete' | 'incomplete' = 'complete';
    for (const { key, value } of map.entries) {
      if (SILENT_KEYS.has(key) || (variable.length > 0 && key === 'value')) continue;
      const name = key.length > MAX_NAME ? key.slice(0, MAX_NAME) : key;
      const below = joinPath(path, name);
      if (value.kind !== 'scalar') {
        if (this.visit(value, below, placeBelow(name, place)) === 'incomplete') outcome = 'incomplete';
      } else if (key !== composed?.key) {
        this.#visitField({ map, name, value, owner: place.owner }, below);
      }
    }
    return outcome;
  }

  #visitField({ map, name, value, owner }: Field, path: string): void {
    const { line } = value;
    const isReference = value.type === 'string' && value.style === 'inline' && value.text.length <= MAX_NAME;
    const text = isReference ? value.text.trim() : '';
    if (text === '') {
      this.#visitText(value, path);
    } else if (this.#typed.containers.has(map) && name === 'image') {
      this.#report({ text, line, rule: 'container', confidence: 'certain' }, path);
    } else if (this.#typed.imageVolumes.has(map) && name === 'reference') {
      this.#report({ text, line, rule: 'image-volume', confidence: 'certain' }, path);
    } else if (isImageKey(name)) {
      const bareWord = name === 'image' ? undefined : 'possible';
      const whole = completedText(map, name, text);
      const confidence = isUnfinished(name, whole) ? 'possible' : 'likely';
      this.#report({ text: whole, line, rule: 'image-key', confidence, bareWord }, path);
    } else if (owner === 'images' && !/\s/.test(text) && /[:@]/.test(text)) {
      this.#report({ text, line, rule: 'image-key', confidence: 'likely' }, path);
    } else if (isImageNameKey(name)) {
      const confidence = looksLikeImage(text) ? 'likely' : 'possible';
      this.#report({ text, line, rule: 'image-key', confidence }, path);
    } else {
      this.#visitText(value, path);
    }
  }

  #visitList(list: ListNode, path: string, place: Place): 'complete' | 'incomplete' {
    let outcome: 'complete' | 'incomplete' = 'complete';
    for (const { index, candidate } of imagesOfParameters(list)) this.#report(candidate, joinPath(path, index));
    for (const [index, item] of list.items.entries()) {
      const below = joinPath(path, index);
      if (item.kind !== 'scalar') {
        if (this.visit(item, below, { ...place, depth: place.depth + 1 }) === 'incomplete') outcome = 'incomplete';
      } else if (place.owner === 'images' && item.type === 'string' && item.text.length <= MAX_NAME) {
        this.#report({ text: item.text, line: item.line, rule: 'image-key', confidence: 'likely' }, below);
      } else {
        this.#visitItem(item, list.items[index + 1], path, index);
      }
    }
    return outcome;
  }

  #visitItem(item: ScalarNode, next: Node | undefined, path: string, index: number): void {
    if (this.#isKnown(item)) return;
    const options = imagesOfArgument(item);
    for (const candidate of options) this.#report(candidate, joinPath(path, index));
    const behind = imageOfNext(item, next);
    if (behind !== undefined) this.#report(behind, joinPath(path, index + 1));
    if (options.length === 0) this.#lookInto(item, joinPath(path, index), 'argument');
  }

  #visitText(node: ScalarNode, path: string): void {
    if (!this.#isKnown(node)) this.#lookInto(node, path, 'text');
  }

  #lookInto(node: ScalarNode, path: string, rule: Rule): void {
    if (node.type !== 'string') return;
    const text = node.text.replace(TRANSPORT, '');
    if (looksLikeImage(text)) {
      const confidence = node.text.startsWith('docker:') ? 'likely' : 'possible';
      this.#report({ text, line: node.line, rule, confidence }, path);
      return;
    }
    if (!mayNameImage(node.text)) return;
    const isData = /^\s*[{[]/.test(node.text);
    if (!isData && !node.text.includes('\n')) {
      for (const image of imagesInText(node.text)) {
        this.#report({ text: image, line: node.line, rule, confidence: 'possible' }, path);
      }
      return;
    }
    const isConfiguration = isData || CONFIGURATIONS.has(this.#identity?.kind ?? '');
    this.embedded.push({
      text: node.text,
      line: node.style === 'block' ? node.line + 1 : node.line,
      path,
      confidence: isConfiguration ? 'likely' : 'possible',
      ...(this.#identity === undefined ? {} : { object: this.#identity }),
    });
  }

  #isKnown(node: ScalarNode): boolean {
    if (node.text.length <= MAX_NAME) return false;
    const isKnown = this.#budget.texts.has(node);
    this.#budget.texts.add(node);
    return isKnown;
  }

  #report(candidate: Unplaced, path: string): void {
    const object = this.#identity === undefined ? {} : { object: this.#identity };
    reportCandidate({ ...candidate, path, ...object }, this.#findings);
  }
}

/** One scalar field of a map. */
interface Field {
  readonly map: MapNode;
  readonly name: string;
  readonly value: ScalarNode;
  readonly owner: Place['owner'];
}

function placeBelow(key: string, place: Place): Place {
  const depth = place.depth + 1;
  if (key === 'env' || key === 'envs' || key === 'extraEnv') return { owner: 'environment', depth };
  if (isImageKey(key)) return { owner: 'image', depth };
  return { owner: /images$/i.test(key) ? 'images' : 'other', depth };
}
