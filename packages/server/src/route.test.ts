import { digestOf } from '@kubecrate/oci';
import { expect, test } from 'vitest';
import { Refusal } from './refusal.ts';
import { routeOf } from './route.ts';

const digest = digestOf('x');

test.each([
  ['/v2/', { kind: 'base' }],
  ['/v2', { kind: 'base' }],
  ['/v2/_catalog', { kind: 'catalog' }],
  ['/v2/a/tags/list', { kind: 'tags', repository: 'a' }],
  ['/v2/tags/list/tags/list', { kind: 'tags', repository: 'tags/list' }],
  ['/v2/a/b-c/manifests/v1', { kind: 'manifest', repository: 'a/b-c', reference: 'v1' }],
  ['/v2/manifests/manifests/manifests', { kind: 'manifest', repository: 'manifests', reference: 'manifests' }],
  [`/v2/blobs/blobs/${digest}`, { kind: 'blob', repository: 'blobs', digest }],
  [`/v2/a/blobs/${digest.replace(':', '%3a')}`, { kind: 'blob', repository: 'a', digest }],
  [`/v2/a/referrers/${digest}`, { kind: 'referrers', repository: 'a', digest }],
  ['/v2/a/blobs/uploads', { kind: 'uploads', repository: 'a' }],
  ['/v2/a/blobs/uploads/', { kind: 'uploads', repository: 'a' }],
  ['/v2/a/blobs/uploads/id', { kind: 'upload', repository: 'a', id: 'id' }],
  ['/v2/a/blobs/blobs/uploads/', { kind: 'uploads', repository: 'a/blobs' }],
])('%s', (path, route) => {
  expect(routeOf(path)).toEqual(route);
});

test.each([
  ['/', 404],
  ['/v1/a', 404],
  ['/v2/a', 404],
  ['/v2/a/tags/list/', 404],
  ['/v2/A/tags/list', 400],
  ['/v2/a/../b/tags/list', 400],
  ['/v2/a/blobs/sha256:1', 400],
  ['/v2/a/referrers/latest', 400],
  ['/v2/a/manifests/%zz', 400],
])('%s is refused with %i', (path, status) => {
  expect(() => routeOf(path)).toThrow(Refusal);
  expect(() => routeOf(path)).toThrow(expect.objectContaining({ status }));
});
