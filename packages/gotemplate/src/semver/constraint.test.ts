import { describe, expect, it } from 'vitest';
import { failure, render } from '../testing/render.ts';
import { parseConstraints, satisfies } from './constraint.ts';
import { compareVersions, formatVersion, parseVersion } from './version.ts';

function check(constraint: string, version: string): boolean {
  return satisfies(parseVersion(version), parseConstraints(constraint));
}

describe('constraints', () => {
  it.each([
    ['=2.0.0', '2.0.0', '2.0.1'],
    ['2', '2.9.9', '3.0.0'],
    ['2.1', '2.1.9', '2.2.0'],
    ['2.1.x', '2.1.9', '2.2.0'],
    ['*', '1.2.3', '1.2.3-beta'],
    ['x', '0.0.1', '1.0.0-0'],
    ['!=1.2.3', '1.2.4', '1.2.3'],
    ['!=1.x', '2.0.0', '1.9.0'],
    ['!=1.2.x', '1.3.0', '1.2.9'],
    ['>1.2.3', '1.2.4', '1.2.3'],
    ['>11', '12.0.0', '11.9.9'],
    ['>11.1', '11.2.0', '11.1.9'],
    ['>=11', '11.0.0', '10.9.9'],
    ['>=1.20-0', '1.24.3-gke.100', '1.19.9'],
    ['>=1.20', '1.24.3', '1.24.3-gke.100'],
    ['=>1.2', '1.2.0', '1.1.9'],
    ['<1.2.3', '1.2.2', '1.2.3'],
    ['<11', '10.9.9', '11.0.0'],
    ['<=11', '11.9.9', '12.0.0'],
    ['<=11.1', '11.1.9', '11.2.0'],
    ['=<1.2.3', '1.2.3', '1.2.4'],
    ['~1.2.3', '1.2.9', '1.3.0'],
    ['~1.2', '1.2.0', '1.3.0'],
    ['~1', '1.9.9', '2.0.0'],
    ['~>1.2.3', '1.2.3', '1.2.2'],
    ['^1.2.3', '1.9.0', '2.0.0'],
    ['^1.2', '1.2.0', '1.1.9'],
    ['^0.2.3', '0.2.9', '0.3.0'],
    ['^0.0.3', '0.0.3', '0.0.4'],
    ['^0.0', '0.0.9', '0.1.0'],
    ['^0', '0.9.0', '1.0.0'],
    ['^1.2.3-beta', '1.3.0-alpha', '1.2.3-alpha'],
    ['>= 1.2, < 2.0', '1.5.0', '2.0.0'],
    ['>=1.2 <2.0 !=1.5.0', '1.4.0', '1.5.0'],
    ['<1.0 || >=2', '2.1.0', '1.5.0'],
    ['1.2 - 1.4', '1.4.9', '1.5.0'],
    ['1.2.3 - 2.3.4', '2.3.4', '2.3.5'],
    ['v1.2.3', '1.2.3', 'v1.2.4'],
    [' >= 1.0.0 ', '1.0.0', '0.9.0'],
    ['1.2.3+build', '1.2.3+other', '1.2.4'],
  ])('%s holds for %s and not for %s', (constraint, inside, outside) => {
    expect(check(constraint, inside)).toBe(true);
    expect(check(constraint, outside)).toBe(false);
  });

  it.each(['', '>', 'a', '1.2.3.4', '>>1', '1.2 || x y', '1,', '>=1.0 abc'])('%j is refused', (constraint) => {
    expect(() => parseConstraints(constraint)).toThrow(/improper constraint: /);
  });
});

describe('versions', () => {
  const ordered = [
    '0.9.9',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
    '1.0.1',
    '1.2',
    '2',
  ];

  it('are ordered by the rules of semver.org', () => {
    for (const [index, left] of ordered.entries()) {
      for (const [other, right] of ordered.entries()) {
        expect(compareVersions(parseVersion(left), parseVersion(right)), `${left} ${right}`).toBe(
          Math.sign(index - other) + 0,
        );
      }
    }
    expect(compareVersions(parseVersion('1.0.0+a'), parseVersion('v1+b'))).toBe(0);
  });

  it.each([
    ['v1.2', '1.2.0'],
    ['1', '1.0.0'],
    ['1.2.3-beta.1+b.2', '1.2.3-beta.1+b.2'],
    ['1.2-rc', '1.2.0-rc'],
  ])('%s is written %s', (text, expected) => {
    expect(formatVersion(parseVersion(text))).toBe(expected);
  });

  it.each(['', 'a', '1.2.3.4', '1..2', '1.2.3-', '1.2.3-a..b', 'V1', ' 1'])('%j is refused', (text) => {
    expect(() => parseVersion(text)).toThrow('Invalid Semantic Version');
  });

  it.each([
    [
      '{{(semver "1.2.3-beta.1+b").Prerelease}} {{(semver "v1.2.3").Major}} {{semver "1.2"}} {{(semver "1.2.3+m").Metadata}} {{(semver "v1.2").Original}}',
      'beta.1 1 1.2.0 m v1.2',
    ],
    [
      '{{(semver "1.2.3").Compare (semver "1.3.0")}} {{(semver "1.2.3").LessThan (semver "1.3.0")}} {{(semver "1.2.3").Equal (semver "1.2.3+x")}}',
      '-1 true true',
    ],
    [
      '{{(semver "v1.2.3-a").IncPatch}} {{(semver "v1.2.3").IncMinor}} {{(semver "v1.2.3").IncMajor}} {{(semver "v1.2.3").Original}} {{(semver "1.2.3").SetPrerelease "rc.1"}}',
      '1.2.3 1.3.0 2.0.0 v1.2.3 1.2.3-rc.1',
    ],
    [
      '{{eq (semver "1.2.3").Major 1}} {{gt (semver "1.27.3").Minor 20}} {{printf "%d" (semver "1.2.3").Patch}} {{semverCompare "^1.2.0" "1.2.3"}}',
      'true true 3 true',
    ],
  ])('in templates: %s', (text, expected) => {
    expect(render(text)).toBe(expected);
  });

  it.each([
    ['{{semverCompare ">=1.0" "abc"}}', 'error calling semverCompare: Invalid Semantic Version'],
    ['{{semverCompare "abc" "1.0"}}', 'error calling semverCompare: improper constraint: abc'],
    ['{{semver "1.2.3-01"}}', 'error calling semver: Version segment starts with 0'],
    ['{{(semver "1.2.3").Compare "1.0"}}', 'arg of type *semver.Version'],
  ])('%s fails', (text, expected) => {
    expect(failure(text)).toContain(expected);
  });
});
