import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { failure, render, TEST_NOW } from '../testing/render.ts';
import { seededRandom } from './random.ts';
import { sprigFunctions } from './sprig-functions.ts';

interface Made {
  readonly cert: X509Certificate;
  readonly key: string;
  readonly text: string;
}

/** The pairs of certificate and key that the template prints, separated by `====`. */
function made(text: string, seed = 'certificates'): Made[] {
  const functions = sprigFunctions({ now: () => new Date(TEST_NOW), random: seededRandom(seed) });
  return render(text, null, { functions })
    .split('====\n')
    .filter((part) => part.includes('BEGIN CERTIFICATE'))
    .map((part) => {
      const [cert = '', key = ''] = part.split(/(?<=-----END CERTIFICATE-----\n)/);
      return { cert: new X509Certificate(cert), key, text: part };
    });
}

const PRINT = (name: string): string => `{{$${name}.Cert}}{{$${name}.Key}}====\n`;

describe('certificates', () => {
  it('are signed by the authority, for servers and clients', { timeout: 60_000 }, () => {
    const [ca, leaf] = made(
      `{{$ca := genCA "my ca" 365}}{{$c := genSignedCert "é.example" (list "10.0.0.1" "::ffff:1" "fe80::1:2") (list "a.b" "*.c.d") 30 $ca}}${PRINT('ca')}${PRINT('c')}`,
    );
    expect(ca?.cert.ca).toBe(true);
    expect(ca?.cert.subject).toBe('CN=my ca');
    expect(ca?.cert.checkIssued(ca.cert)).toBe(true);
    expect(ca?.cert.verify(createPublicKey(ca.key))).toBe(true);
    expect(ca?.cert.checkPrivateKey(createPrivateKey(ca.key))).toBe(true);
    expect(ca?.key).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/);
    expect(ca?.cert.validFrom).toBe('Mar 15 10:20:30 2024 GMT');
    expect(ca?.cert.validTo).toBe('Mar 15 10:20:30 2025 GMT');
    expect(leaf?.cert.subject).toBe('CN=é.example');
    expect(leaf?.cert.issuer).toBe('CN=my ca');
    expect(leaf?.cert.ca).toBe(false);
    expect(leaf?.cert.subjectAltName).toBe(
      'DNS:a.b, DNS:*.c.d, IP Address:10.0.0.1, IP Address:0:0:0:0:0:0:FFFF:1, IP Address:FE80:0:0:0:0:0:1:2',
    );
    expect(leaf?.cert.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
    expect(ca !== undefined && leaf?.cert.checkIssued(ca.cert)).toBe(true);
    expect(ca !== undefined && leaf?.cert.verify(ca.cert.publicKey)).toBe(true);
    expect(leaf?.cert.checkPrivateKey(createPrivateKey(leaf.key))).toBe(true);
    expect(leaf?.cert.checkHost('x.c.d')).toBe('*.c.d');
    expect(leaf?.cert.checkIP('10.0.0.1')).toBe('10.0.0.1');
  });

  it('are the same from the same seed', { timeout: 60_000 }, () => {
    const text = `{{$c := genSelfSignedCert "x" nil nil 10}}${PRINT('c')}`;
    const [first] = made(text);
    expect(made(text)[0]?.text).toBe(first?.text);
    expect(made(text, 'other')[0]?.text).not.toBe(first?.text);
    expect(first?.cert.verify(first.cert.publicKey)).toBe(true);
    expect(first?.cert.subjectAltName).toBeUndefined();
  });

  it.each(['ecdsa', 'ed25519'])('take an %s key that is given', (type) => {
    const [ca, self, leaf] = made(
      `{{$k := genPrivateKey "${type}"}}{{$l := genPrivateKey "ecdsa"}}{{$ca := genCAWithKey "ca" 5000 $k}}` +
        `{{$s := genSelfSignedCertWithKey "self" (list) (list "s") 1 $k}}{{$c := genSignedCertWithKey "leaf" nil nil 20000 $ca $l}}` +
        PRINT('ca') +
        PRINT('s') +
        PRINT('c'),
    );
    expect(ca?.cert.ca).toBe(true);
    expect(ca?.cert.verify(ca.cert.publicKey)).toBe(true);
    expect(self?.cert.checkPrivateKey(createPrivateKey(ca?.key ?? ''))).toBe(true);
    expect(ca !== undefined && leaf?.cert.verify(ca.cert.publicKey)).toBe(true);
    expect(leaf?.cert.validTo).toBe('Dec 17 10:20:30 2078 GMT');
    expect(leaf?.key).toMatch(/^-----BEGIN EC PRIVATE KEY-----\n/);
  });

  it('are built from what is given in base64', () => {
    const text =
      '{{$c := genCAWithKey "x" 1 (genPrivateKey "ed25519")}}{{$b := buildCustomCert (b64enc $c.Cert) (b64enc $c.Key)}}' +
      '{{eq $b.Cert $c.Cert}} {{eq $b.Key $c.Key}} {{typeOf $b}} {{$b.Key | contains "BEGIN PRIVATE KEY"}}';
    expect(render(text)).toBe('true true sprig.certificate true');
  });

  it.each([
    ['{{genSelfSignedCertWithKey "x" (list 1) nil 1 (genPrivateKey "ecdsa")}}', 'error parsing ip: 1 is not a string'],
    ['{{genSelfSignedCertWithKey "x" (list "1.2.3") nil 1 (genPrivateKey "ecdsa")}}', 'error parsing ip: 1.2.3'],
    [
      '{{genSelfSignedCertWithKey "x" nil (list 1.5) 1 (genPrivateKey "ecdsa")}}',
      'error processing alternate dns name: 1.5 is not a string',
    ],
    ['{{genCAWithKey "x" 1 "nope"}}', 'error calling genCAWithKey: parsing private key: no PEM data in input'],
    [
      '{{genCAWithKey "x" 1 "-----BEGIN X-----\\nAAAA\\n-----END X-----"}}',
      'no private key data in PEM block of type X',
    ],
    [
      '{{genCAWithKey "x" 1 "-----BEGIN EC PRIVATE KEY-----\\nAAAA\\n-----END EC PRIVATE KEY-----"}}',
      'parsing EC private key from PEM',
    ],
    [
      '{{genSignedCert "x" nil nil 1 (dict)}}',
      'wrong type for value; expected sprig.certificate; got map[string]interface {}',
    ],
    ['{{genCAWithKey "x" 9999999 (genPrivateKey "ed25519")}}', 'cannot represent time as GeneralizedTime'],
    ['{{buildCustomCert "!" "x"}}', 'unable to decode base64 certificate'],
    ['{{buildCustomCert "x" "y"}}', 'unable to decode base64 certificate'],
    ['{{buildCustomCert "aGk=" "!"}}', 'unable to decode base64 private key'],
    ['{{buildCustomCert "aGk=" "aGk="}}', 'unable to decode certificate'],
  ])('%s fails', (text, expected) => {
    expect(failure(text)).toContain(expected);
  });
});

describe('private keys', () => {
  it.each([
    ['rsa', /^-----BEGIN RSA PRIVATE KEY-----\n/],
    ['ecdsa', /^-----BEGIN EC PRIVATE KEY-----\n/],
    ['ed25519', /^-----BEGIN PRIVATE KEY-----\n/],
  ])('of type %s are valid', { timeout: 120_000 }, (type, expected) => {
    const pem = render(`{{genPrivateKey "${type}"}}`);
    expect(pem).toMatch(expected);
    const key = createPrivateKey(pem);
    if (type === 'rsa') expect(key.asymmetricKeyDetails?.modulusLength).toBe(4096);
  });

  it('of type dsa fit their parameters', { timeout: 120_000 }, () => {
    const key = createPrivateKey(render('{{genPrivateKey "dsa"}}'));
    expect(key.asymmetricKeyType).toBe('dsa');
    expect(key.asymmetricKeyDetails).toMatchObject({ modulusLength: 2048, divisorLength: 256 });
  });

  it('of other types are not made', () => {
    expect(render('{{genPrivateKey "x"}}')).toBe('Unknown type x');
  });
});
