/** The recipes of a store: `recipes/sha256/<hex>.json`, each in place of the bytes of a described layer. */

import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { formatRecipe, MAX_RECIPE_SIZE, parseRecipe, type Recipe } from '@kubecrate/content';
import { fileError, isMissing, KubecrateError } from '@kubecrate/errors';
import { algorithmOf, type Digest, hexOf, isDigest } from '@kubecrate/oci';
import { directoryFiles, type Staging } from '@kubecrate/stores';

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

  async write(recipe: Recipe): Promise<void> {
    await this.#staging.write(join(this.#directory, recipePath(recipe.digest)), formatRecipe(recipe));
  }

  async remove(digest: Digest): Promise<void> {
    const path = join(this.#directory, recipePath(digest));
    try {
      await rm(path, { force: true });
    } catch (error) {
      throw fileError(`cannot remove ${JSON.stringify(path)}`, error);
    }
  }

  async *digests(): AsyncGenerator<Digest> {
    yield* await digestsIn(join(this.#directory, 'recipes'), /^([a-f0-9]+)\.json$/);
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

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw fileError(`cannot list ${JSON.stringify(directory)}`, error);
  }
}

function recipePath(digest: Digest): string {
  return `recipes/${algorithmOf(digest)}/${hexOf(digest)}.json`;
}
