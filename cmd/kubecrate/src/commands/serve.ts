/** `kubecrate serve`: a registry over a registry directory, an image or an archive. */

import { once } from 'node:events';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileError, hasCode, isMissing, KubecrateError, messageOf, NotFoundError } from '@kubecrate/errors';
import { type Credentials, type ServerEvent, startServer, type TlsOptions } from '@kubecrate/server';
import { Command } from 'commander';
import { isLoopbackHost, parseAddress } from '../address.ts';
import { machinePlatform, parsePlatformOption } from '../arguments.ts';
import type { Context } from '../context.ts';
import { type OutputOptions, openStore, type StoreOptions, withOutput, withStoreOption } from '../options.ts';
import { readPassword } from '../password.ts';
import { openServedContent, readOnlyContent } from '../served-content.ts';
import { isServingProcess, type ServedAddress, serveAsProcess, startServingProcesses } from '../serving-processes.ts';
import { findSubject, type Subject } from '../subject.ts';

interface Options extends StoreOptions, OutputOptions {
  readonly addr: string;
  readonly writable?: boolean;
  readonly platform?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly clientCa?: string;
  readonly user?: string;
  readonly passwordStdin?: boolean;
  readonly log?: boolean;
}

export function serveCommand(context: Context): Command {
  const command = new Command('serve')
    .description('Serve images to any client of a registry, until it is stopped with Ctrl-C.')
    .argument(
      'SOURCE',
      'a registry directory, an OCI layout, an archive, or an image of the store; of a cluster image, the registry in it',
    )
    .option('--addr <HOST:PORT>', 'where to listen; port 0 is any free port', '127.0.0.1:5000')
    .option('--writable', 'let clients push and delete; a registry directory that is missing is made')
    .option('--platform <OS/ARCH>', 'the platform of a cluster image that has several')
    .option('--tls-cert <FILE>', 'serve https with this certificate (PEM)')
    .option('--tls-key <FILE>', 'the key of the certificate (PEM)')
    .option('--client-ca <FILE>', 'let in only clients with a certificate of this authority (PEM)')
    .option('--user <NAME>', 'let in only this user; the password comes by --password-stdin')
    .option('--password-stdin', 'read the password from standard input')
    .option('--log', 'print every request');
  return withOutput(withStoreOption(command)).action((source: string, options: Options) =>
    serve(source, options, context),
  );
}

/** More processes than this only take turns at the same disk. */
const MAX_PROCESSES = 4;

async function serve(source: string, options: Options, context: Context): Promise<void> {
  if (isServingProcess()) {
    await serveAsProcess(async ({ users }, onServing) => {
      await serveAlone(await findServed(source, options, context), { ...options, users, onServing }, context);
    });
    return;
  }
  parseAddress(options.addr);
  const users = await readUsers(options, context);
  const subject = await findServed(source, options, context);
  const onServing = (address: ServedAddress): void => announce(address, { ...options, users }, context);
  const count = Math.min(context.cores, MAX_PROCESSES);
  if (count > 1 && isShareable(subject, options)) {
    await serveTogether({ count, users, onServing }, context);
  } else await serveAlone(subject, { ...options, users, onServing }, context);
}

/** Uploads live in the process that began them, and an archive may have to be unpacked to be read: both are for one process. */
function isShareable({ kind }: Subject, { writable }: Options): boolean {
  return writable !== true && kind !== 'archive';
}

interface Serving {
  readonly users: readonly Credentials[] | undefined;
  readonly onServing: (address: ServedAddress) => void;
}

async function serveTogether(
  { count, users, onServing }: Serving & { readonly count: number },
  context: Context,
): Promise<void> {
  const { signal, stderr, program } = context;
  const onReplaced = (reason: string): void => {
    stderr.write(`warning: a serving process ended (${reason}); another one takes its place\n`);
  };
  await using processes = await startServingProcesses({ program, count, users, onReplaced });
  onServing(processes);
  const stopped = signal.aborted ? Promise.resolve() : once(signal, 'abort');
  await Promise.race([stopped, processes.ended]);
}

