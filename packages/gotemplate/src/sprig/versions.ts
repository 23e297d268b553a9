/** sprig's semver and semverCompare. */

import { parseConstraints, satisfies } from '../semver/constraint.ts';
import { compareVersions, formatVersion, parseVersion, type Version } from '../semver/version.ts';
import { GoError, type GoFunction, type GoMethod, type GoType, type GoValue, Typed, UINT64 } from '../value.ts';
import { ofStrings, textOf } from './arguments.ts';

export const VERSION_FUNCTIONS: ReadonlyMap<string, GoFunction> = new Map<string, GoFunction>([
  ['semver', ofStrings(1, (text) => new Typed(POINTER, new Map(), parseVersion(text)))],
  ['semverCompare', ofStrings(2, (constraint, version) => compare(constraint, version))],
]);

/** A bad constraint is reported before a bad version. */
function compare(constraint: string, version: string): boolean {
  const constraints = parseConstraints(constraint);
  return satisfies(parseVersion(version), constraints);
}

const text = (self: Typed): string => formatVersion(own(self));

const METHODS: ReadonlyMap<string, GoMethod> = new Map<string, GoMethod>([
  ['Major', { params: [], run: (self) => new Typed(UINT64, own(self).major) }],
  ['Minor', { params: [], run: (self) => new Typed(UINT64, own(self).minor) }],
  ['Patch', { params: [], run: (self) => new Typed(UINT64, own(self).patch) }],
  ['Prerelease', { params: [], run: (self) => own(self).prerelease }],
  ['Metadata', { params: [], run: (self) => own(self).metadata }],
  ['Original', { params: [], run: (self) => own(self).original }],
  ['String', { params: [], run: text }],
  ['Compare', comparing((order) => BigInt(order))],
  ['Equal', comparing((order) => order === 0)],
  ['LessThan', comparing((order) => order < 0)],
  ['LessThanEqual', comparing((order) => order <= 0)],
  ['GreaterThan', comparing((order) => order > 0)],
  ['GreaterThanEqual', comparing((order) => order >= 0)],
  ['IncMajor', changing(({ major }) => ({ major: major + 1n, minor: 0n, patch: 0n, prerelease: '', metadata: '' }))],
  ['IncMinor', changing(({ minor }) => ({ minor: minor + 1n, patch: 0n, prerelease: '', metadata: '' }))],
  ['IncPatch', changing(incrementPatch)],
  [
    'SetPrerelease',
    {
      params: ['string'],
      run: (self, [label]) => changed(own(self), { prerelease: label === undefined ? '' : checked(label) }),
    },
  ],
  [
    'SetMetadata',
    {
      params: ['string'],
      run: (self, [label]) => changed(own(self), { metadata: label === undefined ? '' : checked(label) }),
    },
  ],
]);

/** Those of the pointer only. */
const POINTER_METHODS = [
  'Original',
  'Compare',
  'Equal',
  'LessThan',
  'LessThanEqual',
  'GreaterThan',
  'GreaterThanEqual',
];
const VALUE_METHODS: ReadonlyMap<string, GoMethod> = new Map(
  [...METHODS].filter(([name]) => !POINTER_METHODS.includes(name)),
);

/** `semver` gives a pointer; the methods that change give the version itself. */
const POINTER: GoType = { name: '*semver.Version', kind: 'ptr', text, encoded: text, methods: METHODS };
const VERSION: GoType = { name: 'semver.Version', kind: 'struct', text, encoded: text, methods: VALUE_METHODS };

function own(self: GoValue | undefined): Version {
  const detail = self instanceof Typed ? self.detail : undefined;
  if (typeof detail !== 'object' || detail === null || !('original' in detail)) throw new GoError('not a version');
  return detail as Version;
}

function comparing(result: (order: -1 | 0 | 1) => GoValue): GoMethod {
  return { params: ['*semver.Version'], run: (self, [other]) => result(compareVersions(own(self), own(other))) };
}

function changing(change: (version: Version) => Partial<Version>): GoMethod {
  return { params: [], run: (self) => changed(own(self), change(own(self))) };
}

function changed(version: Version, change: Partial<Version>): Typed {
  const next = { ...version, ...change };
  const prefix = version.original.startsWith('v') ? 'v' : '';
  return new Typed(VERSION, new Map(), { ...next, original: prefix + formatVersion(next) });
}

/** The release of a pre-release is its next patch. */
function incrementPatch({ patch, prerelease }: Version): Partial<Version> {
  return { patch: prerelease === '' ? patch + 1n : patch, prerelease: '', metadata: '' };
}

function checked(label: GoValue): string {
  const shown = textOf(label);
  if (shown !== '' && !/^[0-9A-Za-z.-]+$/.test(shown)) throw new GoError('Invalid Prerelease string');
  return shown;
}
