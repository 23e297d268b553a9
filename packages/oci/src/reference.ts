/** Image references, `[domain/]repository[:tag][@digest]` (the grammar of distribution's `reference` package). */

import { KubecrateError } from '@kubecrate/errors';
import { type Digest, isDigest } from './digest.ts';

/** Docker Hub as references name it. */
export const DOCKER_HUB = 'docker.io';

/** The domain of a name that was written without one: which registry is asked for it is a matter of configuration. */
export const UNQUALIFIED = '';

/** A name with its registry, its tag, its digest, or both. */
export interface Reference {
  /** `docker.io`, `localhost:5000`, `[::1]:5000` */
  readonly domain: string;
  /** `library/mysql`, `helm-charts/mysql`: the path without the domain */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

/**
 * Reads a reference as Docker does: no domain means Docker Hub, no namespace there means `library/`, `index.docker.io` is `docker.io`.
 * A tag that is not given stays absent: see {@link withDefaultTag}.
 * @throws KubecrateError INVALID_REFERENCE
 */
export function parseReference(text: string): Reference {
  const refuse = (reason: string, hint?: string): never => {
    const whole = text.replace(CREDENTIALS, '$1***@');
    const shown = JSON.stringify(whole.length > 300 ? `${whole.slice(0, 300)}...` : whole);
    throw new KubecrateError(
      'INVALID_REFERENCE',
      `cannot parse reference ${shown}: ${reason}`,
      hint === undefined ? {} : { hint },
    );
  };
  if (text === '') return refuse('it is empty');
  if (text.includes('://'))
    return refuse('it has a scheme', `write it without one: ${text.replace(CREDENTIALS, '').replace(/^.*?:\/\//, '')}`);
  if (CREDENTIALS.test(text))
    return refuse('it has a user or a password', 'leave it out, and run: kubecrate login HOST');
  const [named, digest] = splitDigest(text);
  if (digest !== undefined && !isDigest(digest)) {
    return refuse(
      `${JSON.stringify(digest)} is no digest`,
      'a digest is "sha256:" and 64 lower-case hexadecimal digits',
    );
  }
  const [name, tag] = splitTag(named);
  if (tag !== undefined && !TAG.test(tag))
    return refuse(`${JSON.stringify(tag)} is no tag`, 'a tag is at most 128 of letters, digits, "_", "." and "-"');
  const [domain, path] = splitDomain(name);
  if (!DOMAIN.test(domain)) return refuse(`${JSON.stringify(domain)} is no registry host`);
  const port = /:([0-9]+)$/.exec(domain)?.[1];
  if (port !== undefined && !isPort(port)) return refuse(`${port} is no port`, PORTS);
  // What looks like an address and is none: 1.2.3.400, [::1::1].
  if (!URL.canParse(`https://${domain}`)) return refuse(`${JSON.stringify(domain)} is no registry host`);
  if (path === '') return refuse('it has no repository');
  if (path !== path.toLowerCase() && isRepository(path.toLowerCase()))
    return refuse(
      'repository must be lower case',
      `did you mean ${JSON.stringify(text.replace(path, path.toLowerCase()))}?`,
    );
  if (!isRepository(path)) return refuse(`${JSON.stringify(path)} is no repository name`);
  const repository = domain === DOCKER_HUB && !path.includes('/') ? `library/${path}` : path;
  return { domain, repository, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

/** What people put before the host, with the scheme before it; after the `@` of a digest there is no slash. */
const CREDENTIALS = /^(\w+:\/\/)?.*@(?=[^@]*\/)/;

/** The same reference; where it has neither tag nor digest, with the tag `latest`. */
export function withDefaultTag(reference: Reference): Reference {
  return reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: 'latest' } : reference;
}

/** The whole name: `docker.io/library/mysql:8@sha256:...`. */
export function formatReference(reference: Reference): string {
  return `${reference.domain}/${reference.repository}${suffixOf(reference)}`;
}

/** The name as Docker shows it: `mysql:8`, `localhost:5000/a/b:1`. */
export function familiarReference(reference: Reference): string {
  const { domain, repository } = reference;
  const name = domain === DOCKER_HUB ? repository.replace(/^library\/(?=[^/]+$)/, '') : `${domain}/${repository}`;
  return `${name}${suffixOf(reference)}`;
}

/**
 * What a registry client is asked for: the domain and the repository of `reference`; where `written`, the text that it was read from, has no
 * domain, UNQUALIFIED and the path as it was written (`app`, not `library/app`).
 */
export function askedRepository(written: string, reference: Reference): Pick<Reference, 'domain' | 'repository'> {
  const [name] = splitTag(splitDigest(written)[0]);
  const { domain, repository } = reference;
  return isQualified(name) ? { domain, repository } : { domain: UNQUALIFIED, repository: name };
}

/** What the registry is asked for: the digest where there is one, else the tag, else `latest`. */
export function tagOrDigest(reference: Reference): string {
  return reference.digest ?? reference.tag ?? 'latest';
}

/** True where `text` is a repository path that the distribution API accepts. */
export function isRepository(text: string): boolean {
  return text.length <= 255 && REPOSITORY.test(text);
}

/** True where `text` is the number of a port that can be connected to. */
export function isPort(text: string): boolean {
  return /^[0-9]{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}

/** What a port is, for hints. */
export const PORTS = 'a port is a number from 1 to 65535';

/** True where `text` is a tag. */
export function isTag(text: string): boolean {
  return TAG.test(text);
}

function suffixOf({ tag, digest }: Reference): string {
  return `${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

function splitDigest(text: string): [string, string?] {
  const at = text.indexOf('@');
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function splitTag(named: string): [string, string?] {
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  // `localhost:5000` alone is a name with a tag, as in Docker.
  return colon === -1 ? [named] : [named.slice(0, colon), named.slice(colon + 1)];
}

/** True where the first part of a name is a registry, as Docker decides it. */
function isQualified(name: string): boolean {
  const [first = '', ...rest] = name.split('/', 2);
  return rest.length > 0 && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase());
}

function splitDomain(name: string): [string, string] {
  if (!isQualified(name)) return [DOCKER_HUB, name];
  const slash = name.indexOf('/');
  const domain = name.slice(0, slash).toLowerCase();
  return [domain === 'index.docker.io' ? DOCKER_HUB : domain, name.slice(slash + 1)];
}

const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const REPOSITORY = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`);
const DOMAIN_PART = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?';
const DOMAIN = new RegExp(`^(?:${DOMAIN_PART}(?:\\.${DOMAIN_PART})*|\\[[a-f0-9:]+\\])(?::[0-9]{1,5})?$`);