async function serveAlone(subject: Subject, options: Options & Serving, context: Context): Promise<void> {
  const { signal } = context;
  const { users, onServing } = options;
  const tls = await readTls(options, context);
  const access = accessOf(options);
  await using content = await openServedContent(subject, {
    access,
    wanted: options.platform === undefined ? undefined : parsePlatformOption(options.platform),
    machine: machinePlatform(context.arch),
    signal,
  });
  await using server = await startServer(content.namespace, {
    ...parseAddress(options.addr),
    access,
    onEvent: (event) => tell(event, options, context),
    ...(tls === undefined ? {} : { tls }),
    ...(users === undefined ? {} : { users }),
    ...(subject.kind === 'registry-directory' ? { uploadDirectory: subject.path } : {}),
  });
  onServing(server);
  if (!signal.aborted) await once(signal, 'abort');
}

function accessOf({ writable }: Options): 'read-only' | 'writable' {
  return writable === true ? 'writable' : 'read-only';
}

function announce(
  { url, host, port }: ServedAddress,
  options: Options & Pick<Serving, 'users'>,
  { stdout, stderr }: Context,
): void {
  const access = accessOf(options);
  const isOpen = options.users === undefined && options.clientCa === undefined;
  if (isOpen && !isLoopbackHost(parseAddress(options.addr).host)) {
    const what = access === 'writable' ? 'pull from it and push to it' : 'pull from it';
    stderr.write(`warning: everyone who reaches ${options.addr} can ${what}\n`);
  }
  stdout.write(options.output === 'json' ? `${JSON.stringify({ url, host, port, access })}\n` : `${url}\n`);
}

async function findServed(source: string, options: Options, context: Context): Promise<Subject> {
  if (options.writable === true) {
    const path = resolve(context.cwd, source);
    if (!(await isAbsent(path))) return await findSubject(path, () => openStore(options, context), context);
    await refuseStored(source, options, context);
    await mkdir(path, { recursive: true }).catch((error: unknown) => {
      throw fileError(`cannot make the registry directory ${JSON.stringify(path)}`, error);
    });
    return await findSubject(path, () => openStore(options, context), context);
  }
  return await findSubject(source, () => openStore(options, context), context);
}

/** A name of the store is no directory to be made, except where it is spelled as a path. */
async function refuseStored(source: string, options: Options, context: Context): Promise<void> {
  try {
    await findSubject(source, () => openStore(options, context), context);
  } catch (error) {
    if (error instanceof NotFoundError || hasCode(error, 'CONFLICT')) return;
    throw error;
  }
  throw readOnlyContent('image', source);
}

async function isAbsent(path: string): Promise<boolean> {
  try {
    await stat(path);
    return false;
  } catch (error) {
    if (isMissing(error)) return true;
    throw fileError(`cannot read ${JSON.stringify(path)}`, error);
  }
}

function tell(event: ServerEvent, { log }: Options, { stderr }: Context): void {
  if (event.type === 'failed') stderr.write(`failed ${event.method} ${event.path}: ${messageOf(event.error)}\n`);
  else if (log === true)
    stderr.write(`${event.client} ${event.method} ${event.path} ${event.status} ${event.outcome}\n`);
}

async function readUsers(
  { user, passwordStdin }: Options,
  context: Context,
): Promise<readonly Credentials[] | undefined> {
  if (user === undefined && passwordStdin !== true) return undefined;
  if (user === undefined) throw new KubecrateError('USAGE', '--password-stdin needs --user <NAME>');
  if (passwordStdin !== true)
    throw new KubecrateError(
      'USAGE',
      '--user needs --password-stdin: a password on the command line can be read by everyone',
    );
  return [{ username: user, password: await readPassword(context.stdin) }];
}

async function readTls({ tlsCert, tlsKey, clientCa }: Options, { cwd }: Context): Promise<TlsOptions | undefined> {
  if (tlsCert === undefined && tlsKey === undefined && clientCa === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined)
    throw new KubecrateError('USAGE', 'https needs both --tls-cert and --tls-key');
  const read = (file: string): Promise<Buffer> =>
    readFile(resolve(cwd, file)).catch((error: unknown) => {
      throw fileError(`cannot read ${JSON.stringify(file)}`, error);
    });
  const [cert, key] = [await read(tlsCert), await read(tlsKey)];
  return { cert, key, ...(clientCa === undefined ? {} : { clientCa: await read(clientCa) }) };
}
