/**
 * Recipes: content that is described instead of stored. A layer of a cluster image that carries blobs of the registry directory
 * is tar headers around blobs that the store has anyway, so the store keeps the headers and the names of the blobs.
 */

import { KubecrateError } from '@kubecrate/errors';
import {
  type Descriptor,
  type Digest,
  digestOf,
  expectArray,
  expectObject,
  parseDigest,
  parseJsonObject,
} from '@kubecrate/oci';

/** Bytes as they are, or one blob whole. */
export type RecipePart =
  | { readonly kind: 'literal'; readonly bytes: Uint8Array }
  | { readonly kind: 'blob'; readonly digest: Digest; readonly size: number };

/** The parts whose bytes, one after the other, are the content of `digest`. */
export interface Recipe {
  readonly digest: Digest;
  /** Bytes of the whole content: the sum of the parts. */
  readonly size: number;
  readonly parts: readonly RecipePart[];
}

/** Recipes larger than this are refused: a layer of a million links is still far below. Bytes of JSON. */
export const MAX_RECIPE_SIZE: number = 256 * 1024 * 1024;

/** Number of bytes that a list of parts makes. */
export function sizeOfParts(parts: readonly RecipePart[]): number {
  return parts.reduce((sum, part) => sum + (part.kind === 'blob' ? part.size : part.bytes.byteLength), 0);
}

/** The blobs that a recipe needs, each once. */
export function blobsOf(recipe: Recipe): readonly Digest[] {
  return [...new Set(recipe.parts.flatMap((part) => (part.kind === 'blob' ? [part.digest] : [])))];
}

/** A recipe as the JSON text that the store keeps. */
export function formatRecipe({ digest, size, parts }: Recipe): string {
  const lines = parts.map((part) =>
    part.kind === 'blob'
      ? { blob: part.digest, size: part.size }
      : { literal: Buffer.from(part.bytes).toString('base64') },
  );
  return `${JSON.stringify({ recipeVersion: 1, digest, size, parts: lines })}\n`;
}

/** @throws KubecrateError INVALID_MANIFEST */
export function parseRecipe(bytes: Uint8Array): Recipe {
  const fields = parseJsonObject(bytes, 'recipe');
  if (fields['recipeVersion'] !== 1) {
    throw new KubecrateError(
      'INVALID_MANIFEST',
      `cannot read a recipe of version ${JSON.stringify(fields['recipeVersion'])}`,
    );
  }
  const parts = expectArray(fields['parts'], 'recipe.parts').map((part, i) => parsePart(part, `recipe.parts[${i}]`));
  const size = sizeOfParts(parts);
  if (size !== fields['size'])
    throw new KubecrateError(
      'INVALID_MANIFEST',
      `recipe.size is ${String(fields['size'])}, its parts have ${size} bytes`,
    );
  return { digest: parseDigest(String(fields['digest'])), size, parts };
}

function parsePart(value: unknown, where: string): RecipePart {
  const { literal, blob, size } = expectObject(value, where);
  if (typeof literal === 'string') return { kind: 'literal', bytes: Buffer.from(literal, 'base64') };
  if (typeof blob === 'string' && typeof size === 'number' && Number.isSafeInteger(size) && size >= 0) {
    return { kind: 'blob', digest: parseDigest(blob), size };
  }
  throw new KubecrateError('INVALID_MANIFEST', `${where} is neither a literal nor a blob`);
}

/** A store that can keep a recipe in place of the bytes. */
export interface Describer {
  /** Takes the recipe as the content of `descriptor`; the digest was computed over the parts by the caller. @throws NotFoundError where a blob of it is not stored */
  describe(descriptor: Descriptor, recipe: Recipe): Promise<void>;
}

export function isDescriber<T extends object>(store: T): store is T & Describer {
  return 'describe' in store;
}

/** A store that can say how a described layer of it is made. */
export interface RecipeSource {
  /** The recipe of content that is described instead of stored; undefined for everything else, absent content too. */
  recipe(descriptor: Descriptor): Promise<Recipe | undefined>;
}

export function isRecipeSource<T extends object>(store: T): store is T & RecipeSource {
  return 'recipe' in store;
}

/** A store that knows its recipes by what they are made of, so that the digest of the same parts need not be computed again. */
export interface RecipeFinder {
  /** The digest of described content that consists of exactly these parts; undefined where there is none. */
  digestOfParts(parts: readonly RecipePart[]): Promise<Digest | undefined>;
}

export function isRecipeFinder<T extends object>(store: T): store is T & RecipeFinder {
  return 'digestOfParts' in store;
}

/** What tells lists of parts apart, for a {@link RecipeFinder} to file them under; not the digest of the bytes they make. */
export function keyOfParts(parts: readonly RecipePart[]): Digest {
  const texts = parts.map((part) =>
    part.kind === 'blob' ? `blob ${part.digest} ${part.size}` : `literal ${digestOf(part.bytes)}`,
  );
  return digestOf(texts.join('\n'));
}
