/** sprig's functions that make keys and certificates. */

import type { KeyObject } from 'node:crypto';
import { type CertificateRequest, createCertificate, parseCertificate, readSigner } from '../crypto/certificate.ts';
import { readPem } from '../crypto/der.ts';
import {
  generateDsaPem,
  generateEcKey,
  generateEd25519Key,
  generateRsaKey,
  readPrivateKey,
  writePrivateKey,
} from '../crypto/private-key.ts';
import { noFlags } from '../format/flags.ts';
import { formatValue } from '../format/format-value.ts';
import { type CallContext, GoError, type GoFunction, type GoType, type GoValue, Typed } from '../value.ts';
import { listOf, numberOf, ofStrings, textOf } from './arguments.ts';
import type { RandomSource } from './random.ts';

export interface CertificateOptions {
  readonly now: () => Date;
  readonly random: RandomSource;
}

const LIST = '[]interface {}';
const CERTIFICATE: GoType = { name: 'sprig.certificate', kind: 'struct' };
const KEY_BITS = 2048;

/** genCA, genSelfSignedCert, genSignedCert, each also with a key given, genPrivateKey and buildCustomCert. */
export function certificateFunctions({ now, random }: CertificateOptions): ReadonlyMap<string, GoFunction> {
  const request = (names: Names, days: number, role: 'authority' | 'leaf', key: KeyObject): CertificateRequest => {
    const notBefore = new Date(Math.floor(now().getTime() / 1000) * 1000);
    const notAfter = new Date(notBefore.getTime() + days * 86_400_000);
    if (!(notAfter.getTime() <= LAST_TIME))
      throw new GoError('error creating certificate: cannot represent time as GeneralizedTime');
    const serialNumber = BigInt(`0x${Buffer.from(random.bytes(16)).toString('hex')}`);
    return { ...names, notBefore, notAfter, serialNumber, role, key };
  };
  const fresh = (call: CallContext): KeyObject => {
    call.budget.check();
    return generateRsaKey(KEY_BITS, random);
  };
  const authority = (name: string, days: number, key: KeyObject): Typed => {
    const names = { commonName: name, addresses: [], dnsNames: [] };
    return certificate(createCertificate(request(names, days, 'authority', key)), key);
  };
  const selfSigned = ([name, ips, dns, days]: Args, key: KeyObject): Typed =>
    certificate(createCertificate(request(namesOf(name, ips, dns), numberOf(days), 'leaf', key)), key);
  const signed = ([name, ips, dns, days, ca = null]: Args, makeKey: () => KeyObject): Typed => {
    const issuer = signerIn(ca);
    const key = makeKey();
    return certificate(createCertificate(request(namesOf(name, ips, dns), numberOf(days), 'leaf', key), issuer), key);
  };
  return new Map<string, GoFunction>([
    ['genPrivateKey', { params: ['string'], run: ([type], call) => generatePrivateKey(textOf(type), random, call) }],
    [
      'genCA',
      { params: ['string', 'int'], run: ([name, days], call) => authority(textOf(name), numberOf(days), fresh(call)) },
    ],
    [
      'genCAWithKey',
      {
        params: ['string', 'int', 'string'],
        run: ([name, days, key]) => authority(textOf(name), numberOf(days), givenKey(key)),
      },
    ],
    [
      'genSelfSignedCert',
      { params: ['string', LIST, LIST, 'int'], run: (args, call) => selfSigned(args, fresh(call)) },
    ],
    [
      'genSelfSignedCertWithKey',
      { params: ['string', LIST, LIST, 'int', 'string'], run: (args) => selfSigned(args, givenKey(args[4])) },
    ],
    [
      'genSignedCert',
      { params: ['string', LIST, LIST, 'int', CERTIFICATE.name], run: (args, call) => signed(args, () => fresh(call)) },
    ],
    [
      'genSignedCertWithKey',
      {
        params: ['string', LIST, LIST, 'int', CERTIFICATE.name, 'string'],
        run: (args) => signed(args, () => givenKey(args[5])),
      },
    ],
    ['buildCustomCert', ofStrings(2, customCertificate)],
  ]);
}

type Args = readonly GoValue[];
type Names = Pick<CertificateRequest, 'commonName' | 'addresses' | 'dnsNames'>;

/** The last second of the year 9999: certificates cannot tell later times. */
const LAST_TIME = 253_402_300_799_000;

function generatePrivateKey(type: string, random: RandomSource, call: CallContext): string {
  call.budget.check();
  switch (type) {
    case '':
    case 'rsa':
      return writePrivateKey(generateRsaKey(4096, random));
    case 'dsa':
      return generateDsaPem(random);
    case 'ecdsa':
      return writePrivateKey(generateEcKey(random));
    case 'ed25519':
      return writePrivateKey(generateEd25519Key(random));
    default:
      return `Unknown type ${type}`;
  }
}

function certificate(cert: string, key: KeyObject): Typed {
  return certificateOf(cert, writePrivateKey(key));
}

function certificateOf(cert: string, key: string): Typed {
  return new Typed(
    CERTIFICATE,
    new Map([
      ['Cert', cert],
      ['Key', key],
    ]),
  );
}

function signerIn(ca: GoValue): ReturnType<typeof readSigner> {
  const fields = ca instanceof Typed && ca.value instanceof Map ? ca.value : new Map<string, GoValue>();
  if (readPem(textOf(fields.get('Cert'))) === undefined) throw new GoError('unable to decode certificate');
  return readSigner(textOf(fields.get('Cert')), prefixed('error parsing private key', fields.get('Key')));
}

function givenKey(pem: GoValue | undefined): KeyObject {
  return prefixed('parsing private key', pem);
}

function prefixed(what: string, pem: GoValue | undefined): KeyObject {
  try {
    return readPrivateKey(textOf(pem));
  } catch (error) {
    if (error instanceof GoError) throw new GoError(`${what}: ${error.message}`, { cause: error });
    throw error;
  }
}

function namesOf(name: GoValue | undefined, ips: GoValue | undefined, dns: GoValue | undefined): Names {
  const addresses = (listOf(ips) ?? []).map((ip) => {
    if (typeof ip === 'string') return ip;
    throw new GoError(`error parsing ip: ${formatValue(ip, 'v', noFlags())} is not a string`);
  });
  const dnsNames = (listOf(dns) ?? []).map((host) => {
    if (typeof host === 'string') return host;
    throw new GoError(`error processing alternate dns name: ${formatValue(host, 'v', noFlags())} is not a string`);
  });
  return { commonName: textOf(name), addresses, dnsNames };
}

function customCertificate(encodedCert: string, encodedKey: string): Typed {
  const cert = decoded(encodedCert, 'certificate');
  const key = decoded(encodedKey, 'private key');
  const block = readPem(cert);
  if (block === undefined) throw new GoError('unable to decode certificate');
  parseCertificate(block.der, 'decodedCert.Bytes');
  prefixed('error parsing private key', key);
  return certificateOf(cert, key);
}

function decoded(base64: string, what: string): string {
  const digits = base64.replace(/[\r\n]/g, '');
  if (digits.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(digits))
    throw new GoError(`unable to decode base64 ${what}`);
  return Buffer.from(base64, 'base64').toString('utf8');
}
