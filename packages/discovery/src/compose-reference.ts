/** A reference that is written in parts: `{ registry, repository, tag, digest }`. */

export interface ReferenceParts {
  readonly registry: string | undefined;
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/** Puts the parts together; a part that is empty counts as absent, and a repository that names its tag keeps it. */
export function composeReference({ registry, repository, tag, digest }: ReferenceParts): string {
  const prefix = registry ? `${registry.replace(/\/+$/, '')}/` : '';
  const name = repository.replace(/^\/+/, '');
  const path = prefix !== '' && !name.startsWith(prefix) ? `${prefix}${name}` : name;
  const ownTag = /:[\w.-]+$/.test(name.slice(name.lastIndexOf('/') + 1)) || name.includes('@');
  const withTag = tag && !ownTag ? `${path}:${tag}` : path;
  return digest && !name.includes('@') ? `${withTag}@${digest.includes(':') ? digest : `sha256:${digest}`}` : withTag;
}
