/** Failures below HTTP - names, connections, TLS - in words for the person who has to do something about them. */

import { KubecrateError, messageOf, systemCode, TransientError } from '@kubecrate/errors';
import type { TlsOptions } from '../config/certificates.ts';

/** Where a request was going, for messages. */
export interface Destination {
  readonly url: URL;
  readonly tls?: TlsOptions | undefined;
}

/**
 * The error for a request that got no answer. Failures that may pass are a `TransientError`.
 * Errors of this family and aborts come back as they are.
 */
export function connectionFailure(cause: unknown, { url, tls }: Destination): unknown {
  if (cause instanceof KubecrateError || (cause instanceof Error && cause.name === 'AbortError')) return cause;
  const code = codeOf(cause);
  const host = url.host;
  const refused = (message: string, hint: string): KubecrateError =>
    new KubecrateError('TLS', `cannot trust ${host}: ${message}`, { cause, hint });
  const authority = `put its certificate authority as ca.crt into ${placesOf(tls)}, or, on a network you trust, add ${JSON.stringify(host)} to insecure-registries`;
  if (SELF_SIGNED.has(code))
    return refused('its certificate is self-signed, or signed by an authority this machine does not know', authority);
  if (UNKNOWN_AUTHORITY.has(code))
    return refused('its certificate is signed by an authority this machine does not know', authority);
  if (code === 'CERT_HAS_EXPIRED')
    return refused('its certificate has expired', "renew the registry's certificate, or check this machine's clock");
  if (code === 'CERT_NOT_YET_VALID') return refused('its certificate is not valid yet', "check this machine's clock");
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return refused(
      `its certificate is for another name (${altNames(cause)})`,
      'use the name in the certificate, or have one made for this name',
    );
  }
  const openSsl = openSslReason(cause);
  if (SPEAKS_HTTP.has(code) || SPEAKS_HTTP_REASONS.has(openSsl)) {
    return new KubecrateError(
      'TLS',
      `cannot speak TLS with ${host}: it does not answer as a TLS server, it may speak plain http`,
      {
        cause,
        hint: `if it is meant to be plain http, add ${JSON.stringify(host)} to insecure-registries`,
      },
    );
  }
  if (code === 'HPE_INVALID_CONSTANT' || (code.startsWith('HPE_') && url.protocol === 'http:')) {
    return new KubecrateError(
      'NETWORK',
      `cannot understand ${host}: it does not answer in http${url.protocol === 'http:' ? ', it may expect https' : ''}`,
      {
        cause,
        hint: `check the address and the port${url.protocol === 'http:' ? `; for a registry with TLS take ${JSON.stringify(host)} out of insecure-registries, or write it there as ${JSON.stringify(`https://${host}`)}` : ''}`,
      },
    );
  }
  const alert = ALERTS.get(openSsl - FIRST_ALERT);
  if (alert !== undefined) return clientCertificateFailure(alert, cause, host, tls);
  const [message, hint] = PLAIN[code] ?? [messageOf(cause), 'check the network between this machine and the registry'];
  const text = `cannot reach ${host}: ${message}`;
  if (LASTING.has(code)) return new KubecrateError('NETWORK', text, { cause, hint });
  if (code.startsWith('ERR_SSL') || code === 'EPROTO') {
    return new KubecrateError('TLS', `cannot speak TLS with ${host}: ${messageOf(cause)}`, { cause });
  }
  const more = CLOSED.has(code) ? closedHint(url, tls) : '';
  return new TransientError('NETWORK', text, { cause, hint: `${hint}${more}` });
}

/** A connection that moved no byte for too long. */
export function stallFailure(url: URL, milliseconds: number): TransientError {
  return new TransientError('NETWORK', `${url.host} sent nothing for ${Math.round(milliseconds / 100) / 10} s`, {
    hint: 'the network or the registry is very slow; run the same command again, it goes on where it stopped',
  });
}

