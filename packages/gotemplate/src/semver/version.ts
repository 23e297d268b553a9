/** Semantic versions by the rules of Masterminds/semver: a leading v and missing parts are accepted. */

import { GoError } from '../value.ts';

export interface Version {
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  readonly prerelease: string;
  readonly metadata: string;
  readonly original: string;
}

/** The version in a text. Throws a `GoError` with the library's text. */
export function parseVersion(text: string): Version {
  const parts = VERSION.exec(text);
  if (parts === null) throw new GoError('Invalid Semantic Version');
  const [, major = '', minor = '0', patch = '0', prerelease = '', metadata = ''] = parts;
  for (const part of prerelease.split('.')) {
    if (/^0[0-9]+$/.test(part)) throw new GoError('Version segment starts with 0');
  }
  return { major: segment(major), minor: segment(minor), patch: segment(patch), prerelease, metadata, original: text };
}

/** The version without a leading v, with all three parts. */
export function formatVersion({ major, minor, patch, prerelease, metadata }: Version): string {
  const before = prerelease === '' ? '' : `-${prerelease}`;
  return `${major}.${minor}.${patch}${before}${metadata === '' ? '' : `+${metadata}`}`;
}

/** -1, 0 or 1; a pre-release is before its release, metadata does not count. */
export function compareVersions(a: Version, b: Version): -1 | 0 | 1 {
  const numbers = order(a.major, b.major) || order(a.minor, b.minor) || order(a.patch, b.patch);
  if (numbers !== 0) return numbers;
  if (a.prerelease === b.prerelease) return 0;
  if (a.prerelease === '') return 1;
  return b.prerelease === '' ? -1 : comparePrereleases(a.prerelease, b.prerelease);
}

/** The parts of pre-releases by turns: numbers as numbers and before words, a missing part before any. */
export function comparePrereleases(a: string, b: string): -1 | 0 | 1 {
  const [left, right] = [a.split('.'), b.split('.')];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const result = comparePart(left[index] ?? '', right[index] ?? '');
    if (result !== 0) return result;
  }
  return 0;
}

const VERSION =
  /^v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/;

function segment(digits: string): bigint {
  const value = BigInt(digits);
  if (BigInt.asUintN(64, value) === value) return value;
  throw new GoError(`Error parsing version segment: strconv.ParseUint: parsing "${digits}": value out of range`);
}

function comparePart(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  if (a === '') return -1;
  if (b === '') return 1;
  const [left, right] = [numeric(a), numeric(b)];
  if (left !== undefined && right !== undefined) return order(left, right);
  if (left === undefined && right === undefined) return order(a, b);
  return left === undefined ? 1 : -1;
}

function numeric(part: string): bigint | undefined {
  return /^[0-9]+$/.test(part) ? BigInt(part) : undefined;
}

function order<T extends bigint | string>(a: T, b: T): -1 | 0 | 1 {
  return a < b ? -1 : a > b ? 1 : 0;
}
