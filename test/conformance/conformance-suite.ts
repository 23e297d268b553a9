/** The requirements of the OCI distribution specification 1.1 as tests, by its four categories. */

import { afterAll, beforeAll, describe, test } from 'vitest';
import { discoveryRequirements } from './discovery.ts';
import { managementRequirements } from './management.ts';
import { pullRequirements } from './pull.ts';
import { pushRequirements } from './push.ts';
import { type Omission, type OpenRegistry, type RegistryUnderTest, RepositoryClient } from './registry-under-test.ts';

/** Defines one requirement; `optional` names what a registry may leave out. */
export type Requirement = (
  sentence: string,
  check: (repository: RepositoryClient) => Promise<void>,
  optional?: Omission,
) => void;

export interface ConformanceOptions {
  /** What this registry does not do; those tests are reported as skipped. */
  readonly without?: readonly Omission[];
}

export function conformanceSuite(title: string, open: OpenRegistry, { without = [] }: ConformanceOptions = {}): void {
  const category = (name: string, requirements: (requirement: Requirement) => void): void => {
    describe(name, () => {
      let registry: RegistryUnderTest;
      let count = 0;
      beforeAll(async () => {
        registry = await open();
      });
      afterAll(() => registry[Symbol.asyncDispose]());
      requirements((sentence, check, optional) => {
        const left = optional !== undefined && without.includes(optional);
        test.skipIf(left)(left ? `${sentence} (not by this registry: ${optional})` : sentence, async () => {
          count += 1;
          await check(new RepositoryClient(registry.url, `conformance/${name}-${count}`));
        });
      });
    });
  };
  describe(title, () => {
    category('pull', pullRequirements);
    category('push', pushRequirements);
    category('discovery', discoveryRequirements);
    category('management', managementRequirements);
  });
}
