/** X.509 certificates as sprig makes them: version 3, for servers and clients, signed by themselves or by an authority. */

import { createHash, createPublicKey, type KeyObject, sign, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { GoError } from '../value.ts';
import {
  bitString,
  boolean,
  element,
  integer,
  objectIdentifier,
  octetString,
  pem,
  readElements,
  readPem,
  SEQUENCE,
  sequence,
  text,
  time,
} from './der.ts';

export interface CertificateRequest {
  readonly commonName: string;
  readonly addresses: readonly string[];
  readonly dnsNames: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly serialNumber: bigint;
  readonly role: 'authority' | 'leaf';
  readonly key: KeyObject;
}

/** Who signs: the name and key identifier of the authority, and its key. */
export interface Signer {
  readonly name: Buffer;
  readonly keyIdentifier: Buffer | undefined;
  readonly key: KeyObject;
}

/** The certificate in PEM; signed by its own key without a signer. */
export function createCertificate(request: CertificateRequest, signer?: Signer): string {
  const subject = sequence(
    ...(request.commonName === ''
      ? []
      : [element(0x31, sequence(objectIdentifier('2.5.4.3'), text(request.commonName)))]),
  );
  const issuer = signer ?? { name: subject, keyIdentifier: undefined, key: request.key };
  const algorithm = signatureAlgorithm(issuer.key);
  const publicKey = createPublicKey(request.key).export({ format: 'der', type: 'spki' });
  const body = sequence(
    element(0xa0, integer(2n)),
    integer(request.serialNumber),
    algorithm,
    issuer.name,
    sequence(time(request.notBefore), time(request.notAfter)),
    subject,
    publicKey,
    element(0xa3, sequence(...extensions(request, subject, issuer, publicKey))),
  );
  return pem('CERTIFICATE', sequence(body, algorithm, bitString(signed(body, issuer.key))));
}

/** The authority in a certificate and its key. Throws a `GoError` with sprig's text. */
export function readSigner(certificate: string, key: KeyObject): Signer {
  const block = readPem(certificate);
  if (block === undefined) throw new GoError('unable to decode certificate');
  const parsed = parseCertificate(block.der);
  if (!parsed.checkPrivateKey(key)) {
    throw new GoError("error creating certificate: x509: provided PrivateKey doesn't match parent's PublicKey");
  }
  const [body] = readElements(readElements(block.der)?.[0]?.content ?? Buffer.alloc(0)) ?? [];
  const fields = readElements(body?.content ?? Buffer.alloc(0)) ?? [];
  const versioned = fields[0]?.tag === 0xa0 ? 1 : 0;
  const name = fields[versioned + 4];
  if (name?.tag !== SEQUENCE)
    throw new GoError('error parsing certificate: decodedSignerCert.Bytes: x509: malformed certificate');
  return { name: name.whole, keyIdentifier: keyIdentifierIn(fields.at(-1)?.content), key };
}

/** Refuses what is not a certificate, with sprig's text. */
export function parseCertificate(der: Buffer, what = 'decodedSignerCert.Bytes'): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch (error) {
    throw new GoError(`error parsing certificate: ${what}: x509: malformed certificate`, { cause: error });
  }
}

function extensions(request: CertificateRequest, subject: Buffer, issuer: Signer, publicKey: Buffer): Buffer[] {
  const authority = request.role === 'authority';
  // Digital signature and key encipherment, and for an authority the signing of certificates.
  const usage = authority ? bitString(Buffer.of(0xa4), 2) : bitString(Buffer.of(0xa0), 5);
  const list = [
    extension('2.5.29.15', 'critical', usage),
    extension('2.5.29.37', 'optional', sequence(...PURPOSES.map(objectIdentifier))),
    extension('2.5.29.19', 'critical', authority ? sequence(boolean(true)) : sequence()),
  ];
  if (authority) list.push(extension(SUBJECT_KEY, 'optional', octetString(keyIdentifierOf(publicKey))));
  if (issuer.keyIdentifier !== undefined && !issuer.name.equals(subject)) {
    list.push(extension('2.5.29.35', 'optional', sequence(element(0x80, issuer.keyIdentifier))));
  }
  const names = [
    ...request.dnsNames.map((name) => element(0x82, Buffer.from(name, 'utf8'))),
    ...request.addresses.map((address) => element(0x87, addressBytes(address))),
  ];
  if (names.length > 0) {
    list.push(extension('2.5.29.17', request.commonName === '' ? 'critical' : 'optional', sequence(...names)));
  }
  return list;
}

const SUBJECT_KEY = '2.5.29.14';
/** Server and client authentication. */
const PURPOSES: readonly string[] = ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'];

function extension(id: string, importance: 'critical' | 'optional', value: Buffer): Buffer {
  const critical = importance === 'critical' ? [boolean(true)] : [];
  return sequence(objectIdentifier(id), ...critical, octetString(value));
}

/** The SHA-1 of the key's bits: what names a key, not what protects it. */
function keyIdentifierOf(publicKey: Buffer): Buffer {
  const [info] = readElements(publicKey) ?? [];
  const bits = readElements(info?.content ?? Buffer.alloc(0))?.[1]?.content.subarray(1) ?? Buffer.alloc(0);
  return createHash('sha1').update(bits).digest();
}

function keyIdentifierIn(content: Buffer | undefined): Buffer | undefined {
  const [list] = readElements(content ?? Buffer.alloc(0)) ?? [];
  const id = objectIdentifier(SUBJECT_KEY);
  for (const { content: fields } of readElements(list?.content ?? Buffer.alloc(0)) ?? []) {
    if (!fields.subarray(0, id.length).equals(id)) continue;
    const value = readElements(fields)?.at(-1)?.content;
    return value === undefined ? undefined : readElements(value)?.[0]?.content;
  }
  return undefined;
}

function signatureAlgorithm(key: KeyObject): Buffer {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return sequence(objectIdentifier('1.2.840.113549.1.1.11'), Buffer.of(0x05, 0x00));
    case 'ec':
      return sequence(objectIdentifier('1.2.840.10045.4.3.2'));
    case 'ed25519':
      return sequence(objectIdentifier('1.3.101.112'));
    default:
      throw new GoError('error creating certificate: x509: only RSA, ECDSA and Ed25519 keys supported');
  }
}

function signed(body: Buffer, key: KeyObject): Buffer {
  return sign(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', body, key);
}

/** The 4 or 16 bytes of an address. Throws a `GoError` with sprig's text. */
function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  if (isIP(address) !== 6 || address.includes('%')) throw new GoError(`error parsing ip: ${address}`);
  const groups = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a: string, b: string, c: string, d: string) => {
    const pair = (high: string, low: string): string => (Number(high) * 256 + Number(low)).toString(16);
    return `${pair(a, b)}:${pair(c, d)}`;
  });
  const [head = '', tail] = groups.split('::');
  const [before, after] = [head, tail ?? ''].map((part) => (part === '' ? [] : part.split(':')));
  const gap = tail === undefined ? 0 : 8 - (before?.length ?? 0) - (after?.length ?? 0);
  const all = [...(before ?? []), ...new Array<string>(gap).fill('0'), ...(after ?? [])];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}
