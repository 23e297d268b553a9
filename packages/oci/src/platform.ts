/** A platform, `os/architecture[/variant]` (OCI image-spec image-index.md, "platform"; names are Go's GOOS and GOARCH). */

import { didYouMean, KubecrateError } from '@kubecrate/errors';

/** An operating system and a processor; `arm64` never carries the variant `v8`, which says nothing. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly 'os.version'?: string;
}

/**
 * Reads `linux/amd64`, `linux/arm/v7`, or an architecture alone (`amd64`, for linux). Common other names (`x86_64`, `aarch64`) are understood.
 * What a person writes is held against the systems and the processors that Go knows; what an image says of itself is not, see {@link platformOf}.
 * @throws KubecrateError INVALID_PLATFORM
 */
export function parsePlatform(text: string): Platform {
  const parts = text.trim().split('/');
  if (parts.length > 3 || parts.some((part) => !/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(part))) {
    throw new KubecrateError('INVALID_PLATFORM', `cannot parse platform ${JSON.stringify(text)}`, {
      hint: 'write it as os/architecture or os/architecture/variant, for example linux/amd64 or linux/arm/v7',
    });
  }
  const [first = '', second, third] = parts.map((part) => part.toLowerCase());
  if (second === undefined && GO_SYSTEMS.has(first)) {
    throw new KubecrateError(
      'INVALID_PLATFORM',
      `cannot parse platform ${JSON.stringify(text)}: it has no architecture`,
      {
        hint: `for example ${first}/amd64`,
      },
    );
  }
  const platform =
    second === undefined ? platformOf('linux', first) : platformOf(parseOperatingSystem(first), second, third);
  if (!GO_ARCHITECTURES.has(platform.architecture)) throw unknownArchitecture(text, second ?? first);
  return platform;
}

/** The name of an operating system as Go has it, in lower case. @throws KubecrateError INVALID_PLATFORM where Go knows none of that name */
export function parseOperatingSystem(text: string): string {
  const name = text.toLowerCase();
  if (GO_SYSTEMS.has(name)) return name;
  const known = [...GO_SYSTEMS];
  throw new KubecrateError('INVALID_PLATFORM', `the operating system ${JSON.stringify(text)} is not known`, {
    hint: didYouMean(text, known) ?? `one of ${known.join(', ')}`,
  });
}

/** A platform in its one spelling: `x86_64` is `amd64`, `aarch64` and `arm64/v8` are `arm64`, `armhf` is `arm/v7`. */
export function platformOf(os: string, architecture: string, variant?: string): Platform {
  const [name, implied] = ARCHITECTURES[architecture] ?? [architecture];
  const spelled = variant === undefined || variant === '' ? implied : variant.replace(/^(\d)/, 'v$1');
  if (spelled === undefined || (name === 'arm64' && spelled === 'v8')) return { os, architecture: name };
  return { os, architecture: name, variant: spelled };
}

/** `linux/arm/v7` */
export function formatPlatform(platform: Platform): string {
  const { os, architecture, variant } = platform;
  return variant === undefined ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;
}

/**
 * True where an image built for `have` runs where `wanted` is asked for: operating system and architecture are equal,
 * and so is the variant where both name one (`arm` alone accepts any variant).
 */
export function matchesPlatform(have: Platform, wanted: Platform): boolean {
  const candidate = platformOf(have.os, have.architecture, have.variant);
  if (candidate.os !== wanted.os || candidate.architecture !== wanted.architecture) return false;
  return wanted.variant === undefined || candidate.variant === undefined || candidate.variant === wanted.variant;
}

function unknownArchitecture(text: string, architecture: string): KubecrateError {
  const names = [...GO_ARCHITECTURES, ...Object.keys(ARCHITECTURES)];
  return new KubecrateError(
    'INVALID_PLATFORM',
    `cannot parse platform ${JSON.stringify(text)}: the architecture ${JSON.stringify(architecture)} is not known`,
    { hint: didYouMean(architecture, names) ?? `one of ${[...GO_ARCHITECTURES].join(', ')}` },
  );
}

/** The systems Go builds for (`go tool dist list`), the commonest first. */
const GO_SYSTEMS: ReadonlySet<string> = new Set([
  'linux',
  'windows',
  'darwin',
  'freebsd',
  'aix',
  'android',
  'dragonfly',
  'illumos',
  'ios',
  'js',
  'netbsd',
  'openbsd',
  'plan9',
  'solaris',
  'wasip1',
]);

/** The processors Go builds for (`go tool dist list`). */
const GO_ARCHITECTURES: ReadonlySet<string> = new Set([
  '386',
  'amd64',
  'arm',
  'arm64',
  'loong64',
  'mips',
  'mips64',
  'mips64le',
  'mipsle',
  'ppc64',
  'ppc64le',
  'riscv64',
  's390x',
  'wasm',
]);

const ARCHITECTURES: Readonly<Record<string, readonly [string, string?]>> = {
  x86_64: ['amd64'],
  'x86-64': ['amd64'],
  i386: ['386'],
  i686: ['386'],
  aarch64: ['arm64'],
  armhf: ['arm', 'v7'],
  armel: ['arm', 'v6'],
  loongarch64: ['loong64'],
  mips64el: ['mips64le'],
};
