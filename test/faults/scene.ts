/** A place with something to lose - a store, a registry directory, a tarball - and commands that fail in it. */

import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { image, pushImage } from '@kubecrate/content/testing';
import { openImageStore } from '@kubecrate/image-store';
import { openRegistryDirectory, verifyRegistryDirectory } from '@kubecrate/stores';
import { expect } from 'vitest';
import { type Outcome, openWorkspace, type RunOptions, type Workspace } from '../cli/kubecrate.ts';

/** What a person has to find in the one message of a command that failed. */
export interface Refusal {
  /** What was tried, with which value, and what to do: each of these is in it. */
  readonly says: readonly (string | RegExp)[];
  /** 1 unless given; 2 for wrong usage. */
  readonly code?: 1 | 2;
  /** None of these is anywhere in the output. */
  readonly hides?: readonly string[];
}

export interface Scene extends AsyncDisposable {
  readonly workspace: Workspace;
  /** A file in the working directory that holds {@link BEFORE}: what `-o` names. */
  readonly tarball: string;
  /** A registry directory that holds `library/before:1`. */
  readonly mirror: string;
  /** For runs of the program: its temporary files are in a directory of the scene. */
  readonly env: Readonly<Record<string, string>>;
  /** Writes files of the working directory; the directories above them are made. */
  write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void>;
  /** Runs a command that has to fail like this, and to leave everything as it was, or complete. */
  refuses(args: readonly string[], refusal: Refusal, options?: RunOptions): Promise<Outcome>;
  /** Fails where something was lost, added or left half-written. */
  expectUntouched(): Promise<void>;
}

/** What the tarball holds before. */
export const BEFORE = 'the tarball of an earlier build';

/** The image that is in the store and in the registry directory before. */
const before = image({ seed: 'before' });

export async function openScene(): Promise<Scene> {
  const workspace = await openWorkspace();
  const { directory, home } = workspace;
  const [tarball, mirror, temporary] = [join(directory, 'out.tar'), join(directory, 'mirror'), join(home, 'tmp')];
  await mkdir(temporary);
  await writeFile(tarball, BEFORE);
  await pushImage(await openImageStore(workspace.store), before, 'docker.io/library/before:1');
  const registry = await openRegistryDirectory(mirror, { access: 'write' });
  await pushImage(registry.repository('library/before'), before, '1');
  const env = { TMPDIR: temporary };

  const expectUntouched = async (): Promise<void> => {
    const store = await openImageStore(workspace.store);
    expect((await store.verify({})).problems, 'problems of the store').toEqual([]);
    const names = (await store.images({})).flatMap((stored) => stored.names);
    expect(names, 'images of the store').toEqual(['docker.io/library/before:1']);
    expect(await readFile(tarball, 'utf8'), 'the output file').toBe(BEFORE);
    expect(await namesBelow(directory, isTarballPart), 'parts of an output file').toEqual([]);
    // Content without a link is what the next run finds; nobody is served it.
    const { problems } = await verifyRegistryDirectory(mirror);
    expect(problems.filter(({ kind }) => kind !== 'unreferenced')).toEqual([]);
    expect(await tagsIn(mirror), 'tags of the registry directory').toEqual(['library/before:1']);
    expect(await readdir(temporary), 'the temporary directory').toEqual([]);
    expect(await namesBelow(join(workspace.store, 'tmp')), 'temporary files of the store').toEqual([]);
    expect(await namesBelow(join(workspace.store, 'leases')), 'leases').toEqual([]);
  };

  return {
    workspace,
    tarball,
    mirror,
    env,
    async write(files) {
      for (const [path, content] of Object.entries(files)) {
        await mkdir(dirname(join(directory, path)), { recursive: true });
        await writeFile(join(directory, path), content);
      }
    },
    async refuses(args, { says, code = 1, hides = [] }, options = {}) {
      const outcome = await workspace.run(args, { ...options, env: { ...env, ...options.env } });
      const { stdout, stderr } = outcome;
      expect(outcome.code, stderr).toBe(code);
      const errors = errorsIn(stderr);
      expect(errors, stderr).toHaveLength(1);
      expect(stderr, 'no stack is shown').not.toMatch(/^ {2,}at /m);
      const [message = ''] = errors;
      for (const part of says) {
        if (typeof part === 'string') expect(message).toContain(part);
        else expect(message).toMatch(part);
      }
      for (const secret of hides) expect(stdout + stderr).not.toContain(secret);
      await expectUntouched();
      return outcome;
    },
    expectUntouched,
    [Symbol.asyncDispose]: () => workspace[Symbol.asyncDispose](),
  };
}

/** The errors that were told: as text, which goes on to its end, or as an event of `--progress json`. */
function errorsIn(stderr: string): readonly string[] {
  const events = stderr.split('\n').filter((line) => line.startsWith('{"type":"error"'));
  const told = events.map((line) => {
    const { message, hint } = JSON.parse(line) as { message: string; hint?: string };
    return `${message}\n${hint}`;
  });
  const texts = stderr.match(/^error: /gm) ?? [];
  return [...told, ...texts.map(() => stderr.slice(stderr.search(/^error: /m)))];
}

function isTarballPart(name: string): boolean {
  return name.startsWith('.kubecrate-') || name.startsWith('out.tar.');
}

/** Files below a directory, by their own names; none where it is absent. */
async function namesBelow(directory: string, wanted: (name: string) => boolean = () => true): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile() && wanted(entry.name)).map(({ name }) => name);
}

/** `repository:tag`, sorted. */
export async function tagsIn(registryDirectory: string): Promise<string[]> {
  const root = join(registryDirectory, 'docker/registry/v2/repositories');
  const paths = await readdir(root, { recursive: true }).catch((): string[] => []);
  const tags = paths.flatMap((path) => {
    const [, repository, tag] = /^(.+)\/_manifests\/tags\/([^/]+)\/current\/link$/.exec(path) ?? [];
    return tag === undefined ? [] : [`${repository}:${tag}`];
  });
  return tags.sort();
}
