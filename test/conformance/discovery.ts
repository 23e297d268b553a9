/** Content discovery: "Listing Tags", "Listing Referrers". */

import { image, index, type ManifestFixture, referrer } from '@kubecrate/content/testing';
import { digestOf, MEDIA_TYPES } from '@kubecrate/oci';
import { expect } from 'vitest';
import type { Requirement } from './conformance-suite.ts';
import { expectError, type RepositoryClient } from './registry-under-test.ts';

const TAGS = ['test0', 'test1', 'test2', 'test3', 'test4'];

export function discoveryRequirements(requirement: Requirement): void {
  requirement(
    'the tags are listed in order',
    async (repository) => {
      await pushTags(repository);
      const response = await repository.request('GET', 'tags/list');
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({ name: repository.name, tags: TAGS });
    },
    'tag-pages',
  );

  requirement(
    'the tags are listed in pages, each linked to the next',
    async (repository) => {
      await pushTags(repository);
      const found: string[] = [];
      let path: string | undefined = 'tags/list?n=2';
      while (path !== undefined) {
        const response: Response = await repository.request('GET', path);
        const { tags } = (await response.json()) as { readonly tags: readonly string[] };
        expect(tags.length).toBeLessThanOrEqual(2);
        found.push(...tags);
        path = /<([^>]+)>; *rel="?next"?/.exec(response.headers.get('link') ?? '')?.[1];
      }
      expect(found).toEqual(TAGS);
    },
    'tag-pages',
  );

  requirement(
    'the tags after `last` are listed',
    async (repository) => {
      await pushTags(repository);
      const response = await repository.request('GET', 'tags/list?n=2&last=test1');
      expect(await response.json()).toMatchObject({ tags: ['test2', 'test3'] });
    },
    'tag-pages',
  );

  requirement(
    'no tags are listed where none are wanted',
    async (repository) => {
      await pushTags(repository);
      const response = await repository.request('GET', 'tags/list?n=0');
      expect(response.status).toBe(200);
      expect(response.headers.get('link')).toBeNull();
      expect(await response.json()).toMatchObject({ tags: [] });
    },
    'tag-pages',
  );

  requirement('the tags of a repository that is not there are 404', async (repository) => {
    await expectError(await repository.request('GET', 'tags/list'), 404, 'NAME_UNKNOWN');
  });

  requirement(
    'there are no referrers of what nobody refers to, and that is no error',
    async (repository) => {
      expect(await referrersOf(repository, digestOf('nothing'))).toEqual([]);
    },
    'referrers',
  );

  requirement(
    'referrers are listed with their type and annotations, and filtered by type',
    async (repository) => {
      const { subject, sbom, signature } = await pushReferrers(repository);
      const all = await referrersOf(repository, subject.descriptor.digest);
      expect(all).toHaveLength(2);
      expect(all).toContainEqual({ ...sbom.descriptor, artifactType: 'application/vnd.x.sbom', annotations: MADE });
      expect(all).toContainEqual({ ...signature.descriptor, artifactType: 'application/vnd.x.sig' });
      const path = `referrers/${subject.descriptor.digest}?artifactType=application/vnd.x.sig`;
      const response = await repository.request('GET', path);
      const { manifests } = (await response.json()) as { readonly manifests: readonly object[] };
      if (response.headers.get('oci-filters-applied') === null) expect(manifests).toHaveLength(2);
      else expect(manifests).toEqual([{ ...signature.descriptor, artifactType: 'application/vnd.x.sig' }]);
    },
    'referrers',
  );

  requirement(
    'a push with a subject is acknowledged, whether the subject is there or not',
    async (repository) => {
      const absent = image({ seed: 'never pushed' });
      const sbom = referrer(absent.descriptor);
      for (const part of sbom.blobs) await repository.pushBlob(part);
      const response = await repository.putManifest(sbom);
      expect(response.status).toBe(201);
      expect(response.headers.get('oci-subject')).toBe(absent.descriptor.digest);
      expect(await referrersOf(repository, absent.descriptor.digest)).toMatchObject([
        { digest: sbom.descriptor.digest },
      ]);
    },
    'referrers',
  );

  requirement(
    'the referrers of an index and of its children are told apart',
    async (repository) => {
      const child = image({ seed: 'child' });
      const parent = index([child]);
      await repository.pushImage(parent, 'v1');
      await repository.pushImage(referrer(child.descriptor, { text: 'of the child' }));
      await repository.pushImage(referrer(parent.descriptor, { text: 'of the index' }));
      expect(await referrersOf(repository, child.descriptor.digest)).toHaveLength(1);
      expect(await referrersOf(repository, parent.descriptor.digest)).toHaveLength(1);
    },
    'referrers',
  );
}

const MADE = { 'org.example.made-by': 'the conformance tests' };

async function pushTags(repository: RepositoryClient): Promise<void> {
  for (const tag of TAGS) await repository.pushImage(image({ seed: 'tags' }), tag);
}

async function pushReferrers(
  repository: RepositoryClient,
): Promise<Readonly<Record<'subject' | 'sbom' | 'signature', ManifestFixture>>> {
  const subject = image({ seed: 'subject' });
  const sbom = referrer(subject.descriptor, { artifactType: 'application/vnd.x.sbom', annotations: MADE });
  const signature = referrer(subject.descriptor, { artifactType: 'application/vnd.x.sig', text: 'signed' });
  await repository.pushImage(subject, 'v1');
  for (const manifest of [sbom, signature]) await repository.pushImage(manifest);
  return { subject, sbom, signature };
}

async function referrersOf(repository: RepositoryClient, digest: string): Promise<readonly object[]> {
  const response = await repository.request('GET', `referrers/${digest}`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe(MEDIA_TYPES.ociIndex);
  const index = (await response.json()) as { readonly mediaType: string; readonly manifests: readonly object[] };
  expect(index.mediaType).toBe(MEDIA_TYPES.ociIndex);
  return index.manifests;
}
