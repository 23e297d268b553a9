import { digestOf, parseReference } from '@kubecrate/oci';
import { describe, expect, it } from 'vitest';
import { type Naming, planNames } from './name-plan.ts';

function plan(images: readonly string[], naming: Naming = 'plain'): ReturnType<typeof planNames> {
  return planNames(
    images.map((image) => ({ image, reference: parseReference(image) })),
    naming,
  );
}

const names = (images: readonly string[], naming?: Naming): readonly string[] =>
  plan(images, naming).images.map(
    ({ repository, tag, role }) => `${repository}:${tag}${role === 'alias' ? ' (alias)' : ''}`,
  );

describe('planNames', () => {
  it('drops the domain, and links library images under both names', () => {
    expect(names(['mysql', 'quay.io/a/b:1', 'localhost:5000/helm-charts/mysql:8.8.19'])).toEqual([
      'library/mysql:latest',
      'a/b:1',
      'helm-charts/mysql:8.8.19',
      'mysql:latest (alias)',
    ]);
  });

  it('lets an alias yield to an image whose own name it is', () => {
    expect(names(['mysql:8', 'localhost:5000/mysql:8'])).toEqual(['library/mysql:8', 'mysql:8']);
    expect(names(['mysql:8', 'localhost:5000/mysql:9'])).toEqual(['library/mysql:8', 'mysql:9', 'mysql:8 (alias)']);
  });

  it('counts one image once, however it is written', () => {
    expect(names(['mysql', 'docker.io/library/mysql:latest'])).toEqual([
      'library/mysql:latest',
      'mysql:latest (alias)',
    ]);
  });

  it('reports names that different references claim', () => {
    const { claims } = plan(['quay.io/a/b:1', 'docker.io/a/b:1', 'quay.io/a/b:2']);
    expect(claims).toMatchObject([
      { name: 'a/b:1', images: [{ image: 'quay.io/a/b:1' }, { image: 'docker.io/a/b:1' }] },
    ]);
  });

  it('keeps the domain where names are qualified, so that nothing collides', () => {
    const images = ['mysql', 'localhost:5000/mysql', '[::1]:5000/x'];
    expect(names(images, 'qualified')).toEqual([
      'docker.io/library/mysql:latest',
      'localhost_5000/mysql:latest',
      '1_5000/x:latest',
    ]);
    expect(plan(images, 'qualified').claims).toEqual([]);
  });

  it('keeps a tag beside a digest, and gives a digest alone no tag', () => {
    const digest = digestOf('x');
    expect(plan([`quay.io/a@${digest}`, `quay.io/b:1@${digest}`]).images.map(({ tag }) => tag)).toEqual([
      undefined,
      '1',
    ]);
  });
});
