/** Which platforms are synchronised. */

import { type Narrowing, narrowedView, platformsOf, type ReadOnlyTarget, selectPlatforms } from '@kubecrate/content';
import { KubecrateError, messageOf } from '@kubecrate/errors';
import {
  type Descriptor,
  type Digest,
  matchesPlatform,
  type Platform,
  parseOperatingSystem,
  parsePlatform,
  platformOf,
} from '@kubecrate/oci';

/** An image passes that has one of `platforms`, or, where there are none, one of `os` and one of `architectures`. */
export interface PlatformFilter {
  readonly platforms: readonly Platform[];
  /** Each with its version where one is wanted: `linux`, `windows:10.0.17763.1817`. */
  readonly os: readonly string[];
  readonly architectures: readonly string[];
}

/**
 * Reads the values of `--platform`, `--os` and `--arch`; each may be given many times and hold several, separated by commas. `all` among
 * the platforms is every platform.
 * `arm:v7` and `arm/v7` are architectures with a variant, `windows:10.0.17763.1817` is a system of one version. Undefined where nothing is filtered.
 * @throws KubecrateError INVALID_PLATFORM, USAGE for an `--os` or `--arch` that is not known, and where `--platform` stands beside `--os` or `--arch`
 */
export function parseFilter(given: {
  readonly platform?: readonly string[];
  readonly os?: readonly string[];
  readonly arch?: readonly string[];
}): PlatformFilter | undefined {
  const names = split(given.platform);
  const platforms = names.filter((name) => name !== 'all').map(parsePlatform);
  const os = split(given.os).map((text) => {
    const [name = '', ...version] = text.split(':');
    return [told('--os', text, () => parseOperatingSystem(name)), ...version].join(':');
  });
  const architectures = split(given.arch).map((name) => {
    const { architecture, variant } = told('--arch', name, () => parsePlatform(`linux/${name.replace(':', '/')}`));
    return variant === undefined ? architecture : `${architecture}/${variant}`;
  });
  if (names.length > 0 && os.length + architectures.length > 0) {
    throw new KubecrateError('USAGE', '--platform cannot stand beside --os or --arch', {
      hint: 'write all of it as platforms: --platform linux/amd64,linux/arm64',
    });
  }
  if (names.includes('all')) return undefined;
  return platforms.length + os.length + architectures.length === 0 ? undefined : { platforms, os, architectures };
}

/** A source as a filter shows it. */
export interface FilteredSource {
  readonly target: ReadOnlyTarget;
  /** True where the image is an index that the filter made: some of its platforms were left out, so its digest is new. */
  isNew(descriptor: Descriptor): boolean;
}

/** The source with what passes the filter; where that is all of an index, the index as it is. */
export function filtered(source: ReadOnlyTarget, filter: PlatformFilter | undefined): FilteredSource {
  if (filter === undefined) return { target: source, isNew: () => false };
  const accepts = (platform: Platform): boolean => passes(platform, filter);
  const made = new Set<Digest>();
  const select: Narrowing['select'] = (index) => {
    const wanted = platformsOf(index).filter(accepts);
    const { manifests } = selectPlatforms(index, wanted);
    // Platforms are selected without their versions; what has none of its own (an attestation) goes with its image.
    return manifests.filter(({ platform }) => platform?.['os.version'] === undefined || accepts(platform));
  };
  const onNarrowed = ({ digest }: Descriptor): void => void made.add(digest);
  return {
    target: narrowedView(source, { accepts, select, onlyChild: 'index', onNarrowed }),
    isNew: ({ digest }) => made.has(digest),
  };
}

function passes(platform: Platform, { platforms, os, architectures }: PlatformFilter): boolean {
  if (platforms.length > 0) return platforms.some((wanted) => matchesPlatform(platform, wanted));
  const { architecture, variant } = platformOf(platform.os, platform.architecture, platform.variant);
  const systems = [platform.os, `${platform.os}:${platform['os.version']}`];
  const isOs = os.length === 0 || os.some((name) => systems.includes(name));
  const names = [architecture, `${architecture}/${variant}`];
  return isOs && (architectures.length === 0 || architectures.some((name) => names.includes(name)));
}

function told<T>(option: string, value: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    const hint = cause instanceof KubecrateError ? cause.hint : undefined;
    throw new KubecrateError('USAGE', `cannot use ${option} ${JSON.stringify(value)}: ${messageOf(cause)}`, {
      cause,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

function split(values: readonly string[] = []): readonly string[] {
  return values
    .flatMap((value) => value.split(','))
    .map((value) => value.trim())
    .filter((value) => value !== '');
}
