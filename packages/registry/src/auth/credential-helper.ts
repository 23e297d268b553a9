/** Docker's credential helpers: `docker-credential-<name> get|store|erase`, a server on stdin, JSON on stdout. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { KubecrateError, redact, systemCode } from '@kubecrate/errors';
import type { Credential } from '../config/docker-config.ts';

export interface HelperOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
}

/** The credential a helper keeps for a server, or undefined where it has none. @throws KubecrateError INVALID_CONFIG */
export async function getFromHelper(
  helper: string,
  server: string,
  options: HelperOptions,
): Promise<Credential | undefined> {
  const { code, stdout, stderr } = await run(helper, 'get', server, options);
  if (code !== 0) {
    if (/not found|no credentials|no such/i.test(`${stdout} ${stderr}`)) return undefined;
    throw helperFailure(helper, `for ${JSON.stringify(server)} (exit code ${code})`, stdout || stderr);
  }
  const answer = parseAnswer(helper, server, stdout);
  if (answer.secret === '') return undefined;
  if (answer.username === '<token>') return { kind: 'identity-token', token: answer.secret };
  return { kind: 'password', username: answer.username, password: answer.secret };
}

/** Gives a helper a credential to keep. @throws KubecrateError INVALID_CONFIG */
export async function storeInHelper(
  helper: string,
  server: string,
  login: { readonly username: string; readonly secret: string },
  options: HelperOptions,
): Promise<void> {
  const input = JSON.stringify({ ServerURL: server, Username: login.username, Secret: login.secret });
  const { code, stdout, stderr } = await run(helper, 'store', input, options);
  if (code !== 0)
    throw helperFailure(helper, `to store ${JSON.stringify(server)} (exit code ${code})`, stdout || stderr);
}

/** Makes a helper forget a server; one that it does not know is no failure. */
export async function eraseFromHelper(helper: string, server: string, options: HelperOptions): Promise<void> {
  const { code, stdout, stderr } = await run(helper, 'erase', server, options);
  if (code === 0 || /not found/i.test(`${stdout} ${stderr}`)) return;
  throw helperFailure(helper, `to erase ${JSON.stringify(server)} (exit code ${code})`, stdout || stderr);
}

async function run(
  helper: string,
  verb: 'get' | 'store' | 'erase',
  input: string,
  { env, signal }: HelperOptions,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  signal?.throwIfAborted();
  // Not the timeout of `spawn`, which keeps the process waiting for it where there is no such program.
  const late = AbortSignal.timeout(TIMEOUT_MS);
  const ends = signal === undefined ? late : AbortSignal.any([signal, late]);
  const child = spawn(`docker-credential-${helper}`, [verb], { env, stdio: 'pipe', signal: ends });
  child.stdin.on('error', () => {}); // a helper that does not read its input still says why in its exit code
  child.stdin.end(input);
  try {
    const [[code], stdout, stderr] = await Promise.all([
      once(child, 'close') as Promise<[number | null]>,
      text(child.stdout),
      text(child.stderr),
    ]);
    return { code, stdout, stderr };
  } catch (cause) {
    signal?.throwIfAborted();
    const missing = systemCode(cause) === 'ENOENT' ? ': there is no such program' : '';
    const reason = late.aborted ? `: it has not answered for ${TIMEOUT_MS / 1000} s` : missing;
    throw new KubecrateError('INVALID_CONFIG', `cannot run credential helper docker-credential-${helper}${reason}`, {
      cause,
      hint: 'install it, or take credsStore and credHelpers out of the Docker configuration',
    });
  }
}

function parseAnswer(helper: string, server: string, stdout: string): { username: string; secret: string } {
  try {
    const { Username: username, Secret: secret } = JSON.parse(stdout) as Readonly<Record<string, unknown>>;
    if (typeof username === 'string' && typeof secret === 'string') return { username, secret };
  } catch {
    // falls to the error below, which must not carry the answer: it may hold the secret
  }
  throw helperFailure(helper, `for ${JSON.stringify(server)}`, 'the answer is not {"Username": ..., "Secret": ...}');
}

function helperFailure(helper: string, what: string, words: string): KubecrateError {
  const said = redact(words.trim().slice(0, 500));
  return new KubecrateError(
    'INVALID_CONFIG',
    `cannot ask credential helper docker-credential-${helper} ${what}: ${said}`,
    {
      hint: `try it by hand: echo HOST | docker-credential-${helper} get`,
    },
  );
}

const TIMEOUT_MS = 60_000;
