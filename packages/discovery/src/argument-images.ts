/** Images in arguments and environment variables. */

import { type MapNode, type Node, type ScalarNode, textField } from '@kubecrate/documents';
import type { Candidate } from './finding.ts';
import { isUnfinished } from './image-fields.ts';
import { imagesInText, looksLikeImage } from './image-value.ts';

/** A candidate before its path is known. */
export type Unplaced = Omit<Candidate, 'path'>;

/** `--image=x`, `--sidecar-image=x`, in a script each of them; `--images=a=x,b=y` and the references in any other option. */
export function imagesOfArgument({ text, line }: ScalarNode): readonly Unplaced[] {
  const named = [...text.matchAll(IMAGE_OPTION)].map(([, name = '', value = '']): Unplaced => {
    const image = value.replace(/^["']|["']$/g, '');
    const confidence = isUnfinished(name, image) ? 'possible' : 'likely';
    return { text: image, line, rule: 'argument', confidence, bareWord: name === 'image' ? undefined : 'possible' };
  });
  if (named.length > 0) return named;
  const [, name = '', value = ''] = OPTION.exec(text) ?? [];
  const confidence = /image/i.test(name) ? 'likely' : 'possible';
  return imagesInText(value).map((image) => ({ text: image, line, rule: 'argument', confidence }));
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
  if (value?.kind !== 'scalar' || !/image|(?:^|_)img(?:_|$)/i.test(name)) return [];
  if (PART_OF_IMAGE.test(name) && !looksLikeImage(value.text.trim())) return [];
  const parts = value.text.split(/[\s,]+/).map((part) => part.replace(/^[\w.-]+=/, ''));
  const isNamed = /(?:^|_)(?:image|img)(?:_|$)|image$/i.test(name) || parts.length > 1;
  return parts
    .filter((text) => text !== '')
    .map((text) => ({
      text,
      line: value.line,
      rule: 'environment',
      confidence: isNamed && /[/:@]/.test(text) ? 'likely' : 'possible',
    }));
}

const OPTION = /^--?([\w.-]{1,100})=(.+)$/;
const IMAGE_OPTION = /(?:^|\s)--?([\w.-]{0,100}image)=("[^"\s]*"|'[^'\s]*'|[^\s"';]+)/gi;

/** Variables that hold a part of a reference, or how to pull it. */
const PART_OF_IMAGE = /(?:^|_)(?:pull|policy|tag|registry|repo|repository|prefix|version|digest|arch)(?:_|$)/i;
