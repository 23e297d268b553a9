import { type Digest, digestOf } from '@kubecrate/oci';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planRegistryLayers, type RegistryPlan } from './plan-registry-layers.ts';
import type { RegistryEntry } from './registry-entry.ts';

const MIB = 1024 * 1024;
const none = new Set<Digest>();

describe('planRegistryLayers', () => {
  it('gives each large blob a layer, largest first, the others one for each first digit, the links the last', () => {
    const entries = [blob('a', 5 * MIB), blob('b', MIB), blob('c', 9 * MIB), ...small(200), link('x')];
    const plan = planRegistryLayers(entries, { manifests: none });
    expect(plan.blobs.slice(0, 3).map(sizes)).toEqual([[9 * MIB], [5 * MIB], [MIB]]);
    const groups = plan.blobs.slice(3);
    expect(groups).toHaveLength(16);
    for (const group of groups) expect(new Set(group.map(firstDigit)).size).toBe(1);
    expect(plan.links.map(({ path }) => path)).toEqual(['links/x']);
  });

  it('puts manifests with the links', () => {
    const manifest = blob('m', 2 * MIB);
    const plan = planRegistryLayers([manifest, link('x')], { manifests: new Set([digestOf('m')]) });
    expect(plan.blobs).toEqual([]);
    expect(plan.links).toContain(manifest);
  });

  it('makes no more single layers than it is allowed', () => {
    const entries = Array.from({ length: 150 }, (_, i) => blob(`${i}`, MIB + i));
    const plan = planRegistryLayers(entries, { manifests: none });
    expect(plan.blobs.slice(0, 100).map(sizes)).toEqual(Array.from({ length: 100 }, (_, i) => [MIB + 149 - i]));
    expect(plan.blobs.length).toBeLessThanOrEqual(116);
    expect(planRegistryLayers(entries, { manifests: none, maxSingles: 0 }).blobs.length).toBeLessThanOrEqual(16);
  });

  it('depends on the set of entries alone, and leaves none out', () => {
    const entries = [...small(50), blob('big', 3 * MIB), blob('bigger', 4 * MIB), link('x'), link('y')];
    const wanted = planRegistryLayers(entries, { manifests: none });
    expect(paths(wanted).sort()).toEqual(entries.map(({ path }) => path).sort());
    fc.assert(
      fc.property(fc.shuffledSubarray(entries, { minLength: entries.length }), (shuffled) => {
        expect(planRegistryLayers([...shuffled, ...shuffled.slice(0, 3)], { manifests: none })).toEqual(wanted);
      }),
    );
  });

  it('leaves most layers as they were when one image is another', () => {
    const before = planRegistryLayers([...small(200), blob('old', 3 * MIB), blob('same', 2 * MIB)], {
      manifests: none,
    });
    const after = planRegistryLayers([...small(201), blob('new', 5 * MIB), blob('same', 2 * MIB)], { manifests: none });
    const known = new Set(before.blobs.map((group) => JSON.stringify(group)));
    expect(after.blobs.filter((group) => !known.has(JSON.stringify(group)))).toHaveLength(2);
  });
});

function blob(seed: string, size: number): RegistryEntry {
  return { path: `blobs/${digestOf(seed)}`, content: { kind: 'blob', digest: digestOf(seed), size } };
}

function small(count: number): RegistryEntry[] {
  return Array.from({ length: count }, (_, i) => blob(`small ${i}`, 100 + i));
}

function link(name: string): RegistryEntry {
  return { path: `links/${name}`, content: { kind: 'literal', bytes: Buffer.from(name) } };
}

function sizes(group: readonly RegistryEntry[]): number[] {
  return group.map(({ content }) => (content.kind === 'blob' ? content.size : 0));
}

function firstDigit({ content }: RegistryEntry): string {
  return content.kind === 'blob' ? content.digest.slice('sha256:'.length, 'sha256:'.length + 1) : '';
}

function paths({ blobs, links }: RegistryPlan): string[] {
  return [...blobs.flat(), ...links].map(({ path }) => path);
}
