/** Running one image action whose arguments are flags. */

import { didYouMean, KubecrateError } from '@kubecrate/errors';
import { type ActionKind, actionOfFlags, type FlagValues, usualDirectory } from '@kubecrate/imagetasks';
import type { Context } from '../context.ts';
import { readPassword } from '../password.ts';
import { runImageActions } from './image-actions.ts';
import type { ImageLoginOptions, ImageRunOptions } from './image-options.ts';
import { readTemplateScope, type TemplateScope } from './image-scope.ts';

/** `values` are the arguments by the names that tasks give them; those of the login are added. */
export async function runImageFlags(
  kind: ActionKind,
  values: FlagValues,
  options: ImageRunOptions & ImageLoginOptions,
  context: Context,
): Promise<void> {
  const scope = await readTemplateScope(options, context);
  if (!hasDirectory(kind, values, scope)) {
    throw new KubecrateError(
      'USAGE',
      `cannot ${kind}: --images-dir is missing, and the variable binary_dir is not set`,
      {
        hint: `kubecrate image ${kind} --images-dir DIR ...`,
      },
    );
  }
  const login = await loginOf(options, context);
  const action = await actionOfFlags(kind, { ...values, ...login }, scope).catch(withoutPlace);
  const task = { name: `image ${kind}`, file: 'command line', line: 1, onError: 'stop' } as const;
  await runImageActions([{ task, action }], options, context);
}

/** What a file of tasks would be told of with its line: a command line has none. */
function withoutPlace(error: unknown): never {
  if (!(error instanceof KubecrateError) || !error.message.startsWith(PLACE)) throw error;
  const { message, hint } = error;
  const own = message.replaceAll(PLACE, '');
  throw new KubecrateError('USAGE', own, { cause: error, ...(hint === undefined ? {} : { hint }) });
}

const PLACE = 'command line:1: ';

/** The other actions name their directories by options that have to be given. */
function hasDirectory(kind: ActionKind, { images_dir: given }: FlagValues, { variables }: TemplateScope): boolean {
  if (kind !== 'pull' && kind !== 'push') return true;
  return (given !== undefined && given !== '') || usualDirectory(variables) !== undefined;
}

async function loginOf(
  { auth, username, password, passwordStdin }: ImageLoginOptions,
  { stdin, stderr }: Context,
): Promise<FlagValues> {
  if (password !== undefined && passwordStdin === true)
    throw new KubecrateError('USAGE', '--password and --password-stdin are mutually exclusive');
  if (passwordStdin === true && username === undefined)
    throw new KubecrateError('USAGE', '--password-stdin needs --username');
  // A template shows nobody anything.
  if (password !== undefined && !password.includes('{{'))
    stderr.write('WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n');
  return {
    auths: auth?.map(parseAuth),
    username,
    password: passwordStdin === true ? await readPassword(stdin) : password,
  };
}

const AUTH_KEYS = [
  ...['repo', 'registry', 'username', 'password', 'insecure', 'plain_http', 'skip_tls_verify'],
  ...['ca_file', 'cert_file', 'key_file'],
];

/**
 * `repo=HOST,username=NAME,password=...`; a password may hold commas, but a comma with `name=` behind it begins the next key.
 * @throws KubecrateError USAGE
 */
function parseAuth(text: string): FlagValues {
  const parts = text.split(/,(?=[A-Za-z_]\w*=)/);
  const entries = parts.flatMap((part) => (part.startsWith('password=') ? [part] : part.split(',')));
  const values: Record<string, string> = {};
  for (const entry of entries) {
    const at = entry.indexOf('=');
    const key = entry.slice(0, Math.max(0, at));
    if (!AUTH_KEYS.includes(key)) throw unknownKey(key, values);
    if (values[key] !== undefined) throw new KubecrateError('USAGE', `--auth has ${key} twice`);
    values[key] = entry.slice(at + 1);
  }
  return values;
}

/** What follows a wrong key may be a password, and what follows a password may be a part of it. */
function unknownKey(key: string, { password }: Readonly<Record<string, string>>): KubecrateError {
  if (password === undefined) {
    return new KubecrateError('USAGE', `--auth has an unknown key ${JSON.stringify(key)}`, {
      hint: didYouMean(key, AUTH_KEYS) ?? 'write it as repo=quay.io,username=me,password=...',
    });
  }
  return new KubecrateError('USAGE', '--auth has an unknown key after the password', {
    hint: `known are ${AUTH_KEYS.join(', ')}; a password that holds ",name=" is given as a variable: password={{ .password }} with --vars FILE`,
  });
}
