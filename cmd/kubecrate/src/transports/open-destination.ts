/** Opening what `copy` writes to. */

import type { ReadOnlyTarget, Target } from '@kubecrate/content';
import { KubecrateError } from '@kubecrate/errors';
import { type Descriptor, formatReference, parseReference, type Reference, withDefaultTag } from '@kubecrate/oci';
import { openKubekeyDirectory, openOciLayout, openRegistryDirectory, writeArchive } from '@kubecrate/stores';
import type { Location } from './location.ts';
import type { Places } from './places.ts';
import { repositoryName } from './repository-name.ts';

/** What takes one image. */
export type OpenDestination = AsyncDisposable &
  (
    | {
        readonly kind: 'target';
        readonly target: Target;
        readonly tag: string;
        /** `sparse`: an index may be there without the children that nobody wanted, and keeps its digest. */
        readonly indexes: 'whole' | 'sparse';
        readonly referrers: 'copy' | 'skip';
      }
    | { readonly kind: 'writer'; write(source: ReadOnlyTarget, image: Descriptor): Promise<void> }
  );

/** `name` is what the source calls the image: its name here too, where the location gives none. @throws KubecrateError USAGE */
export async function openDestination(
  location: Location,
  name: Reference | undefined,
  places: Places,
): Promise<OpenDestination> {
  const { signal, onEvent, platform } = places;
  if (location.transport === 'docker' || location.transport === 'docker-daemon') {
    const reference = tagged(location.reference, location.text);
    if (location.transport === 'docker') {
      const target = (await places.registries()).destination(reference.domain, reference.repository);
      return { ...WHOLE, target, tag: reference.tag, referrers: 'copy' };
    }
    const engine = await places.engine();
    const names = [formatReference(reference)];
    return writer((source, descriptor) => engine.load(source, [{ descriptor, names }], { signal }));
  }
  if (location.transport === 'store') {
    const store = await places.store();
    const reference = tagged(chosen(location, name), location.text);
    const lease = await store.lease({ signal });
    const dispose = async (): Promise<void> => await lease[Symbol.asyncDispose]();
    const tag = formatReference(reference);
    return { kind: 'target', target: store, tag, indexes: 'sparse', referrers: 'copy', [Symbol.asyncDispose]: dispose };
  }
  const { path, transport } = location;
  if (transport === 'oci-archive' || transport === 'docker-archive') {
    const names = archiveNames(location.name, name);
    return writer((source, descriptor) =>
      writeArchive(source, [{ descriptor, names }], path, { format: transport, platform, signal, onEvent }),
    );
  }
  if (transport === 'oci') {
    const target = await openOciLayout(path, { access: 'write', signal });
    const own = name === undefined ? undefined : formatReference(tagOnly(name));
    return { ...WHOLE, target, tag: location.name ?? own ?? 'latest', referrers: 'copy' };
  }
  if (transport === 'kubekey') {
    const { domain, repository, tag } = tagged(chosen(location, name), location.text);
    const directory = await openKubekeyDirectory(path, { access: 'write' });
    const target = directory.repository(`${domain}/${repository}`);
    // KubeKey would take signatures beside the images for images.
    return { ...WHOLE, target, tag, referrers: 'skip', [Symbol.asyncDispose]: () => directory.tidy() };
  }
  const kept = name === undefined ? undefined : `${name.repository}:${name.tag ?? 'latest'}`;
  const { repository, reference } = repositoryName(location.name ?? kept, location.text);
  if (reference.includes(':')) throw withDigest(location.text);
  const target = (await openRegistryDirectory(path, { access: 'write' })).repository(repository);
  return { ...WHOLE, target, tag: reference, indexes: 'sparse', referrers: 'copy' };
}

const NOTHING = { [Symbol.asyncDispose]: async (): Promise<void> => undefined };
const WHOLE = { kind: 'target', indexes: 'whole', ...NOTHING } as const;

function writer(write: (source: ReadOnlyTarget, image: Descriptor) => Promise<void>): OpenDestination {
  return { kind: 'writer', write, ...NOTHING };
}

function chosen(
  { name, text }: { readonly name: string | undefined; readonly text: string },
  kept: Reference | undefined,
) {
  if (name !== undefined) return parseReference(name);
  if (kept !== undefined) return tagOnly(kept);
  throw new KubecrateError('USAGE', `${JSON.stringify(text)} gives the image no name, and the source knows none`, {
    hint: 'append :NAME, for example :registry.example.com/app:1',
  });
}

/** A name that the image keeps: a digest in it said which one is meant, its tag is what it is called. */
function tagOnly({ domain, repository, tag }: Reference): Reference {
  return { domain, repository, ...(tag === undefined ? {} : { tag }) };
}

function tagged(reference: Reference, text: string): Reference & { readonly tag: string } {
  const { tag, digest, ...rest } = withDefaultTag(reference);
  if (tag === undefined || digest !== undefined) throw withDigest(text);
  return { ...rest, tag };
}

function withDigest(text: string): KubecrateError {
  return new KubecrateError('INVALID_REFERENCE', `cannot copy to ${JSON.stringify(text)}: it has a digest`, {
    hint: 'name it with a tag: the digest comes of the content',
  });
}

function archiveNames(name: string | undefined, kept: Reference | undefined): readonly string[] {
  if (name !== undefined) return [name];
  return kept?.tag === undefined ? [] : [formatReference(tagOnly(kept))];
}