/** A connection that did not come about in time. */
export function connectTimeout(url: URL, milliseconds: number): TransientError {
  return new TransientError(
    'NETWORK',
    `cannot reach ${url.host}: no connection after ${Math.round(milliseconds / 100) / 10} s`,
    {
      hint: 'check the address and the port, a firewall, and whether a proxy is needed (HTTPS_PROXY)',
    },
  );
}

function clientCertificateFailure(
  said: string,
  cause: unknown,
  host: string,
  tls: TlsOptions | undefined,
): KubecrateError {
  const shown = tls?.client;
  if (shown === undefined) {
    return new KubecrateError(
      'TLS',
      `${host} asks for a client certificate, and there is none for it (it said: ${said})`,
      {
        cause,
        hint: `put NAME.cert and NAME.key into ${placesOf(tls)}`,
      },
    );
  }
  return new KubecrateError(
    'TLS',
    `${host} refused the client certificate ${JSON.stringify(shown.path)} (it said: ${said})`,
    {
      cause,
      hint: 'ask whoever runs the registry for a certificate that its authority signed',
    },
  );
}

function placesOf(tls: TlsOptions | undefined): string {
  const places = tls?.lookedIn ?? [];
  return places.length === 0 ? 'a certs.d directory' : places.slice(0, 6).join(' or ');
}

function altNames(cause: unknown): string {
  const names = (cause as { cert?: { subjectaltname?: unknown } }).cert?.subjectaltname;
  return typeof names === 'string' ? names.slice(0, 200) : 'it names none';
}

function codeOf(cause: unknown): string {
  if (cause instanceof AggregateError) return codeOf(cause.errors[0]);
  return systemCode(cause) ?? '';
}

const SELF_SIGNED = new Set(['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN']);
const UNKNOWN_AUTHORITY = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_GET_ISSUER_CERT',
  'CERT_UNTRUSTED',
]);
const SPEAKS_HTTP = new Set(['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'ERR_SSL_HTTP_REQUEST']);
/** A second try would give the same. */
const LASTING = new Set(['ENOTFOUND', 'EAI_NONAME', 'ERR_INVALID_URL', 'EACCES', 'EADDRNOTAVAIL']);

/** Reasons of OpenSSL: wrong version number, packet length too long, http request. */
const SPEAKS_HTTP_REASONS = new Set([0x10b, 0xc6, 0x9c]);
/** OpenSSL numbers the alerts of the other side from here. */
const FIRST_ALERT = 1000;

/** TLS alerts (RFC 8446, section 6.2) by which a server speaks of the client's certificate. */
const ALERTS: ReadonlyMap<number, string> = new Map([
  [40, 'handshake failure'],
  [42, 'bad certificate'],
  [43, 'unsupported certificate'],
  [44, 'certificate revoked'],
  [45, 'certificate expired'],
  [46, 'certificate unknown'],
  [48, 'unknown certificate authority'],
  [116, 'certificate required'],
]);

/** The reason in an error of OpenSSL's TLS library, 0 in any other: `error:0A00010B:SSL routines:...`. */
function openSslReason(cause: unknown): number {
  const first: unknown = cause instanceof AggregateError ? cause.errors[0] : cause;
  const packed = /\berror:0A([0-9A-F]{6}):/.exec(messageOf(first))?.[1];
  return packed === undefined ? 0 : Number.parseInt(packed, 16);
}

/** What a closed connection may mean beside a broken network: some servers say no more than that. */
function closedHint(url: URL, tls: TlsOptions | undefined): string {
  const { host } = url;
  if (url.protocol === 'http:') {
    return `; if it speaks TLS, write ${JSON.stringify(`https://${host}`)} into insecure-registries, or give it a certs.d directory`;
  }
  const shown = tls?.client;
  return shown === undefined ? '' : `; it may have refused the client certificate ${JSON.stringify(shown.path)}`;
}

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
