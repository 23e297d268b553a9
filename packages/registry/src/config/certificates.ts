/**
 * Certificates of one registry, out of directories laid out as Docker's certs.d:
 * every `*.crt` is an authority to trust beside the system's, `X.cert` with `X.key` is what this client shows (mutual TLS; of several,
 * in alphabetical order, the first that the host takes),
 * `X.pass` holds the passphrase of an encrypted key.
 */

import { X509Certificate } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { rootCertificates } from 'node:tls';
import { fileError, isMissing, KubecrateError } from '@kubecrate/errors';
import {
  type CertificateOptions,
  type ClientCertificate,
  readClientCertificate,
  readPem,
} from './client-certificate.ts';

/** How TLS is spoken to one host. */
export interface TlsOptions {
  readonly verification: 'strict' | 'skip';
  /** PEM texts of the authorities to trust; absent where Node's own apply. */
  readonly ca?: readonly string[];
  readonly client?: ClientCertificate;
  /** What may be shown in its place, where the host refuses it. */
  readonly otherClients?: readonly ClientCertificate[];
  /** The directory that certificates of this host are in; where there is none, those that it may be. For messages. */
  readonly lookedIn: readonly string[];
}

/** The first directory of `directories` that exists for one of the `hosts` (`host:port`, then `host`), or undefined. */
export async function findCertificateDirectory(
  directories: readonly string[],
  hosts: readonly string[],
): Promise<{ readonly path: string; readonly files: readonly string[] } | undefined> {
  for (const candidate of candidateDirectories(directories, hosts)) {
    try {
      return { path: candidate, files: (await readdir(candidate)).sort() };
    } catch (error) {
      if (!isMissing(error)) throw fileError(`cannot read certificate directory ${JSON.stringify(candidate)}`, error);
    }
  }
  return undefined;
}

/** Where certificates of a host may be, in the order they are looked for; containerd writes `host_port_`. */
export function candidateDirectories(directories: readonly string[], hosts: readonly string[]): readonly string[] {
  const names = hosts.flatMap((host) => {
    const port = /^(.*):(\d+)$/.exec(host);
    return port === null ? [host] : [host, `${port[1]}_${port[2]}_`, port[1] ?? host];
  });
  return directories.flatMap((directory) => [...new Set(names)].map((name) => path.join(directory, name)));
}

/**
 * Reads what a certificate directory holds.
 * @throws KubecrateError TLS: a file that is no certificate, half a pair, a pair that does not belong together,
 * an encrypted key without its passphrase or with a wrong one, an expired client certificate
 */
export async function readCertificateDirectory(
  directory: { readonly path: string; readonly files: readonly string[] },
  options: CertificateOptions,
): Promise<Pick<TlsOptions, 'ca' | 'client' | 'otherClients'>> {
  const named = (suffix: string): readonly string[] => directory.files.filter((file) => file.endsWith(suffix));
  const ca = await Promise.all(named('.crt').map((file) => readAuthority(path.join(directory.path, file))));
  for (const key of named('.key')) requireOther(directory, key, '.key', '.cert');
  const pairs = named('.cert').map((cert): readonly [string, string] => {
    return [path.join(directory.path, cert), path.join(directory.path, requireOther(directory, cert, '.cert', '.key'))];
  });
  return {
    ...(ca.length === 0 ? {} : { ca: withSystemAuthorities(ca, options.authorities) }),
    ...(await readClientCertificates(pairs, options)),
  };
}

/** `own` authorities beside the system's. */
export function withSystemAuthorities(own: readonly string[], authorities: string | undefined): readonly string[] {
  return [...(authorities === undefined ? rootCertificates : [authorities]), ...own];
}

/** Reads a file of trusted authorities. @throws KubecrateError TLS */
export async function readAuthority(file: string): Promise<string> {
  const text = await readPem(file);
  try {
    new X509Certificate(text);
  } catch (cause) {
    throw new KubecrateError(
      'TLS',
      `cannot use ${JSON.stringify(file)} as a certificate authority: it is no PEM certificate`,
      {
        cause,
        hint: 'a *.crt file of a certs.d directory holds certificates that begin with -----BEGIN CERTIFICATE-----',
      },
    );
  }
  return text;
}

/** The pairs that can be used, in their order. @throws the first failure where none can */
export async function readClientCertificates(
  pairs: readonly (readonly [cert: string, key: string])[],
  options: CertificateOptions,
): Promise<Pick<TlsOptions, 'client' | 'otherClients'>> {
  const usable: ClientCertificate[] = [];
  const failures: unknown[] = [];
  for (const [cert, key] of pairs) {
    try {
      usable.push(await readClientCertificate(cert, key, options));
    } catch (error) {
      failures.push(error);
    }
  }
  const [client, ...otherClients] = usable;
  if (client !== undefined) return { client, ...(otherClients.length === 0 ? {} : { otherClients }) };
  if (failures.length > 0) throw failures[0];
  return {};
}

function requireOther(
  directory: { readonly path: string; readonly files: readonly string[] },
  file: string,
  has: '.cert' | '.key',
  needs: '.cert' | '.key',
): string {
  const other = `${file.slice(0, -has.length)}${needs}`;
  if (directory.files.includes(other)) return other;
  const what = has === '.cert' ? 'client certificate' : 'client key';
  throw new KubecrateError(
    'TLS',
    `${what} ${JSON.stringify(path.join(directory.path, file))} has no ${other} beside it`,
    {
      hint:
        has === '.cert'
          ? 'a certificate authority is named *.crt; a client certificate *.cert needs its *.key'
          : 'a client key *.key needs its certificate *.cert',
    },
  );
}
