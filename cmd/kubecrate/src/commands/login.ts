/** `kubecrate login`: checks a name and a password with a registry and keeps them where Docker does. */

import { resolve } from 'node:path';
import { hasCode, KubecrateError } from '@kubecrate/errors';
import { dockerConfigFile, givenCredentials, storeCredential } from '@kubecrate/registry';
import { Command } from 'commander';
import type { Context } from '../context.ts';
import {
  type OutputOptions,
  openRegistries,
  type RegistryOptions,
  withOutput,
  withRegistryOptions,
} from '../options.ts';
import { ask, readPassword } from '../password.ts';
import { parseServer } from '../server-name.ts';
import { writeJson } from '../text.ts';

interface Options extends RegistryOptions, OutputOptions {
  readonly username?: string;
  readonly password?: string;
  readonly passwordStdin?: boolean;
}

export function loginCommand(context: Context): Command {
  const command = new Command('login')
    .description('Log in to a registry: check a name and a password, and keep them for the commands that follow.')
    .argument('SERVER', 'the registry, for example registry.example.com:5000')
    .option('-u, --username <NAME>', 'the name; asked for where it is missing')
    .option(
      '-p, --password <PASSWORD>',
      'the password: everyone on this machine can read it there, so better --password-stdin',
    )
    .option('--password-stdin', 'read the password from standard input');
  return withOutput(withRegistryOptions(command)).action((server: string, options: Options) =>
    login(server, options, context),
  );
}

async function login(server: string, options: Options, context: Context): Promise<void> {
  const { env, home, cwd, signal, stdout } = context;
  const host = parseServer(server);
  const { username, password } = await readLogin(options, context);
  const { authfile, ...others } = options;
  const given = givenCredentials({ [host]: { kind: 'password', username, password } });
  await using registries = await openRegistries(others, context, undefined, [given]);
  await registries.ping(host, { signal }).catch((error: unknown) => {
    throw withoutLogin(error);
  });
  const file = authfile === undefined ? dockerConfigFile({ env, home }) : resolve(cwd, authfile);
  await storeCredential(host, { username, password }, { file, env, signal });
  if (options.output === 'json') writeJson(stdout, { server: host, username, file });
  else stdout.write('Login Succeeded\n');
}

/** Whoever is logging in need not be told to log in. */
function withoutLogin(error: unknown): unknown {
  if (!hasCode(error, 'UNAUTHORIZED')) return error;
  return new KubecrateError('UNAUTHORIZED', error.message, {
    cause: error,
    hint: 'check the user name and the password; some registries want a token in its place',
  });
}

async function readLogin(
  options: Options,
  context: Context,
): Promise<{ readonly username: string; readonly password: string }> {
  const { username, password, passwordStdin } = options;
  if (password !== undefined && passwordStdin === true) {
    throw new KubecrateError('USAGE', '--password and --password-stdin are mutually exclusive');
  }
  if (passwordStdin === true && username === undefined) {
    throw new KubecrateError('USAGE', 'Must provide --username with --password-stdin');
  }
  if (password !== undefined)
    context.stderr.write('WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n');
  const name = username ?? (await ask('Username: ', 'visible', context));
  if (passwordStdin === true) return { username: name, password: await readPassword(context.stdin) };
  return { username: name, password: password ?? (await ask('Password: ', 'hidden', context)) };
}
