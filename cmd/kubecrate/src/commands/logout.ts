/** `kubecrate logout`: forgets what `login` kept. */

import { resolve } from 'node:path';
import { dockerConfigFile, eraseCredential } from '@kubecrate/registry';
import { Command } from 'commander';
import type { Context } from '../context.ts';
import { type OutputOptions, withOutput } from '../options.ts';
import { parseServer } from '../server-name.ts';
import { writeJson } from '../text.ts';

interface Options extends OutputOptions {
  readonly authfile?: string;
}

export function logoutCommand(context: Context): Command {
  const command = new Command('logout')
    .description('Forget the name and the password of a registry; one that is not known is no failure.')
    .argument('SERVER', 'the registry, as it was given to login')
    .option('--authfile <FILE>', 'the file of credentials (default: ~/.docker/config.json)');
  return withOutput(command).action((server: string, options: Options) => logout(server, options, context));
}

async function logout(
  server: string,
  { authfile, output }: Options,
  { env, home, cwd, signal, stdout }: Context,
): Promise<void> {
  const file = authfile === undefined ? dockerConfigFile({ env, home }) : resolve(cwd, authfile);
  const host = parseServer(server);
  await eraseCredential(host, { file, env, signal });
  if (output === 'json') writeJson(stdout, { server: host, file });
  else stdout.write('Logout Succeeded\n');
}
