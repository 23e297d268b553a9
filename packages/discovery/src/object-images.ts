/** Finds the images of one object: typed containers first, then everything that is named for an image. */

import { joinPath, type ListNode, type MapNode, type Node, type ScalarNode, textField } from '@kubecrate/documents';
import type { Confidence, ObjectIdentity, Rule } from './discovery.ts';
import { type Candidate, type Findings, reportCandidate } from './finding.ts';
import { completedText, imageOfMap, isImageKey, isImageNameKey } from './image-fields.ts';
import { looksLikeImage } from './image-value.ts';
import { type ObjectNode, type TypedNodes, typedNodes } from './kubernetes.ts';

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

/** Counts visits over a whole document: aliases can make a small text a large walk. */
export interface WalkBudget {
  visits: number;
}

/** Walks one object; returns the texts in it that may hold objects themselves. `incomplete` where the budget ran out. */
export function findObjectImages(
  object: ObjectNode,
  findings: Findings,
  budget: WalkBudget,
): { readonly embedded: readonly EmbeddedText[]; readonly outcome: 'complete' | 'incomplete' } {
  const walk = new Walk(object, findings, budget);
  const outcome = walk.visit(object.node, object.path, { owner: 'other', depth: 0 }) ? 'complete' : 'incomplete';
  return { embedded: walk.embedded, outcome };
}

interface Place {
  /** What the nearest key above says that this value is. */
  readonly owner: 'image' | 'images' | 'other';
  readonly depth: number;
  readonly isEnvironment?: true;
}

const MAX_DEPTH = 200;
const MAX_VISITS = 1_000_000;

