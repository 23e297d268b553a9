/** The registry that the conformance tests talk to, and the few requests that they all make. */

import type { BlobFixture, ManifestFixture } from '@kubecrate/content/testing';
import { expect } from 'vitest';

/** What a registry may leave out: the specification calls it optional, or came later than the registry. */
export type Omission = 'delete-tag' | 'out-of-order-416' | 'referrers' | 'tag-pages';

export interface RegistryUnderTest extends AsyncDisposable {
  readonly url: string;
}

/** Opens an empty registry; the tests of one category share one. */
export type OpenRegistry = () => Promise<RegistryUnderTest>;

export interface RequestOptions {
  readonly body?: Uint8Array | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Requests to one repository of a registry; a path that begins with `/` is of the registry, and a URL is itself. */
export class RepositoryClient {
  readonly #url: string;
  readonly name: string;

  constructor(url: string, name: string) {
    this.#url = url;
    this.name = name;
  }

  request(method: string, path: string, { body, headers = {} }: RequestOptions = {}): Promise<Response> {
    const url = new URL(path, `${this.#url}/v2/${this.name}/`);
    return fetch(url, {
      method,
      headers,
      redirect: 'follow',
      ...(body === undefined ? {} : { body: body as NonNullable<RequestInit['body']> }),
    });
  }

  /** Begins an upload; gives where it goes on. */
  async beginUpload(): Promise<string> {
    const response = await this.request('POST', 'blobs/uploads/');
    expect(response.status).toBe(202);
    return locationOf(response);
  }

  async pushBlob({ descriptor, bytes }: BlobFixture): Promise<void> {
    const location = withDigest(await this.beginUpload(), descriptor.digest);
    const headers = { 'content-type': 'application/octet-stream' };
    expect((await this.request('PUT', location, { body: bytes, headers })).status).toBe(201);
  }

  /** Pushes a manifest without what is under it. */
  putManifest({ descriptor, bytes }: BlobFixture, reference: string = descriptor.digest): Promise<Response> {
    return this.request('PUT', `manifests/${reference}`, {
      body: bytes,
      headers: { 'content-type': descriptor.mediaType },
    });
  }

  async pushImage(manifest: ManifestFixture, tag?: string): Promise<void> {
    for (const child of manifest.manifests) await this.pushImage(child);
    for (const blob of manifest.blobs) await this.pushBlob(blob);
    expect((await this.putManifest(manifest, tag)).status).toBe(201);
  }

  getManifest(reference: string, method: 'GET' | 'HEAD' = 'GET'): Promise<Response> {
    return this.request(method, `manifests/${reference}`, { headers: { accept: ACCEPT } });
  }
}

export function locationOf(response: Response): string {
  const location = response.headers.get('location');
  expect(location).not.toBeNull();
  return location ?? '';
}

/** An upload's location may carry a query of its own. */
export function withDigest(location: string, digest: string): string {
  return `${location}${location.includes('?') ? '&' : '?'}digest=${digest}`;
}

/** An error in the form of the specification: `errors`, each with a `code` in capitals. */
export async function expectError(response: Response, status: number, ...codes: readonly string[]): Promise<void> {
  const body = (await response.json()) as { readonly errors: readonly { readonly code: string }[] };
  expect(response.status, JSON.stringify(body)).toBe(status);
  expect(body.errors.length).toBeGreaterThan(0);
  for (const { code } of body.errors) expect(code).toMatch(/^[A-Z_]+$/);
  if (codes.length > 0) expect(codes).toContain(body.errors[0]?.code);
}

const ACCEPT = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');
