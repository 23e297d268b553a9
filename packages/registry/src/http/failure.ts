/** Failures below HTTP - names, connections - in words for the person who has to do something about them. */

import { KubecrateError, messageOf, systemCode, TransientError } from '@kubecrate/errors';
import type { TlsOptions } from '../config/certificates.ts';
import { closedHint, tlsFailure } from './tls-failure.ts';

/** Where a request was going, for messages. */
export interface Destination {
  readonly url: URL;
  readonly tls?: TlsOptions | undefined;
}

/**
 * The error for a request that got no answer. Failures that may pass are a `TransientError`.
 * Errors of this family and aborts come back as they are.
 */
export function connectionFailure(cause: unknown, destination: Destination): unknown {
  if (cause instanceof KubecrateError || (cause instanceof Error && cause.name === 'AbortError')) return cause;
  const code = codeOf(cause);
  const { url } = destination;
  const tls = tlsFailure(cause, code, destination);
  if (tls !== undefined) return tls;
  // llhttp, the parser of Node, names its errors so.
  if (code.startsWith('HPE_')) {
    const more = url.protocol === 'http:' ? closedHint(destination) : '';
    const hint = `check the address and the port${more}`;
    return new KubecrateError('NETWORK', `cannot understand ${url.host}: it does not answer in HTTP`, { cause, hint });
  }
  const [message, hint] = PLAIN[code] ?? [messageOf(cause), 'check the network between this machine and the registry'];
  const text = `cannot reach ${url.host}: ${message}`;
  if (LASTING.has(code)) return new KubecrateError('NETWORK', text, { cause, hint });
  const more = CLOSED.has(code) ? closedHint(destination) : '';
  return new TransientError('NETWORK', text, { cause, hint: `${hint}${more}` });
}

/** A connection that moved no byte for too long. */
export function stallFailure(url: URL, milliseconds: number): TransientError {
  return new TransientError('NETWORK', `${url.host} sent nothing for ${secondsOf(milliseconds)} s`, {
    hint: 'the network or the registry is very slow; run the same command again, it goes on where it stopped',
  });
}

/** A connection that did not come about in time. */
export function connectTimeout(url: URL, milliseconds: number): TransientError {
  const text = `cannot reach ${url.host}: no connection after ${secondsOf(milliseconds)} s`;
  return new TransientError('NETWORK', text, {
    hint: 'check the address and the port, a firewall, and whether a proxy is needed (HTTPS_PROXY)',
  });
}

function secondsOf(milliseconds: number): number {
  return Math.round(milliseconds / 100) / 10;
}

function codeOf(cause: unknown): string {
  if (cause instanceof AggregateError) return codeOf(cause.errors[0]);
  return systemCode(cause) ?? '';
}

/** A second try would give the same. */
const LASTING = new Set(['ENOTFOUND', 'EAI_NONAME', 'ERR_INVALID_URL', 'EACCES', 'EADDRNOTAVAIL']);

const CLOSED = new Set(['ECONNRESET', 'EPIPE']);

const PLAIN: Readonly<Record<string, readonly [message: string, hint: string]>> = {
  ENOTFOUND: [
    'there is no host of this name',
    'check the spelling of the registry, and the name service of this machine',
  ],
  EAI_AGAIN: ['its name could not be looked up', 'check the name service of this machine'],
  ECONNREFUSED: ['the connection was refused', 'check that the registry runs, and its port'],
  ECONNRESET: [
    'the connection was closed by the other side',
    'the registry, or something on the way, broke the connection',
  ],
  EPIPE: ['the connection was closed by the other side', 'the registry, or something on the way, broke the connection'],
  ETIMEDOUT: ['the connection timed out', 'check the address, a firewall, and whether a proxy is needed (HTTPS_PROXY)'],
  EHOSTUNREACH: ['there is no route to this host', 'check the network between this machine and the registry'],
  ENETUNREACH: ['there is no route to its network', 'check the network of this machine'],
};
