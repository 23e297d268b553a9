import { describe, expect, test } from 'vitest';
import { schemeOf } from './insecure-registries.ts';

describe('schemeOf', () => {
  test('is verified https where nothing says otherwise', () => {
    expect(schemeOf('registry.example.com', [], { certificates: 'absent' })).toBe('https');
    expect(schemeOf('registry.example.com', ['other.example.com'], { certificates: 'absent' })).toBe('https');
  });

  test('is http on this machine, unless there are certificates', () => {
    expect(schemeOf('localhost:5000', [], { certificates: 'absent' })).toBe('http');
    expect(schemeOf('localhost:5000', [], { certificates: 'configured' })).toBe('https');
  });

  test('is TLS first, then http, on this machine where no certificate is checked', () => {
    const unnamed = { certificates: 'absent', verification: 'skip' } as const;
    expect(schemeOf('localhost:5000', [], unnamed)).toBe('probe');
    expect(schemeOf('localhost:5000', ['http://localhost:5000'], unnamed)).toBe('http');
    expect(schemeOf('registry.example.com', [], unnamed)).toBe('https');
  });

  test.each([
    ['registry.example.com:5000', 'probe'],
    ['REGISTRY.example.com:5000', 'probe'],
    ['http://registry.example.com:5000', 'http'],
    ['https://registry.example.com:5000/', 'unverified'],
    ['registry.example.com', 'https'],
    ['registry.example.com:5001', 'https'],
  ] as const)('of a registry with a port, with the entry %s, is %s', (entry, scheme) => {
    expect(schemeOf('registry.example.com:5000', [entry], { certificates: 'absent' })).toBe(scheme);
  });

  test('takes ranges of addresses', () => {
    expect(schemeOf('10.1.2.3:5000', ['10.0.0.0/8'], { certificates: 'absent' })).toBe('probe');
    expect(schemeOf('10.1.2.3:5000', ['http://10.0.0.0/8'], { certificates: 'absent' })).toBe('http');
    expect(schemeOf('11.1.2.3:5000', ['10.0.0.0/8'], { certificates: 'absent' })).toBe('https');
  });

  test('takes the first entry that fits', () => {
    expect(schemeOf('a:5000', ['https://a:5000', 'http://a:5000'], { certificates: 'absent' })).toBe('unverified');
  });

  test('may ask for https on this machine', () => {
    expect(schemeOf('localhost:5000', ['localhost:5000'], { certificates: 'absent' })).toBe('probe');
    expect(schemeOf('localhost:5000', ['https://localhost:5000'], { certificates: 'absent' })).toBe('unverified');
  });
});
