/** Fields that several actions have: names of images, platforms, expressions, templates of names. */

import { KubecrateError, messageOf } from '@kubecrate/errors';
import { parsePlatform, parseReference, type Reference, withDefaultTag } from '@kubecrate/oci';
import { RE2JS } from 're2js';
import type { PlatformChoice } from './action.ts';
import type { Arguments } from './arguments.ts';
import { imageVariables, parseDestination, parseName } from './image-name.ts';
import { isTemplate, renderText } from './render.ts';
import { overlay } from './variables.ts';

export async function referencesOf(given: Arguments, key: string): Promise<readonly Reference[]> {
  const names = await given.texts(key);
  return names.map((name) => given.attempt(key, () => withDefaultTag(parseReference(name.replace(/^oci:\/\//, '')))));
}

/** `all` or `*` anywhere, or nothing, means every platform. */
export async function platformsOf(given: Arguments): Promise<PlatformChoice> {
  const names = (await given.texts('platform')).flatMap((text) => text.split(',')).map((name) => name.trim());
  const wanted = names.filter((name) => name !== '');
  const policy = given.text('policy') ?? 'strict';
  if (policy !== 'strict' && policy !== 'warn')
    throw given.refuse('policy', `should be "strict" or "warn", and is ${JSON.stringify(policy)}`);
  if (wanted.length === 0 || wanted.includes('all') || wanted.includes('*')) return { policy };
  return { platforms: wanted.map((name) => given.attempt('platform', () => parsePlatform(name))), policy };
}

export function patternOf(given: Arguments, key: string): RE2JS | undefined {
  const text = given.text(key);
  if (text === undefined) return undefined;
  try {
    return RE2JS.compile(text);
  } catch (cause) {
    const { file, line } = given.place(key);
    throw new KubecrateError(
      'INVALID_CONFIG',
      `${file}:${line}: ${key} is no regular expression: ${messageOf(cause)}`,
      {
        cause,
        hint: 'expressions are those of Go (RE2): https://github.com/google/re2/wiki/Syntax',
      },
    );
  }
}

/** What the template `key` makes of the name of an image. */
export function nameTemplate(given: Arguments, key: 'src' | 'dest'): (image: Reference) => Reference {
  const template = given.raw(key);
  if (template === undefined) throw given.refuse(key, 'is empty');
  const { variables, functions } = given.context;
  // What no image changes is held against the grammar now, not when the first image gets there.
  if (!isTemplate(template)) given.attempt(key, () => parseName(template));
  return (image) => {
    const text = renderText(template, overlay(variables, imageVariables(image)), given.place(key), functions);
    return given.attempt(key, () => parseDestination(text, image));
  };
}
