/** Which name every image gets in a registry directory (docs/architecture.md, "The registry directory"). */

import { DOCKER_HUB, type Reference, withDefaultTag } from '@kubecrate/oci';

/** `plain` drops the domain of a reference, as sealer does; `qualified` keeps it as the first part of the repository. */
export type Naming = 'plain' | 'qualified';

/** An image to save: its reference, and the text it was written as. */
export interface RequestedImage {
  readonly image: string;
  readonly reference: Reference;
  /** Where it is fetched from, where that is not what the reference says: a name that was written without a registry. */
  readonly from?: Pick<Reference, 'domain' | 'repository'>;
}

/** An image with one name it is saved under. An image of Docker Hub's `library/` has two. */
export interface NamedImage extends RequestedImage {
  readonly repository: string;
  /** Absent where the image is known by its digest alone. */
  readonly tag: string | undefined;
  /** An alias yields to an image whose own name it is. */
  readonly role: 'own' | 'alias';
}

/** Two or more references that claim one name; only their digests tell whether that is a collision. */
export interface Claim {
  readonly name: string;
  readonly images: readonly NamedImage[];
}

export interface NamePlan {
  readonly images: readonly NamedImage[];
  readonly claims: readonly Claim[];
}

/** Names every image; the same reference twice counts once. */
export function planNames(requested: readonly RequestedImage[], naming: Naming): NamePlan {
  const own = unique(requested.map((request) => ownName(request, naming)));
  const taken = new Set(own.map(nameOf));
  const aliases = naming === 'qualified' ? [] : own.flatMap(aliasesOf).filter((alias) => !taken.has(nameOf(alias)));
  const byName = new Map<string, NamedImage[]>();
  for (const image of own)
    if (image.tag !== undefined) byName.set(nameOf(image), [...(byName.get(nameOf(image)) ?? []), image]);
  const claims = [...byName].flatMap(([name, images]) => (images.length > 1 ? [{ name, images }] : []));
  return { images: [...own, ...aliases], claims };
}

function ownName({ reference, ...request }: RequestedImage, naming: Naming): NamedImage {
  const whole = withDefaultTag(reference);
  // A repository cannot hold the colon of a port.
  const domain = whole.domain.replace(/[:[\]]+/g, '_').replace(/^_|_$/g, '');
  const repository = naming === 'plain' ? whole.repository : `${domain}/${whole.repository}`;
  return { ...request, reference: whole, repository, tag: whole.tag, role: 'own' };
}

/** `docker pull sea.hub:5000/mysql` asks for `mysql`, where Docker Hub means `library/mysql`. */
function aliasesOf(named: NamedImage): readonly NamedImage[] {
  const { domain, repository } = named.reference;
  if (domain !== DOCKER_HUB || !repository.startsWith('library/')) return [];
  return [{ ...named, repository: repository.slice('library/'.length), role: 'alias' }];
}

function nameOf({ repository, tag, reference }: NamedImage): string {
  return tag === undefined ? `${repository}@${reference.digest}` : `${repository}:${tag}`;
}

function unique(images: readonly NamedImage[]): readonly NamedImage[] {
  const key = ({ reference, ...named }: NamedImage): string =>
    `${reference.domain} ${nameOf({ ...named, reference })} ${reference.digest}`;
  return [...new Map(images.map((image) => [key(image), image] as const).reverse()).values()].reverse();
}
