/** Renders and checks the arguments of one action. */

import type { GoMap } from '@kubecrate/gotemplate';
import type { Reference } from '@kubecrate/oci';
import type { Action, CopyAction, PullAction, PushAction, RegistryAccess } from './action.ts';
import { Arguments, type RenderContext } from './arguments.ts';
import { resolveAccess, securityOf } from './resolve-access.ts';
import { nameTemplate, patternOf, platformsOf, referencesOf } from './resolve-fields.ts';
import { resolveMove } from './resolve-move.ts';
import type { TaskAction } from './task.ts';

/**
 * @throws KubecrateError INVALID_TEMPLATE where a variable is missing, INVALID_CONFIG, INVALID_REFERENCE, INVALID_PLATFORM;
 * each names file, line and field
 */
export async function resolveAction(action: TaskAction, context: RenderContext): Promise<Action> {
  const given = new Arguments(action.arguments, action.kind === 'move' ? 'image' : action.kind, context);
  if (action.kind === 'pull') return await resolvePull(given);
  if (action.kind === 'push') return await resolvePush(given);
  return action.kind === 'copy' ? await resolveCopy(given) : await resolveMove(given);
}

async function resolvePull(given: Arguments): Promise<PullAction> {
  const images = await referencesOf(given, 'manifests');
  if (images.length === 0) throw given.refuse('manifests', 'holds no image');
  const access = await resolveAccess(given);
  const login = loginOf(given);
  return {
    kind: 'pull',
    directory: directoryOf(given),
    images,
    access:
      login === undefined
        ? access
        : [...access, { ...soleRegistry(given, images), login, security: securityOf(given) }],
    security: securityOf(given),
    ...(await platformsOf(given)),
  };
}

async function resolvePush(given: Arguments): Promise<PushAction> {
  const pattern = patternOf(given, 'src_pattern');
  const login = loginOf(given);
  return {
    kind: 'push',
    directory: directoryOf(given),
    ...(pattern === undefined ? {} : { pattern }),
    destinationOf: nameTemplate(given, 'dest'),
    access: await resolveAccess(given),
    policy: 'strict',
    ...(login === undefined ? {} : { login }),
    security: securityOf(given),
  };
}

async function resolveCopy(given: Arguments): Promise<CopyAction> {
  const from = given.inner('from');
  const to = given.inner('to');
  const images = await referencesOf(from, 'manifests');
  const pattern = patternOf(to, 'src_pattern') ?? patternOf(to, 'pattern');
  return {
    kind: 'copy',
    from: required(from, 'path'),
    to: required(to, 'path'),
    ...(images.length === 0 ? {} : { images }),
    ...(pattern === undefined ? {} : { pattern }),
    ...(await platformsOf(given)),
  };
}

function required(given: Arguments, key: string): string {
  const text = given.text(key);
  if (text === undefined) throw given.refuse(key, 'is missing');
  return text;
}

/** Where images lie that nothing else is said of: `images` in the directory that the variable `binary_dir` names, where it is set. */
export function usualDirectory(variables: GoMap): string | undefined {
  const directory = variables.get('binary_dir');
  if (typeof directory !== 'string' || directory === '') return undefined;
  return `${directory.replace(/\/+$/, '')}/images`;
}

function directoryOf(given: Arguments): string {
  const directory = given.text('images_dir');
  if (directory !== undefined) return directory;
  const usual = usualDirectory(given.context.variables);
  if (usual !== undefined) return usual;
  throw given.refuse(
    'images_dir',
    'is missing, and the variable binary_dir is not set',
    'write images_dir, or give -e binary_dir=DIR',
  );
}

function loginOf(given: Arguments): RegistryAccess['login'] {
  const username = given.text('username');
  const password = given.text('password');
  if (username === undefined && password === undefined) return undefined;
  if (username === undefined || password === undefined) {
    throw given.refuse(username === undefined ? 'username' : 'password', 'is missing');
  }
  return { username, password };
}

/** A password without a registry is for the one registry that there is; it is sent to no other. */
function soleRegistry(given: Arguments, images: readonly Reference[]): Pick<RegistryAccess, 'registry'> {
  const registries = [...new Set(images.map(({ domain }) => domain))].sort();
  const [registry] = registries;
  if (registry !== undefined && registries.length === 1) return { registry };
  throw given.refuse(
    'username',
    `stands beside images of several registries (${registries.join(', ')})`,
    'say in auths which registry it is for',
  );
}
