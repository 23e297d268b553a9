/** Certificates made in a test: an authority, servers and clients of it, expired ones, encrypted keys. */

import { createPrivateKey, webcrypto } from 'node:crypto';

/** A certificate and its key, as PEM. */
export interface CertificatePair {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateOptions {
  /** Host names and addresses that a server answers for. Default: localhost and 127.0.0.1. */
  readonly hosts?: readonly string[];
  /** Default `valid`. */
  readonly validity?: 'valid' | 'expired';
  /** Encrypts the key (PKCS #8, AES-256). */
  readonly passphrase?: string;
}

/** An authority that is trusted by whoever trusts {@link CertificateAuthority.cert}. */
export interface CertificateAuthority {
  readonly cert: string;
  /** A certificate for a server or a client. */
  issue(name: string, options?: CertificateOptions): Promise<CertificatePair>;
}

/** Makes an authority with an EC key; nothing of it is deterministic, nor has to be. */
export async function certificateAuthority(name = 'kubecrate test authority'): Promise<CertificateAuthority> {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(webcrypto);
  const generate = async (): Promise<webcrypto.CryptoKeyPair> =>
    (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const keys = await generate();
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: `CN=${name}`,
    keys,
    ...validityOf('valid'),
    signingAlgorithm: ALGORITHM,
    extensions: [new x509.BasicConstraintsExtension(true, 1, true)],
  });
  let serial = 1;
  return {
    cert: authority.toString('pem'),
    async issue(subject, { hosts = ['localhost', '127.0.0.1'], validity = 'valid', passphrase } = {}) {
      serial += 1;
      const own = await generate();
      const names = hosts.map((value) => ({ type: isAddress(value) ? ('ip' as const) : ('dns' as const), value }));
      const certificate = await x509.X509CertificateGenerator.create({
        serialNumber: serial.toString(16).padStart(4, '0'),
        subject: `CN=${subject}`,
        issuer: authority.subject,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        ...validityOf(validity),
        signingAlgorithm: ALGORITHM,
        extensions: [new x509.SubjectAlternativeNameExtension(names)],
      });
      return { cert: certificate.toString('pem'), key: await pemOf(own.privateKey, passphrase) };
    },
  };
}

async function pemOf(key: webcrypto.CryptoKey, passphrase: string | undefined): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  const encryption = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    .export({ format: 'pem', type: 'pkcs8', ...encryption })
    .toString();
}

function validityOf(validity: 'valid' | 'expired'): { readonly notBefore: Date; readonly notAfter: Date } {
  const day = 24 * 60 * 60 * 1000;
  const end = Date.now() + (validity === 'valid' ? day : -day);
  return { notBefore: new Date(end - 2 * day), notAfter: new Date(end) };
}

function isAddress(host: string): boolean {
  return /^[0-9.]+$|:/.test(host);
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
