/** Images in arguments and environment variables. */

import { type MapNode, type Node, type ScalarNode, textField } from '@kubecrate/documents';
import type { Candidate } from './finding.ts';
import { looksLikeImage } from './image-value.ts';

/** A candidate before its path is known. */
export type Unplaced = Omit<Candidate, 'path'>;

/** `--image=x`, `--sidecar-image=x`; in a script, each of them. */
export function imagesOfArgument({ text, line }: ScalarNode): readonly Unplaced[] {
  return [...text.matchAll(IMAGE_OPTION)].map(([, name, value = '']) => ({
    text: value.replace(/^["']|["']$/g, ''),
    line,
    rule: 'argument',
    confidence: 'likely',
    bareWord: name === 'image' ? undefined : 'possible',
  }));
}

/** The item behind `--sidecar-image`, which is its value. */
export function imageOfNext({ text }: ScalarNode, next: Node | undefined): Unplaced | undefined {
  if (!/^--?[\w.-]{0,100}image$/i.test(text) || next?.kind !== 'scalar' || next.text.startsWith('-')) return undefined;
  return { text: next.text, line: next.line, rule: 'argument', confidence: 'likely' };
}

/** `{ name: RELATED_IMAGE_X, value: ... }`; a value may list several, one a line or a comma, each after a `key=`. */
export function imagesOfVariable(variable: MapNode): readonly Unplaced[] {
  const name = textField(variable, 'name') ?? '';
  const value = variable.entries.find(({ key }) => key === 'value')?.value;
  if (value?.kind !== 'scalar' || !/image/i.test(name)) return [];
  if (PART_OF_IMAGE.test(name) && !looksLikeImage(value.text.trim())) return [];
  const parts = value.text.split(/[\s,]+/).map((part) => part.replace(/^[\w.-]+=/, ''));
  const isNamed = /(?:^|_)image(?:_|$)|image$/i.test(name) || parts.length > 1;
  return parts
    .filter((text) => text !== '')
    .map((text) => ({
      text,
      line: value.line,
      rule: 'environment',
      confidence: isNamed && /[/:@]/.test(text) ? 'likely' : 'possible',
    }));
}

const IMAGE_OPTION = /(?:^|\s)--?([\w.-]{0,100}image)=("[^"\s]*"|'[^'\s]*'|[^\s"';]+)/gi;

/** Variables that hold a part of a reference, or how to pull it. */
const PART_OF_IMAGE = /(?:^|_)(?:pull|policy|tag|registry|repo|repository|prefix|version|digest|arch)(?:_|$)/i;
