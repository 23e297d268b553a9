/** Asking a token server for a token (distribution, "Token Authentication Specification" and its OAuth2 form). */

import { KubecrateError } from '@kubecrate/errors';
import type { Credential } from '../config/docker-config.ts';
import { discard, readBody } from '../http/body.ts';
import { readWords, wordsOf } from '../http/registry-words.ts';
import { passingFailure, retryAfterOf } from '../http/retry-after.ts';
import { type Exchange, headerOf, type StreamedAnswer, type WireRequest } from '../http/wire.ts';
import type { Scope } from './scopes.ts';

export interface TokenRequest {
  readonly realm: URL;
  readonly service: string | undefined;
  readonly scopes: readonly Scope[];
  readonly credential: Credential | undefined;
  /** The registry the token is for, for messages. */
  readonly registry: string;
}

export interface TokenOptions {
  readonly exchange: Exchange<StreamedAnswer>;
  readonly now: () => number;
  readonly userAgent: string;
  readonly stallMs: number;
  readonly limit: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Token {
  readonly value: string;
  /** By this machine's clock; milliseconds. */
  readonly expiresAt: number;
}

/**
 * Gets a token: with an identity token by POST, otherwise by GET with Basic authentication, or without any.
 * A server that does not know the one method is asked by the other.
 * @throws KubecrateError UNAUTHORIZED, DENIED, REGISTRY; TransientError
 */
export async function requestToken(request: TokenRequest, options: TokenOptions): Promise<Token> {
  const { credential } = request;
  const first = credential?.kind === 'identity-token' ? postRequest(request, options) : getRequest(request, options);
  let answer = await options.exchange(first);
  if ((answer.status === 404 || answer.status === 405) && credential !== undefined) {
    discard(answer);
    const other = credential.kind === 'identity-token' ? getRequest(request, options) : postRequest(request, options);
    answer = await options.exchange(other);
  }
  if (answer.status !== 200) throw await refusal(answer, request, options);
  const body = await readBody(answer, {
    url: request.realm,
    stallMs: options.stallMs,
    limit: options.limit,
    signal: options.signal,
  });
  return parseToken(body, answer, request, options.now());
}

function getRequest({ realm, service, scopes, credential }: TokenRequest, options: TokenOptions): WireRequest {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set('service', service);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  const login = loginOf(credential);
  if (login !== undefined && login.username !== '') url.searchParams.set('account', login.username);
  return {
    method: 'GET',
    url,
    headers: {
      ...headersFor(options),
      ...(login === undefined ? {} : { authorization: basic(login.username, login.password) }),
    },
    signal: options.signal,
  };
}

function postRequest({ realm, service, scopes, credential }: TokenRequest, options: TokenOptions): WireRequest {
  const form = new URLSearchParams({ client_id: 'kubecrate', access_type: 'offline' });
  if (service !== undefined) form.set('service', service);
  if (scopes.length > 0) form.set('scope', scopes.join(' '));
  if (credential?.kind === 'identity-token') {
    form.set('grant_type', 'refresh_token');
    form.set('refresh_token', credential.token);
  } else if (credential?.kind === 'password') {
    form.set('grant_type', 'password');
    form.set('username', credential.username);
    form.set('password', credential.password);
  }
  return {
    method: 'POST',
    url: realm,
    headers: { ...headersFor(options), 'content-type': 'application/x-www-form-urlencoded' },
    body: { kind: 'bytes', bytes: Buffer.from(form.toString()) },
    signal: options.signal,
  };
}

/** `Authorization` for a name and a password (RFC 7617). */
export function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function loginOf(credential: Credential | undefined): { username: string; password: string } | undefined {
  if (credential?.kind === 'password') return credential;
  if (credential?.kind === 'identity-token')
    return { username: credential.username ?? '<token>', password: credential.token };
  return undefined;
}

function headersFor({ userAgent }: TokenOptions): Record<string, string> {
  return { accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': userAgent };
}

async function refusal(answer: StreamedAnswer, request: TokenRequest, { now }: TokenOptions): Promise<KubecrateError> {
  const { text } = await readWords(answer.body);
  const { status } = answer;
  const { registry, realm, credential } = request;
  const said = `${realm.host} answered ${status}${text === '' ? '' : `: ${JSON.stringify(text)}`}`;
  const message = `cannot get a token for ${registry}: ${said}`;
  const login = `kubecrate login ${registry}`;
  if (status === 429 || status >= 500 || status === 408) {
    const code = status === 429 ? 'RATE_LIMITED' : 'REGISTRY';
    return passingFailure(code, message, { retryAfterMs: retryAfterOf(answer, now()) });
  }
  if (status === 401 || status === 400 || status === 403) {
    const code = status === 403 ? 'DENIED' : 'UNAUTHORIZED';
    if (credential === undefined) return new KubecrateError(code, message, { hint: `log in first: ${login}` });
    const shown = credential.kind === 'password' ? 'the user name and the password' : 'the identity token';
    const refused = `cannot get a token for ${registry}: ${realm.host} refused ${shown}: ${said}`;
    return new KubecrateError(code, refused, { hint: `log in again: ${login}` });
  }
  return new KubecrateError('REGISTRY', message, {
    hint: `${registry} sends clients to ${realm.host} for a token: ask whoever runs it whether that is its token server`,
  });
}

/** `token` or `access_token`; its age is taken by the server's clock alone, its end by this machine's. */
function parseToken(body: Buffer, answer: StreamedAnswer, { registry, realm }: TokenRequest, now: number): Token {
  const fields = parseFields(body);
  const value = [fields['token'], fields['access_token']].find((text) => typeof text === 'string' && text !== '');
  if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) {
    const words =
      fields['token'] === undefined ? wordsOf(body.subarray(0, 200)).text : 'a token of forbidden characters';
    throw new KubecrateError(
      'REGISTRY',
      `cannot get a token for ${registry} from ${realm.host}: it answered ${JSON.stringify(words)}`,
    );
  }
  const said = Number(fields['expires_in'] ?? 0);
  const lifetime = Number.isFinite(said) && said > 0 ? Math.min(said, LONGEST_S) : DEFAULT_LIFETIME_S;
  const issued = Date.parse(String(fields['issued_at'] ?? ''));
  const sent = Date.parse(headerOf(answer, 'date') ?? '');
  const age = Number.isNaN(issued) || Number.isNaN(sent) ? 0 : Math.max(0, sent - issued);
  return { value, expiresAt: now + Math.max(0, lifetime * 1000 * SAFE_PART - age) };
}

function parseFields(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}

const DEFAULT_LIFETIME_S = 60;
const LONGEST_S = 365 * 24 * 3600;
/** A token is renewed after this part of its life, before the registry refuses it. */
const SAFE_PART = 0.9;
