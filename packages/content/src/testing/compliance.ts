/** The laws of the seams (`target.ts`) as tests: one line for each new store. */

import { describe, type TestContext, test } from 'vitest';
import type { Mounter } from '../powers.ts';
import type { Target } from '../target.ts';
import { deleterLaws } from './deleter-laws.ts';
import { failedPushLaws } from './failed-push-laws.ts';
import { listerLaws } from './lister-laws.ts';
import { localLaws } from './local-laws.ts';
import { pushLaws } from './push-laws.ts';
import { readLaws } from './read-laws.ts';
import { tagLaws } from './tag-laws.ts';

/** A fresh, empty target, for one test. */
export interface Subject extends AsyncDisposable {
  readonly target: Target;
  /** Paths of temporary files, upload sessions and the like that are there now; none may stay after a failure. */
  readonly leftovers?: () => Promise<readonly string[]>;
  /** Another repository of the same space, for cross-repository mount. */
  readonly sibling?: Target & Mounter;
}

/** Defines a test that gets a subject of its own. */
export type Law = (title: string, check: (subject: Subject, context: TestContext) => Promise<void>) => void;

/**
 * Checks a target against every law of the seams, and each optional power that it has against its contract;
 * the tests of a power that it does not have are reported as skipped.
 */
export function targetComplianceSuite(title: string, open: () => Promise<Subject>): void {
  const law: Law = (sentence, check) =>
    test(sentence, async (context) => {
      await using subject = await open();
      await check(subject, context);
    });
  describe(title, () => {
    describe('push', () => pushLaws(law));
    describe('a push that fails', () => failedPushLaws(law));
    describe('fetch and exists', () => readLaws(law));
    describe('tag and resolve', () => tagLaws(law));
    describe('listing', () => listerLaws(law));
    describe('deleting', () => deleterLaws(law));
    describe('files and mounts', () => localLaws(law));
  });
}
