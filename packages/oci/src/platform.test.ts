import { describe, expect, it } from 'vitest';
import { formatPlatform, matchesPlatform, parsePlatform, platformOf } from './platform.ts';

describe('parsePlatform', () => {
  it.each([
    ['amd64', 'linux/amd64'],
    ['linux/amd64', 'linux/amd64'],
    ['linux/x86_64', 'linux/amd64'],
    ['aarch64', 'linux/arm64'],
    ['linux/arm64/v8', 'linux/arm64'],
    ['linux/arm/7', 'linux/arm/v7'],
    ['armhf', 'linux/arm/v7'],
    ['Windows/AMD64', 'windows/amd64'],
  ])('reads %s as %s', (text, formatted) => {
    expect(formatPlatform(parsePlatform(text))).toBe(formatted);
  });

  it.each(['', 'linux', 'linux/', 'a/b/c/d', 'linux/amd 64', '../x'])('refuses %j', (text) => {
    expect(() => parsePlatform(text)).toThrow(/cannot parse platform/);
  });

  it.each([
    ['linux/amd46', 'did you mean "amd64"?'],
    ['arm46', 'did you mean "arm64"?'],
    ['linux/x86_46', 'did you mean "x86_64"?'],
    ['linux/pentium', expect.stringMatching(/^one of 386, amd64, .*s390x/)],
  ])('refuses the unknown architecture of %s and names a known one', (text, hint) => {
    expect(() => parsePlatform(text)).toThrow(
      expect.objectContaining({ code: 'INVALID_PLATFORM', message: expect.stringContaining('is not known'), hint }),
    );
  });

  it.each([
    ['linx/amd64', 'did you mean "linux"?'],
    ['foo/amd64', expect.stringMatching(/^one of linux, windows, .*wasip1$/)],
  ])('refuses the unknown system of %s and names a known one', (text, hint) => {
    expect(() => parsePlatform(text)).toThrow(
      expect.objectContaining({
        code: 'INVALID_PLATFORM',
        message: expect.stringMatching(/the operating system ".*" is not known/),
        hint,
      }),
    );
  });

  it('takes an unknown architecture from an image', () => {
    expect(formatPlatform(platformOf('linux', 'sw64'))).toBe('linux/sw64');
  });
});

describe('matchesPlatform', () => {
  it.each([
    ['linux/amd64', 'linux/amd64', true],
    ['linux/arm64/v8', 'linux/arm64', true],
    ['linux/arm/v6', 'linux/arm', true],
    ['linux/arm/v6', 'linux/arm/v7', false],
    ['linux/arm', 'linux/arm/v7', true],
    ['windows/amd64', 'linux/amd64', false],
  ])('%s for %s: %s', (have, wanted, matches) => {
    expect(matchesPlatform(parsePlatform(have), parsePlatform(wanted))).toBe(matches);
  });
});
