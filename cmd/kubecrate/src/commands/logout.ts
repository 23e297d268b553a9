/** `kubecrate logout`: forgets what `login` kept. */

import { resolve } from 'node:path';
import { dockerConfigFile, eraseCredential } from '@kubecrate/registry';
import { Command } from 'commander';
import type { Context } from '../context.ts';
import { parseServer } from '../server-name.ts';

interface Options {
  readonly authfile?: string;
}

export function logoutCommand(context: Context): Command {
  return new Command('logout')
    .description('Forget the name and the password of a registry; one that is not known is no failure.')
    .argument('SERVER', 'the registry, as it was given to login')
    .option('--authfile <FILE>', 'the file of credentials (default: ~/.docker/config.json)')
    .action((server: string, options: Options) => logout(server, options, context));
}

async function logout(
  server: string,
  { authfile }: Options,
  { env, home, cwd, signal, stdout }: Context,
): Promise<void> {
  const file = authfile === undefined ? dockerConfigFile({ env, home }) : resolve(cwd, authfile);
  await eraseCredential(parseServer(server), { file, env, signal });
  stdout.write('Logout Succeeded\n');
}
