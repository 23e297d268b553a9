/** Failures of TLS in words: whom this machine does not trust, and who does not trust this machine. */

import { type ErrorDetails, KubecrateError, messageOf } from '@kubecrate/errors';
import type { TlsOptions } from '../config/certificates.ts';
import type { ClientCertificate } from '../config/client-certificate.ts';
import type { Destination } from './failure.ts';

/** The error for a failure of TLS with this code, or undefined where it is none. Trying again would change nothing. */
export function tlsFailure(cause: unknown, code: string, { url, tls }: Destination): KubecrateError | undefined {
  const { host } = url;
  const certificate = CERTIFICATE[code];
  if (certificate !== undefined) {
    const [reason, hint] = certificate;
    const names = code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? ` (${altNames(cause)})` : '';
    const details = { cause, hint: hint ?? authorityHint(host, tls) };
    return new KubecrateError('TLS', `cannot trust ${host}: its certificate ${reason}${names}`, details);
  }
  const reason = openSslReason(cause);
  if (SPEAKS_HTTP.has(code) || SPEAKS_HTTP_REASONS.has(reason)) {
    const message = `cannot speak TLS with ${host}: it does not answer as a TLS server, it may speak plain http`;
    const hint = `if it is meant to be plain http, add ${JSON.stringify(host)} to insecure-registries`;
    return new KubecrateError('TLS', message, { cause, hint });
  }
  const alert = ALERTS.get(reason - FIRST_ALERT);
  if (alert !== undefined) return clientCertificateFailure(alert, cause, { url, tls });
  if (!code.startsWith('ERR_SSL') && code !== 'EPROTO') return undefined;
  return new KubecrateError('TLS', `cannot speak TLS with ${host}: ${messageOf(cause)}`, { cause });
}

/** What a connection that was closed without a word may mean beside a broken network; '' where nothing comes to mind. */
export function closedHint({ url, tls }: Destination): string {
  const { host } = url;
  if (url.protocol === 'http:') {
    return `; if it speaks TLS, write ${JSON.stringify(`https://${host}`)} into insecure-registries, or give it a certs.d directory`;
  }
  const shown = tls?.client;
  return tls === undefined || shown === undefined ? '' : `; it may have refused ${namedClients(shown, tls)}`;
}

/** A host takes none of the client certificates there are for it. */
export class ClientRefusedError extends KubecrateError {
  constructor(message: string, details: ErrorDetails) {
    super('TLS', message, details);
    this.name = 'ClientRefusedError';
  }
}

/** `the client certificate "a.cert"`, `the client certificates "a.cert", "b.cert"` */
function namedClients(client: ClientCertificate, { otherClients = [] }: TlsOptions): string {
  const paths = [client, ...otherClients].map(({ path }) => JSON.stringify(path)).sort();
  return `the client certificate${paths.length === 1 ? '' : 's'} ${paths.join(', ')}`;
}

function clientCertificateFailure(said: string, cause: unknown, { url, tls }: Destination): KubecrateError {
  const shown = tls?.client;
  const words = `(it said: ${said})`;
  if (tls === undefined || shown === undefined) {
    const message = `${url.host} asks for a client certificate, and there is none for it ${words}`;
    return new KubecrateError('TLS', message, { cause, hint: `put NAME.cert and NAME.key into ${placesOf(tls)}` });
  }
  const hint = 'ask whoever runs the registry for a certificate that its authority signed';
  return new ClientRefusedError(`${url.host} refused ${namedClients(shown, tls)} ${words}`, { cause, hint });
}

function authorityHint(host: string, tls: TlsOptions | undefined): string {
  return `put its certificate authority as ca.crt into ${placesOf(tls)}, or, on a network you trust, add ${JSON.stringify(host)} to insecure-registries`;
}

function placesOf(tls: TlsOptions | undefined): string {
  const places = tls?.lookedIn ?? [];
  return places.length === 0 ? 'a certs.d directory' : places.join(' or ');
}

function altNames(cause: unknown): string {
  const names = (cause as { cert?: { subjectaltname?: unknown } }).cert?.subjectaltname;
  return typeof names === 'string' ? names.slice(0, 200) : 'it names none';
}

/** The reason in an error of OpenSSL's TLS library, 0 in any other: `error:0A00010B:SSL routines:...`. */
function openSslReason(cause: unknown): number {
  const first: unknown = cause instanceof AggregateError ? cause.errors[0] : cause;
  const packed = /\berror:0A([0-9A-F]{6}):/.exec(messageOf(first))?.[1];
  return packed === undefined ? 0 : Number.parseInt(packed, 16);
}

const CLOCK = "check this machine's clock";

/** What Node finds wrong with a certificate, and what to do; without a hint: trust its authority. */
const CERTIFICATE: Readonly<Record<string, readonly [reason: string, hint?: string]>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: ['is self-signed'],
  SELF_SIGNED_CERT_IN_CHAIN: ['is signed by an authority this machine does not know'],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['is signed by an authority this machine does not know'],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['is signed by an authority this machine does not know'],
  UNABLE_TO_GET_ISSUER_CERT: ['is signed by an authority this machine does not know'],
  CERT_UNTRUSTED: ['is signed by an authority this machine does not know'],
  CERT_HAS_EXPIRED: ['has expired', `renew the registry's certificate, or ${CLOCK}`],
  CERT_NOT_YET_VALID: ['is not valid yet', CLOCK],
  CERT_REVOKED: ['was revoked', 'ask whoever runs the registry'],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'is for another name',
    'use the name in the certificate, or have one made for this name',
  ],
};

const SPEAKS_HTTP = new Set(['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'ERR_SSL_HTTP_REQUEST']);
/** The same as OpenSSL numbers them: wrong version number, packet length too long, http request. */
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
