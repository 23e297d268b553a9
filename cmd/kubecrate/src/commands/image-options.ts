/** The options that the commands of `kubecrate image` share. */

import { type Command, Option } from 'commander';
import { collect, collectPlatforms } from '../arguments.ts';
import {
  type OutputOptions,
  type ProgressOptions,
  type RegistryOptions,
  withOutput,
  withProgress,
  withRegistryOptions,
} from '../options.ts';

/** What every command of the group takes. */
export interface ImageRunOptions extends RegistryOptions, ProgressOptions, OutputOptions {
  readonly vars?: readonly string[];
  readonly extraVars?: readonly string[];
  readonly dryRun?: boolean;
  readonly layout?: 'v4.0.0' | 'v4.0.5';
}

/** How registries are logged in to. */
export interface ImageLoginOptions {
  readonly auth?: readonly string[];
  readonly username?: string;
  readonly password?: string;
  readonly passwordStdin?: boolean;
}

export interface ImagePlatformOptions {
  readonly platform?: readonly string[];
  readonly policy?: string;
}

/** Variables for templates, `--dry-run`, and how to report. */
export function withImageRun(command: Command): Command {
  const added = command
    .option('--vars <FILE>', 'variables for the templates, as YAML or JSON; may be repeated', collect)
    .option('-e, --extra-vars <NAME=VALUE>', 'one variable; may be repeated', collect)
    .option('--dry-run', 'say what would move, and move nothing');
  return withOutput(withProgress(withRegistryOptions(added)));
}

/** `auths`, `username` and `password` of a task. */
export function withImageLogin(command: Command): Command {
  return command
    .option(
      '--auth <repo=HOST,username=NAME,password=...>',
      'an entry of auths: also insecure, plain_http, skip_tls_verify, ca_file, cert_file, key_file; a password may hold commas, but no ",name="; may be repeated',
      collect,
    )
    .option('-u, --username <NAME>', 'the user name, where all images are of one registry')
    .option(
      '-p, --password <PASSWORD>',
      'the password: everyone on this machine can read it there, so better --password-stdin or a variable',
    )
    .option('--password-stdin', 'read the password from standard input');
}

export function withImagePlatforms(command: Command): Command {
  return command
    .option('--platform <OS/ARCH,...>', 'the platforms to take (default: all)', collectPlatforms)
    .addOption(
      new Option(
        '--policy <POLICY>',
        'what an image is that lacks one of them: an error, or a warning (default: strict)',
      ).choices(['strict', 'warn']),
    );
}

/** In which form an images directory is written. */
export function withImageLayout(command: Command): Command {
  return command.addOption(
    new Option('--layout <VERSION>', 'the version of KubeKey from which on it reads what is written')
      .choices(['v4.0.0', 'v4.0.5'])
      .default('v4.0.0'),
  );
}