/** Fields that repeat or describe, and state nothing. */
const SILENT_KEYS = new Set(['description', 'kubectl.kubernetes.io/last-applied-configuration']);

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

  /** False where the walk was broken off. */
  visit(node: Node, path: string, place: Place): boolean {
    if (place.depth > MAX_DEPTH || this.#budget.visits > MAX_VISITS) return false;
    this.#budget.visits++;
    if (node.kind === 'map') return this.#visitMap(node, path, place);
    if (node.kind === 'list') return this.#visitList(node, path, place);
    this.#visitText(node, path);
    return true;
  }

  #visitMap(map: MapNode, path: string, place: Place): boolean {
    if (place.isEnvironment) this.#reportVariable(map, path);
    const isTyped = this.#typed.containers.has(map) || this.#typed.imageVolumes.has(map);
    const composed = isTyped ? undefined : imageOfMap(map, place.owner);
    if (composed !== undefined) {
      const { text, line, key, confidence } = composed;
      this.#report({ text, line, rule: 'image-map', confidence, path: joinPath(path, key) });
    }
    let isComplete = true;
    for (const { key, value } of map.entries) {
      if (SILENT_KEYS.has(key)) continue;
      const below = joinPath(path, key);
      if (value.kind === 'scalar') {
        if (key !== composed?.key) this.#visitField(map, key, value, below, place);
      } else {
        isComplete = this.visit(value, below, placeBelow(key, place)) && isComplete;
      }
    }
    return isComplete;
  }

  #visitField(map: MapNode, key: string, value: ScalarNode, path: string, place: Place): void {
    const { line } = value;
    const text = value.text.trim();
    if (text === '' || value.type === 'other') return;
    if (this.#typed.containers.has(map) && key === 'image') {
      this.#report({ text, line, rule: 'container', confidence: 'certain', path });
    } else if (this.#typed.imageVolumes.has(map) && key === 'reference') {
      this.#report({ text, line, rule: 'image-volume', confidence: 'certain', path });
    } else if (isImageKey(key) && value.style === 'inline') {
      const bareWord = key === 'image' ? {} : { bareWord: 'possible' as const };
      const whole = completedText(map, key, text);
      this.#report({ text: whole, line, rule: 'image-key', confidence: 'likely', path, ...bareWord });
    } else if (place.owner === 'images' && !/\s/.test(text) && /[:@]/.test(text)) {
      this.#report({ text, line, rule: 'image-key', confidence: 'likely', path });
    } else if (isImageNameKey(key)) {
      this.#report({ text, line, rule: 'image-key', confidence: 'possible', path });
    } else {
      this.#visitText(value, path);
    }
  }

  #visitList(list: ListNode, path: string, place: Place): boolean {
    let isComplete = true;
    for (const [index, item] of list.items.entries()) {
      const below = joinPath(path, index);
      if (item.kind === 'scalar' && place.owner === 'images' && item.type === 'string') {
        this.#report({ text: item.text, line: item.line, rule: 'image-key', confidence: 'likely', path: below });
      } else if (item.kind === 'scalar') {
        this.#visitArgument(item, below);
        const next = list.items[index + 1];
        if (isImageOption(item) && next?.kind === 'scalar' && !next.text.startsWith('-')) {
          const text = next.text;
          this.#report({
            text,
            line: next.line,
            rule: 'argument',
            confidence: 'likely',
            path: joinPath(path, index + 1),
          });
        }
      } else {
        isComplete = this.visit(item, below, { ...place, depth: place.depth + 1 }) && isComplete;
      }
    }
    return isComplete;
  }

  /** `--image=x`, `--sidecar-image=x`; in a script, each of them. */
  #visitArgument(item: ScalarNode, path: string): void {
    const options = [...item.text.matchAll(IMAGE_OPTION)];
    for (const [, name, value = ''] of options) {
      const text = value.replace(/^["']|["']$/g, '');
      const bareWord = name === 'image' ? {} : { bareWord: 'possible' as const };
      this.#report({ text, line: item.line, rule: 'argument', confidence: 'likely', path, ...bareWord });
    }
    if (options.length === 0) this.#visitText(item, path, 'argument');
  }

  /** `{ name: RELATED_IMAGE_X, value: ... }`; a value may list several, one a line or a comma, each after a `key=`. */
  #reportVariable(map: MapNode, path: string): void {
    const name = textField(map, 'name');
    const value = map.entries.find(({ key }) => key === 'value')?.value;
    if (name === undefined || value?.kind !== 'scalar' || !/image/i.test(name) || PART_OF_IMAGE.test(name)) return;
    const below = joinPath(path, 'value');
    const parts = value.text.split(/[\s,]+/).map((part) => part.replace(/^[\w.-]+=/, ''));
    for (const text of parts) {
      if (text === '') continue;
      const isNamed = /(?:^|_)image(?:_|$)|image$/i.test(name) || parts.length > 1;
      const confidence = isNamed && /[/:@]/.test(text) ? 'likely' : 'possible';
      this.#report({ text, line: value.line, rule: 'environment', confidence, path: below });
    }
  }

  #visitText(node: ScalarNode, path: string, rule: Rule = 'text'): void {
    if (node.type !== 'string') return;
    const text = node.text.replace(/^--?[\w.-]+=/, '');
    if (looksLikeImage(text)) {
      this.#report({ text, line: node.line, rule, confidence: 'possible', path });
      return;
    }
    if (!node.text.includes('\n') && !/^\s*[{[].*image/i.test(node.text)) return;
    if (!/image|repository/i.test(node.text)) return;
    const isConfiguration = /^(?:ConfigMap|Secret)$/.test(this.#identity?.kind ?? '');
    this.embedded.push({
      text: node.text,
      line: node.style === 'block' ? node.line + 1 : node.line,
      path,
      confidence: isConfiguration ? 'likely' : 'possible',
      ...(this.#identity === undefined ? {} : { object: this.#identity }),
    });
  }

  #report(candidate: Candidate): void {
    reportCandidate(
      this.#identity === undefined ? candidate : { ...candidate, object: this.#identity },
      this.#findings,
    );
  }
}

const IMAGE_OPTION = /(?:^|\s)--?([\w.-]{0,100}image)=("[^"\s]*"|'[^'\s]*'|[^\s"';]+)/gi;

/** `--sidecar-image`, whose value is the next item. */
function isImageOption(item: ScalarNode): boolean {
  return /^--?[\w.-]*image$/i.test(item.text);
}

/** Variables that hold a part of a reference, or how to pull it. */
const PART_OF_IMAGE = /pull|policy|tag|registry|repo|prefix|version|digest|arch/i;

function placeBelow(key: string, place: Place): Place {
  const depth = place.depth + 1;
  if (key === 'env' || key === 'envs' || key === 'extraEnv') return { owner: 'other', depth, isEnvironment: true };
  if (isImageKey(key)) return { owner: 'image', depth };
  return { owner: /images$/i.test(key) ? 'images' : 'other', depth };
}
