/** Version constraints by the rules of Masterminds/semver: `>=1.20-0`, `^1.2`, `~1.2.3`, `1.27.x`, `1.2 - 1.4`, `a || b`. */

import { GoError } from '../value.ts';
import { comparePrereleases, compareVersions, parseVersion, type Version } from './version.ts';

/** One of several groups must hold; a group holds where all of its conditions do. */
export type Constraints = readonly (readonly Condition[])[];

/** Reads constraints. Throws a `GoError` with the library's text. */
export function parseConstraints(text: string): Constraints {
  return rewriteRanges(text)
    .split('||')
    .map((group) => {
      if (!GROUP.test(group)) throw new GoError(`improper constraint: ${group}`);
      return Array.from(group.matchAll(EACH), ([condition]) => parseCondition(condition));
    });
}

/** True where the version satisfies the constraints. A pre-release does only where the condition names one itself. */
export function satisfies(version: Version, constraints: Constraints): boolean {
  return constraints.some((group) => group.every((condition) => holds(version, condition)));
}

interface Condition {
  readonly operator: string;
  readonly version: Version;
  /** Which part is the first that is missing or a wildcard. */
  readonly open: 'major' | 'minor' | 'patch' | undefined;
}

const NUMBER = '[0-9|xX*]+';
const LABEL = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*';
const VERSION = `v?(${NUMBER})(\\.${NUMBER})?(\\.${NUMBER})?(-${LABEL})?(\\+${LABEL})?`;
const PLAIN_VERSION = VERSION.replaceAll('(?:', '(').replaceAll('(', '(?:');
const OPERATOR = '=|!=|>=|=>|<=|=<|>|<|~>|~|\\^|';
const GROUP = new RegExp(
  `^(?:\\s*(?:${OPERATOR})\\s*${PLAIN_VERSION}\\s*)(?:(?:\\s+|,\\s*)(?:${OPERATOR})\\s*${PLAIN_VERSION}\\s*)*$`,
);
const EACH = new RegExp(`(?:${OPERATOR})\\s*${PLAIN_VERSION}`, 'g');
const ONE = new RegExp(`^\\s*(${OPERATOR})\\s*${VERSION}\\s*$`);
const RANGE = new RegExp(`\\s*(${PLAIN_VERSION})\\s+-\\s+(${PLAIN_VERSION})\\s*`, 'g');

/** `1.2 - 1.4` is `>= 1.2, <= 1.4`. */
function rewriteRanges(text: string): string {
  return text.replace(RANGE, (_, low: string, high: string) => `>= ${low}, <= ${high} `);
}

function parseCondition(text: string): Condition {
  const parts = ONE.exec(text);
  if (parts === null) throw new GoError(`improper constraint: ${text}`);
  const [, operator = '', major = '', minor, patch, prerelease = ''] = parts;
  if (isWildcard(major)) return { operator, version: build('0.0.0', prerelease), open: 'major' };
  if (minor === undefined || isWildcard(minor.slice(1))) {
    return { operator, version: build(`${major}.0.0`, prerelease), open: 'minor' };
  }
  if (patch === undefined || isWildcard(patch.slice(1))) {
    return { operator, version: build(`${major}${minor}.0`, prerelease), open: 'patch' };
  }
  return { operator, version: build(`${major}${minor}${patch}`, prerelease), open: undefined };
}

function build(numbers: string, prerelease: string): Version {
  try {
    return parseVersion(numbers + prerelease);
  } catch (error) {
    if (error instanceof GoError) throw new GoError('constraint Parser Error', { cause: error });
    throw error;
  }
}

function isWildcard(part: string): boolean {
  return part === 'x' || part === 'X' || part === '*';
}

function holds(version: Version, condition: Condition): boolean {
  if (condition.operator !== '!=' && version.prerelease !== '' && condition.version.prerelease === '') return false;
  const compared = compareVersions(version, condition.version);
  switch (condition.operator) {
    case '!=':
      return differs(version, condition);
    case '>':
      return isGreater(version, condition);
    case '<':
      return compared < 0;
    case '>=':
    case '=>':
      return compared >= 0;
    case '<=':
    case '=<':
      return isAtMost(version, condition);
    case '~':
    case '~>':
      return isNear(version, condition);
    case '^':
      return isCompatible(version, condition);
    default:
      return condition.open === undefined ? compared === 0 : isNear(version, condition);
  }
}

function differs(version: Version, { version: wanted, open }: Condition): boolean {
  if (open === undefined) return compareVersions(version, wanted) !== 0;
  if (version.prerelease !== '' && wanted.prerelease === '') return false;
  if (wanted.major !== version.major) return true;
  if (wanted.minor !== version.minor && open !== 'minor') return true;
  if (open === 'minor') return false;
  if (wanted.patch !== version.patch && open !== 'patch') return true;
  if (open !== 'patch') return compareVersions(version, wanted) !== 0;
  return comparePrereleases(version.prerelease, wanted.prerelease) !== 0;
}

/** `>11` begins at 12, `>11.1` at 11.2. */
function isGreater(version: Version, { version: wanted, open }: Condition): boolean {
  if (open === undefined || open === 'major') return compareVersions(version, wanted) > 0;
  if (version.major !== wanted.major) return version.major > wanted.major;
  return open === 'patch' && version.minor > wanted.minor;
}

/** `<=11` includes all of 11. */
function isAtMost(version: Version, { version: wanted, open }: Condition): boolean {
  if (open === undefined) return compareVersions(version, wanted) <= 0;
  if (version.major !== wanted.major) return version.major < wanted.major;
  return version.minor <= wanted.minor || open === 'minor';
}

/** `~1.2.3` is 1.2 from 1.2.3 on; `~1` is 1. */
function isNear(version: Version, { version: wanted, open }: Condition): boolean {
  if (compareVersions(version, wanted) < 0) return false;
  const zero = wanted.major === 0n && wanted.minor === 0n && wanted.patch === 0n;
  if (zero && open !== 'minor' && open !== 'patch') return true;
  if (version.major !== wanted.major) return false;
  return version.minor === wanted.minor || open === 'minor';
}

/** `^1.2.3` is 1 from 1.2.3 on; below 1 the first number that is not zero stays. */
function isCompatible(version: Version, { version: wanted, open }: Condition): boolean {
  if (compareVersions(version, wanted) < 0) return false;
  if (wanted.major > 0n || open === 'minor') return version.major === wanted.major;
  if (version.major > 0n) return open === 'major';
  if (wanted.minor > 0n || open === 'patch') return version.minor === wanted.minor;
  if (version.minor > 0n) return open === 'major';
  return open !== undefined || version.patch === wanted.patch;
}
