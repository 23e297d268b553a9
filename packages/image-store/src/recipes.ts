/**
 * The recipes of a store, each in place of the bytes of a described layer.
 *
 *   recipes/sha256/<hex>.json       the recipe of the layer sha256:<hex>
 *   recipes/parts/<hex>             the digest of the layer whose parts have this key, so that it need not be computed again
 */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  formatRecipe,
  keyOfParts,
  MAX_RECIPE_SIZE,
  parseRecipe,
  type Recipe,
  type RecipePart,
} from '@kubecrate/content';
import { fileError, hasCode, KubecrateError } from '@kubecrate/errors';
import { algorithmOf, type Digest, hexOf, isDigest } from '@kubecrate/oci';
import { directoryFiles, type Staging } from '@kubecrate/stores';
import { namesIn } from './names-in.ts';

export class Recipes {
  readonly #directory: string;
  readonly #staging: Staging;

  constructor(directory: string, staging: Staging) {
    this.#directory = directory;
    this.#staging = staging;
  }

  async has(digest: Digest): Promise<boolean> {
    return (await directoryFiles(this.#directory).size(recipePath(digest))) !== undefined;
  }

  /** The recipe of a digest; undefined where there is none. @throws KubecrateError INVALID_MANIFEST where it is damaged */
  async read(digest: Digest): Promise<Recipe | undefined> {
    const bytes = await directoryFiles(this.#directory).read(recipePath(digest), MAX_RECIPE_SIZE);
    if (bytes === undefined) return undefined;
    const recipe = parseRecipe(bytes);
    if (recipe.digest === digest) return recipe;
    throw new KubecrateError('INVALID_MANIFEST', `the recipe of ${digest} describes ${recipe.digest}`);
  }

  /** The recipe of a digest; a damaged one is as good as none: the layer is stored again, or goes. */
  async readSound(digest: Digest): Promise<Recipe | undefined> {
    try {
      return await this.read(digest);
    } catch (error) {
      if (hasCode(error, 'INVALID_MANIFEST') || hasCode(error, 'INVALID_DIGEST')) return undefined;
      throw error;
    }
  }

  /** The digest of the recipe that has exactly these parts. */
  async find(parts: readonly RecipePart[]): Promise<Digest | undefined> {
    const path = partsPath(parts);
    const digest = (await directoryFiles(this.#directory).read(path, MAX_DIGEST_SIZE))?.toString();
    if (digest === undefined || !isDigest(digest)) return undefined;
    // A name alone proves nothing: it may have outlived its recipe.
    const recipe = await this.readSound(digest);
    return recipe !== undefined && partsPath(recipe.parts) === path ? digest : undefined;
  }

  async write(recipe: Recipe): Promise<void> {
    await this.#staging.write(join(this.#directory, recipePath(recipe.digest)), formatRecipe(recipe));
    await this.#staging.write(join(this.#directory, partsPath(recipe.parts)), recipe.digest);
  }

  async remove(digest: Digest): Promise<void> {
    const recipe = await this.readSound(digest);
    if (recipe !== undefined) await this.#removeFile(partsPath(recipe.parts));
    await this.#removeFile(recipePath(digest));
  }

  async digests(): Promise<readonly Digest[]> {
    return await digestsIn(join(this.#directory, 'recipes'), /^([a-f0-9]+)\.json$/);
  }

  async #removeFile(path: string): Promise<void> {
    const place = join(this.#directory, path);
    try {
      await rm(place, { force: true });
    } catch (error) {
      throw fileError(`cannot remove ${JSON.stringify(place)}`, error);
    }
  }
}

/** The digests that `<directory>/<algorithm>/<file>` names; `pattern` finds the hexadecimal part of a file name. */
export async function digestsIn(directory: string, pattern: RegExp): Promise<readonly Digest[]> {
  const digests: Digest[] = [];
  for (const algorithm of ['sha256', 'sha512']) {
    for (const name of await namesIn(join(directory, algorithm))) {
      const text = `${algorithm}:${pattern.exec(name)?.[1] ?? ''}`;
      if (isDigest(text)) digests.push(text);
    }
  }
  return digests;
}

/** `sha512:` and 128 digits are the longest. Bytes. */
const MAX_DIGEST_SIZE = 256;

function partsPath(parts: readonly RecipePart[]): string {
  return `recipes/parts/${hexOf(keyOfParts(parts))}`;
}

function recipePath(digest: Digest): string {
  return `recipes/${algorithmOf(digest)}/${hexOf(digest)}.json`;
}
