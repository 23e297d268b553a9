/** Which registry a name without one is asked at (containers-registries.conf(5), `unqualified-search-registries`). */

import { DOCKER_HUB } from '@kubecrate/oci';
import type { RegistryConfig } from './registry-config.ts';

/** The registry that is configured, where it is only one: several leave it open which image is meant, and then it is Docker Hub's. */
export function searchedRegistry({ unqualifiedSearch = [] }: RegistryConfig): string {
  const [only = DOCKER_HUB, ...others] = unqualifiedSearch;
  return others.length === 0 ? only : DOCKER_HUB;
}

/** The repository of an unqualified path there: Docker Hub has those without a namespace in `library/`. */
export function searchedRepository(registry: string, path: string): string {
  return registry === DOCKER_HUB && !path.includes('/') ? `library/${path}` : path;
}
