/** What this client shows to registries that want to know it (mutual TLS): a certificate and its key. */

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileError, isMissing, KubecrateError, messageOf, systemCode } from '@kubecrate/errors';

/** A certificate with its key, PEM. */
export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
  readonly passphrase?: string;
  /** The path of the certificate, for messages. */
  readonly path: string;
}

export interface CertificateOptions {
  /** PEM text of the authorities of the system, where it keeps some in a file. */
  readonly authorities?: string | undefined;
  readonly keyPassphrase?: string | undefined;
  readonly now: () => number;
}

/**
 * Reads a certificate and its key, and holds them against each other and the clock.
 * @throws KubecrateError TLS
 */
export async function readClientCertificate(
  certFile: string,
  keyFile: string,
  { keyPassphrase, now }: CertificateOptions,
): Promise<ClientCertificate> {
  const [cert, key, beside] = await Promise.all([
    readPem(certFile),
    readPem(keyFile),
    readPassphrase(keyFile.replace(/\.[^.]*$/, '.pass')),
  ]);
  const passphrase = beside ?? keyPassphrase;
  const certificate = parseCertificate(cert, certFile);
  if (!certificate.checkPrivateKey(openKey(key, keyFile, passphrase))) {
    throw new KubecrateError(
      'TLS',
      `client certificate ${JSON.stringify(certFile)} and key ${JSON.stringify(keyFile)} do not belong together`,
      { hint: 'put the key that the certificate was made for beside it, under the same name' },
    );
  }
  checkValidity(certificate, certFile, now());
  return { cert, key, path: certFile, ...(passphrase === undefined ? {} : { passphrase }) };
}

/** The text of a PEM file. @throws KubecrateError NOT_FOUND, DENIED */
export async function readPem(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw fileError(`cannot read ${JSON.stringify(file)}`, error);
  }
}

async function readPassphrase(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fileError(`cannot read passphrase file ${JSON.stringify(file)}`, error);
  }
}

function parseCertificate(pem: string, file: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new KubecrateError(
      'TLS',
      `cannot read client certificate ${JSON.stringify(file)}: it is no PEM certificate`,
      {
        cause,
      },
    );
  }
}

function openKey(pem: string, file: string, passphrase: string | undefined): KeyObject {
  try {
    return createPrivateKey({ key: pem, ...(passphrase === undefined ? {} : { passphrase }) });
  } catch (cause) {
    const encrypted = pem.includes('ENCRYPTED');
    const name = JSON.stringify(file);
    const pass = JSON.stringify(file.replace(/\.[^.]*$/, '.pass'));
    if (encrypted && (passphrase === undefined || systemCode(cause) === 'ERR_MISSING_PASSPHRASE')) {
      throw new KubecrateError('TLS', `client key ${name} is encrypted and there is no passphrase for it`, {
        cause,
        hint: `write the passphrase into ${pass} (mode 0600), or set KUBECRATE_KEY_PASSPHRASE`,
      });
    }
    if (encrypted) {
      throw new KubecrateError('TLS', `cannot decrypt client key ${name}: the passphrase is wrong`, {
        cause,
        hint: `the passphrase is the text of ${pass}, or KUBECRATE_KEY_PASSPHRASE where there is no such file`,
      });
    }
    throw new KubecrateError('TLS', `cannot read client key ${name}: ${messageOf(cause)}`, { cause });
  }
}

function checkValidity(certificate: X509Certificate, file: string, now: number): void {
  const name = JSON.stringify(file);
  if (Date.parse(certificate.validTo) < now) {
    throw new KubecrateError('TLS', `client certificate ${name} expired on ${certificate.validTo}`, {
      hint: 'ask whoever runs the registry for a new one',
    });
  }
  if (Date.parse(certificate.validFrom) > now) {
    throw new KubecrateError('TLS', `client certificate ${name} is not valid before ${certificate.validFrom}`, {
      hint: "check this machine's clock",
    });
  }
}
