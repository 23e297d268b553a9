/** Reading the values of options. */

import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { AuthenticatedImages, ImageList } from '@kubecrate/discovery';
import { type ErrorCode, fileError, KubecrateError } from '@kubecrate/errors';
import { type Platform, parsePlatform, parseReference, platformOf, type Reference } from '@kubecrate/oci';
import type { Context } from './context.ts';
import { shownPath } from './kubefile-source.ts';
import { readStandardInput, readTextFile } from './text-file.ts';

/** Collects an option that may stand several times. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** Collects an option whose values may also be separated by commas. */
export function collectList(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...value.split(',').map((part) => part.trim())].filter((part) => part !== '');
}

/** Collects platforms, as text; `all` stands for itself. @throws KubecrateError USAGE */
export function collectPlatforms(value: string, before: readonly string[] = []): readonly string[] {
  const platforms = collectList(value);
  for (const platform of platforms) if (platform !== 'all') parsePlatformOption(platform);
  return [...before, ...platforms];
}

/** `NAME=VALUE`; without `=`, the value of the environment variable NAME where `env` is given. @throws KubecrateError USAGE */
export function parsePairs(
  option: string,
  values: readonly string[] | undefined,
  env?: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const pairs = (values ?? []).map((text): readonly [string, string] => {
    const at = text.indexOf('=');
    if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
    const value = at === -1 ? env?.[text] : undefined;
    if (value !== undefined) return [text, value];
    throw new KubecrateError('USAGE', `${option} ${JSON.stringify(text)} is not of the form NAME=VALUE`);
  });
  return Object.fromEntries(pairs);
}

/** The platforms asked for, or the one of this machine. @throws KubecrateError USAGE */
export function parsePlatforms(
  values: readonly string[] | undefined,
  machine: NodeJS.Process['arch'],
): readonly Platform[] {
  if (values === undefined) return [machinePlatform(machine)];
  if (values.length > 0) return values.map(parsePlatformOption);
  throw new KubecrateError('USAGE', '--platform names no platform', { hint: 'for example linux/amd64,linux/arm64' });
}

/** The value of `--platform`. @throws KubecrateError USAGE */
export function parsePlatformOption(value: string): Platform {
  return asUsage(['INVALID_PLATFORM'], () => parsePlatform(value));
}

/** The name of an image on the command line. @throws KubecrateError USAGE */
export function parseReferenceArgument(value: string): Reference {
  return asUsage(['INVALID_REFERENCE'], () => parseReference(value));
}

/** Runs `read` on what the command line says: where it fails with one of `codes`, the command line is wrong. @throws KubecrateError USAGE */
export function asUsage<T>(codes: readonly ErrorCode[], read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof KubecrateError) || !codes.includes(error.code)) throw error;
    const { message, hint } = error;
    throw new KubecrateError('USAGE', message, { cause: error, ...(hint === undefined ? {} : { hint }) });
  }
}

/** The platform of containers on this machine. */
export function machinePlatform(machine: NodeJS.Process['arch']): Platform {
  return platformOf('linux', GO_ARCHITECTURES[machine] ?? machine);
}

/** Node's names of architectures that Go spells otherwise. */
const GO_ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', loong64: 'loong64' };

/** A whole number of at least `least`. @throws KubecrateError USAGE */
export function parseCount(option: string, value: string, least: number): number {
  if (/^\d{1,6}$/.test(value) && Number(value) >= least) return Number(value);
  throw new KubecrateError('USAGE', `${option} ${JSON.stringify(value)} is no whole number from ${least}`);
}

/**
 * Seconds since 1970 for everything that carries a time (reproducible-builds.org, SOURCE_DATE_EPOCH); 0 where it is not set.
 * @throws KubecrateError USAGE
 */
export function parseEpoch(text: string | undefined): number {
  if (text === undefined || text === '') return 0;
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new KubecrateError('USAGE', `SOURCE_DATE_EPOCH is ${JSON.stringify(text)}, not a number of seconds since 1970`);
}

/** `30s`, `10m`, `6h`, in milliseconds. @throws KubecrateError USAGE */
export function parseInterval(option: string, value: string): number {
  const [, number = '', unit = ''] = /^([1-9]\d{0,5})([smh])$/.exec(value) ?? [];
  const factor = MILLISECONDS[unit];
  // A longer wait than this does not fit a timer.
  if (factor !== undefined) return Math.min(Number(number) * factor, 2 ** 31 - 1);
  throw new KubecrateError('USAGE', `${option} ${JSON.stringify(value)} is no time`, {
    hint: 'write it as 30s, 10m or 6h',
  });
}

const MILLISECONDS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** The text of a file that the command line names; `what` says which: `the images file`. @throws KubecrateError NOT_FOUND, IO */
export async function readNamedFile(cwd: string, file: string, what: string): Promise<string> {
  return await readTextFile(resolve(cwd, file), `${what} ${JSON.stringify(file)}`);
}

/** Gives the path of a directory back; `what` says which: `the manifests`. @throws KubecrateError NOT_FOUND, INVALID_ARGUMENT */
export async function requireDirectory(path: string, what: string): Promise<string> {
  const found = await stat(path).catch((error: unknown) => {
    throw fileError(`cannot read ${what} ${JSON.stringify(path)}`, error);
  });
  if (found.isDirectory()) return path;
  throw new KubecrateError('INVALID_ARGUMENT', `cannot read ${what} ${JSON.stringify(path)}: it is no directory`);
}

/** Reads an image list; `-` is standard input. @throws KubecrateError NOT_FOUND, INVALID_LIST */
export async function readListFile(
  file: string,
  { cwd, stdin, signal }: Pick<Context, 'cwd' | 'stdin' | 'signal'>,
): Promise<ImageList> {
  const { readImageList } = await import('@kubecrate/discovery');
  if (file === '-') return readImageList(await readStandardInput(stdin, signal), 'standard input');
  const path = resolve(cwd, file);
  const text = await readTextFile(path, `the image list ${JSON.stringify(file)}`);
  return readImageList(text, shownPath(cwd, path));
}

/** Reads a list of images with credentials. @throws KubecrateError NOT_FOUND, INVALID_LIST */
export async function readAuthListFile(cwd: string, file: string): Promise<readonly AuthenticatedImages[]> {
  const path = resolve(cwd, file);
  const text = await readTextFile(path, `the image list ${JSON.stringify(file)}`);
  const { readImageListWithAuth } = await import('@kubecrate/discovery');
  return readImageListWithAuth(text, shownPath(cwd, path));
}
