import { describe, expect, test } from 'vitest';
import { hostName, inRange, isLinkLocal, isLoopback } from './host-name.ts';

describe('a host', () => {
  test.each([
    'localhost',
    'LOCALHOST:5000',
    'localhost.',
    'x.localhost',
    '127.0.0.1',
    '127.8.9.1:80',
    '[::1]:5000',
    '::1',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
  ])('is this machine as %s', (host) => expect(isLoopback(host)).toBe(true));

  test.each(['localhost.example.com', 'notlocalhost', '128.0.0.1', '127.0.0.1.example.com', '[::2]', '10.0.0.1', ''])(
    'is not this machine as %j',
    (host) => expect(isLoopback(host)).toBe(false),
  );

  test.each(['169.254.169.254', '[fe80::1]', '0.0.0.0', '[::]:80', '[::ffff:169.254.1.1]'])(
    'is private to a link as %s',
    (host) => expect(isLinkLocal(host)).toBe(true),
  );

  test('has a name apart from its port', () => {
    expect(hostName('Registry.Example.com:5000')).toBe('registry.example.com');
    expect(hostName('[FE80::1]:5000')).toBe('fe80::1');
    expect(hostName('fe80::1')).toBe('fe80::1');
  });

  test('is in a range as an address of its kind only', () => {
    expect(inRange('10.1.2.3:5000', '10.0.0.0/8')).toBe(true);
    expect(inRange('11.1.2.3', '10.0.0.0/8')).toBe(false);
    expect(inRange('ten.example.com', '10.0.0.0/8')).toBe(false);
    expect(inRange('fd00::1', 'fd00::/8')).toBe(true);
    expect(inRange('10.0.0.1', '10.0.0.0/99')).toBe(false);
    expect(inRange('10.0.0.1', 'nonsense')).toBe(false);
  });
});
