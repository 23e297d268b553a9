/** Where a build gets its images from: registries as they are configured, and those of lists that bring their own credentials. */

import type { OnEvent, ReadOnlyTarget } from '@kubecrate/content';
import type { AuthenticatedImages, ImageList } from '@kubecrate/discovery';
import { givenCredentials } from '@kubecrate/registry';
import type { Registries } from '@kubecrate/saver';
import type { Context } from './context.ts';
import { openRegistries, type RegistryOptions } from './options.ts';

export interface BuildRegistries extends Registries, AsyncDisposable {
  /** The images of the lists with credentials. */
  readonly lists: readonly ImageList[];
}

/** Opens one client for all, and one for each section of a list, which is asked for the images of the section alone. */
export async function openBuildRegistries(
  options: RegistryOptions,
  sections: readonly AuthenticatedImages[],
  context: Context,
  onEvent: OnEvent,
): Promise<BuildRegistries> {
  const common = await openRegistries(options, context, onEvent);
  const clients = [common];
  const sectionOf = new Map<string, typeof common>();
  for (const { registry, username, password, images } of sections) {
    const credentials = givenCredentials({ [registry]: { kind: 'password', username, password } });
    const client = await openRegistries(options, context, onEvent, [credentials]);
    clients.push(client);
    for (const { reference } of images.entries) {
      if (reference.domain === registry) sectionOf.set(`${registry}/${reference.repository}`, client);
    }
  }
  return {
    lists: sections.map(({ images }) => images),
    repository: (domain, repository): ReadOnlyTarget =>
      (sectionOf.get(`${domain}/${repository}`) ?? common).repository(domain, repository),
    async [Symbol.asyncDispose](): Promise<void> {
      for (const client of clients) await client[Symbol.asyncDispose]();
    },
  };
}
