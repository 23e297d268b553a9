/** What is beside an image at its source: what says that the image is its subject, and what has a name made from its digest. */

import { KubecrateError, NotFoundError } from '@kubecrate/errors';
import { algorithmOf, type Descriptor, type Digest, hexOf, isDigest, isManifestMediaType } from '@kubecrate/oci';
import type { Tagged } from './copy-graph.ts';
import type { CopyRun } from './copy-run.ts';
import { isHosted, isReferrerLister, isTagLister } from './powers.ts';
import type { ReadOnlyTarget } from './target.ts';

/** What was found beside a manifest. */
export interface Beside {
  readonly listed: readonly Descriptor[];
  readonly named: readonly Tagged[];
}

/** cosign's names beside the image, `sha256-<hex>.sig` (cosign, SIGNATURE_SPEC.md). */
const COSIGN_SUFFIXES = ['.sig', '.att', '.sbom'];

/** Looks for what is beside a manifest, once a run. Begun while the image still moves, it has an answer when the image is there. */
export function lookBeside(run: CopyRun, source: ReadOnlyTarget, subject: Descriptor): Promise<Beside> {
  return run.beside(source, subject.digest, async () => {
    const [listed, named] = await Promise.all([listReferrers(run, source, subject), listNamed(run, source, subject)]);
    return { listed, named };
  });
}

async function listReferrers(
  run: CopyRun,
  source: ReadOnlyTarget,
  subject: Descriptor,
): Promise<readonly Descriptor[]> {
  if (!isReferrerLister(source)) return [];
  const { signal } = run.options;
  const tags = await tagsOf(run, source);
  const found = await lookFor(run, source, async () => {
    const referrers: Descriptor[] = [];
    for await (const referrer of source.referrers(subject, { signal, tags })) referrers.push(referrer);
    return referrers;
  });
  return (found ?? []).filter(({ mediaType }) => isManifestMediaType(mediaType));
}

async function listNamed(run: CopyRun, source: ReadOnlyTarget, subject: Descriptor): Promise<readonly Tagged[]> {
  const { signal } = run.options;
  const tags = await tagsOf(run, source);
  const names = COSIGN_SUFFIXES.map((suffix) => `${fallbackTag(subject)}${suffix}`);
  const found = names.map(async (tag): Promise<readonly Tagged[]> => {
    if (tags?.has(tag) === false) return [];
    const descriptor = await lookFor(run, source, () => source.resolve(tag, { signal, absence: 'expected' }));
    return descriptor === undefined ? [] : [{ tag, descriptor }];
  });
  return (await Promise.all(found)).flat();
}

/**
 * All tags of a registry's repository: one listing in place of four questions for each manifest. Undefined where the registry does not
 * list them, or has so many that asking costs less.
 */
function tagsOf(run: CopyRun, source: ReadOnlyTarget): Promise<ReadonlySet<string> | undefined> {
  if (!isHosted(source) || !isTagLister(source) || run.mute.has(source.host)) return Promise.resolve(undefined);
  const { signal } = run.options;
  const list = async (): Promise<ReadonlySet<string> | undefined> => {
    try {
      const tags = new Set<string>();
      for await (const tag of source.tags({ signal, pages: TAG_PAGES, mirrors: 'never' })) tags.add(tag);
      return tags;
    } catch (error) {
      if (error instanceof KubecrateError && !UNREACHABLE.has(error.code)) return undefined;
      throw error;
    }
  };
  return run.tags(source, () => lookFor(run, source, list));
}

/** Pages of tags that are worth their requests. */
const TAG_PAGES = 3;

/**
 * Asks a source for what may be beside an image; undefined where there is nothing. A source that gave the image and cannot be asked
 * for more (a mirror whose upstream is out of reach) costs one warning, not the image.
 */
async function lookFor<T>(run: CopyRun, source: ReadOnlyTarget, ask: () => Promise<T>): Promise<T | undefined> {
  const host = isHosted(source) ? source.host : undefined;
  if (host !== undefined && run.mute.has(host)) return undefined;
  try {
    return await run.aside([source], ask);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    if (host === undefined || !(error instanceof KubecrateError) || !UNASKABLE.has(error.code)) throw error;
    if (!run.mute.has(host)) {
      run.mute.add(host);
      const message = `signatures and SBOMs of images of ${host} are not looked for: ${error.message}`;
      run.options.onEvent?.({ type: 'warning', message });
    }
    return undefined;
  }
}

const UNREACHABLE: ReadonlySet<string> = new Set(['NETWORK', 'TLS', 'RATE_LIMITED']);
const UNASKABLE: ReadonlySet<string> = new Set([...UNREACHABLE, 'REGISTRY', 'UNAUTHORIZED', 'DENIED']);

/** `sha256-<hex>` */
export function fallbackTag({ digest }: Pick<Descriptor, 'digest'>): string {
  return `${algorithmOf(digest)}-${hexOf(digest)}`.slice(0, 128);
}

/** What a tag like `sha256-<hex>` or `sha256-<hex>.sig` speaks of; undefined for a tag of another form. */
export function subjectOfTag(tag: string): Digest | undefined {
  const suffix = COSIGN_SUFFIXES.find((one) => tag.endsWith(one)) ?? '';
  const digest = tag.slice(0, tag.length - suffix.length).replace('-', ':');
  return isDigest(digest) ? digest : undefined;
}
