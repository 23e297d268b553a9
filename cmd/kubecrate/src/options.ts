/** Options that several commands share, and the store and the registries that they choose. */

import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { OnEvent } from '@kubecrate/content';
import { fileError, KubecrateError } from '@kubecrate/errors';
import type { ImageStore } from '@kubecrate/image-store';
import type { CredentialFile, RegistryClient, RegistryConfig } from '@kubecrate/registry';
import { type Command, Option } from 'commander';
import { collect, parseCount } from './arguments.ts';
import type { Context } from './context.ts';
import { readSettings, type Settings } from './settings.ts';
import { VERSION } from './version.ts';

export interface ConfigOptions {
  readonly config?: string;
}

export interface StoreOptions extends ConfigOptions {
  readonly store?: string;
}

export interface RegistryOptions extends ConfigOptions {
  readonly insecureRegistry?: readonly string[];
  readonly skipTlsVerify?: boolean;
  readonly authfile?: string;
  readonly stallTimeout?: string;
}

export interface ProgressOptions {
  /** What `openReporter` takes. */
  readonly progress: string;
}

export interface OutputOptions {
  readonly output: 'text' | 'json';
}

/** `--store DIR`: the command works on the local store, see {@link openStore}. */
export function withStoreOption(command: Command): Command {
  return withConfigOption(
    command.option('--store <DIR>', 'the directory of the image store (default: $KUBECRATE_STORE)'),
  );
}

/** The options of every command that talks to registries, see {@link openRegistries}. */
export function withRegistryOptions(command: Command): Command {
  const added = command
    .option(
      '--insecure-registry <HOST>',
      'a registry that may speak http, or show any certificate; may be repeated',
      collect,
    )
    .option('--skip-tls-verify', 'check no certificate of any registry')
    .option('--authfile <FILE>', 'the file of credentials (default: $REGISTRY_AUTH_FILE, ~/.docker/config.json)')
    .option(
      '--stall-timeout <SECONDS>',
      'give up a connection that brings nothing for so long, and go on over another (default: 30)',
    );
  return withConfigOption(added);
}

/** `--progress MODE`: the command takes long, see `openReporter`. */
export function withProgress(command: Command): Command {
  const modes = ['auto', 'bars', 'plain', 'json', 'none'];
  return command.addOption(new Option('--progress <MODE>', 'how to show what happens').choices(modes).default('auto'));
}

/** `--output FORMAT`: the command reports something. */
export function withOutput(command: Command): Command {
  return command.addOption(new Option('--output <FORMAT>', 'how to report').choices(['text', 'json']).default('text'));
}

/** The options of a command that moves images between registries and the local store. */
export interface TransferOptions extends StoreOptions, RegistryOptions, ProgressOptions, OutputOptions {}

export function withTransfer(command: Command): Command {
  return withOutput(withProgress(withRegistryOptions(withStoreOption(command))));
}

/** Opens the local store that options, environment and configuration choose. @throws KubecrateError INVALID_CONFIG */
export async function openStore(options: StoreOptions, context: Context): Promise<ImageStore> {
  const settings = await readSettings(options.config, context);
  const { openImageStore } = await import('@kubecrate/image-store');
  return await openImageStore(storeDirectory(options, settings, context));
}

/** The directory of the local store: `--store`, KUBECRATE_STORE, `graph` of the configuration, the usual place. */
export function storeDirectory(
  { store }: StoreOptions,
  settings: Settings,
  { cwd, env, home, uid }: Pick<Context, 'cwd' | 'env' | 'home' | 'uid'>,
): string {
  const named = store ?? (env['KUBECRATE_STORE'] || settings.store);
  if (named !== undefined) return resolve(cwd, named);
  if (uid === 0) return '/var/lib/kubecrate';
  return join(env['XDG_DATA_HOME'] || join(home, '.local', 'share'), 'kubecrate');
}

/**
 * Opens the client of registries that options, environment, configuration and the files of Docker and containers configure.
 * `credentials` go before all that those files hold.
 */
export async function openRegistries(
  options: RegistryOptions,
  context: Context,
  onEvent?: OnEvent,
  credentials: readonly CredentialFile[] = [],
): Promise<RegistryClient> {
  const config = await readRegistryConfig(options, context);
  const { openRegistryClient } = await import('@kubecrate/registry');
  return openRegistryClient(
    { ...config, credentials: [...credentials, ...(config.credentials ?? [])] },
    { onEvent, now: context.now },
  );
}

/** How registries are reached, for {@link openRegistries}. @throws KubecrateError INVALID_CONFIG; NotFoundError for a file that was named */
export async function readRegistryConfig(
  options: RegistryOptions,
  { env, home, cwd }: Context,
): Promise<RegistryConfig> {
  const { stallTimeout } = options;
  const stallS = stallTimeout === undefined ? undefined : parseCount('--stall-timeout', stallTimeout, 1);
  // Refuses a key that nobody reads.
  await readSettings(options.config, { env, home, cwd });
  const { loadRegistryConfig } = await import('@kubecrate/registry');
  const config = await loadRegistryConfig({
    env:
      options.authfile === undefined
        ? env
        : { ...env, REGISTRY_AUTH_FILE: await requireFile(resolve(cwd, options.authfile)) },
    home,
    ...(options.config === undefined ? {} : { configFile: resolve(cwd, options.config) }),
  });
  return {
    ...config,
    insecureRegistries: [...(options.insecureRegistry ?? []), ...(config.insecureRegistries ?? [])],
    verification: options.skipTlsVerify === true ? 'skip' : (config.verification ?? 'strict'),
    userAgent: `kubecrate/${VERSION}`,
    ...(stallS === undefined
      ? {}
      : { timeouts: { ...config.timeouts, stallMs: Math.min(stallS, MAX_STALL_S) * 1000 } }),
  };
}

/** More than a day, and no more than a timer takes with what is added to it for uploads. */
const MAX_STALL_S = 100_000;

/**
 * The signal of an operation on one image: the command's own, and an end of its own where the configuration bounds it (`image-opt-timeout`).
 */
export async function imageSignal(options: ConfigOptions, context: Context): Promise<AbortSignal> {
  const { imageTimeoutMs, file } = await readSettings(options.config, context);
  if (imageTimeoutMs === undefined) return context.signal;
  const late = new AbortController();
  const limit = new KubecrateError(
    'ABORTED',
    `stopped after ${imageTimeoutMs / 1000} s, the image-opt-timeout of ${file}`,
    {
      hint: 'run the same command again to go on from there, or allow more time',
    },
  );
  setTimeout(() => late.abort(limit), imageTimeoutMs).unref();
  return AbortSignal.any([context.signal, late.signal]);
}

function withConfigOption(command: Command): Command {
  const known = command.options.some(({ long }) => long === '--config');
  return known ? command : command.option('--config <FILE>', 'the configuration file');
}

async function requireFile(path: string): Promise<string> {
  try {
    await access(path);
    return path;
  } catch (error) {
    throw fileError(`cannot read the file of credentials ${JSON.stringify(path)}`, error);
  }
}
