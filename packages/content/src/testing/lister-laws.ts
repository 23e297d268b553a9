/** TagLister and ReferrerLister. */

import type { Descriptor } from '@kubecrate/oci';
import { expect } from 'vitest';
import { isReferrerLister, isTagLister } from '../powers.ts';
import type { Law } from './compliance.ts';
import { rejectionOf } from './expectations.ts';
import { image } from './image-fixture.ts';
import { all, pushImage } from './push-image.ts';
import { referrer } from './referrer-fixture.ts';

export function listerLaws(law: Law): void {
  law('lists the tags in ascending order', async ({ target }, { skip }) => {
    if (!isTagLister(target)) return skip('it is no TagLister');
    const tagged = image({ seed: 'tags' });
    for (const tag of ['v2', 'V1', 'v10', '_x', 'latest']) await pushImage(target, tagged, tag);
    expect(await all(target.tags())).toEqual(['V1', '_x', 'latest', 'v10', 'v2']);
  });

  law('lists no tags where the signal is aborted', async ({ target }, { skip }) => {
    if (!isTagLister(target)) return skip('it is no TagLister');
    const reason = new Error('no list');
    expect(await rejectionOf(all(target.tags({ signal: AbortSignal.abort(reason) })))).toBe(reason);
  });

  law('lists what has a manifest as its subject', async ({ target }, { skip }) => {
    if (!isReferrerLister(target)) return skip('it is no ReferrerLister');
    const subject = image({ seed: 'subject' });
    const other = image({ seed: 'another subject' });
    const annotations = { 'org.example.made-by': 'the suite' };
    const sbom = referrer(subject.descriptor, { artifactType: 'application/vnd.example.sbom', annotations });
    const signature = referrer(subject.descriptor, { artifactType: 'application/vnd.example.sig', text: 'signed' });
    for (const [manifest, tag] of [
      [subject, 'subject'],
      [other, 'other'],
    ] as const)
      await pushImage(target, manifest, tag);
    for (const manifest of [sbom, signature]) await pushImage(target, manifest);
    const found = await all<Descriptor>(target.referrers(subject.descriptor));
    expect(found.map(({ digest }) => digest).sort()).toEqual(
      [sbom, signature].map(({ descriptor }) => descriptor.digest).sort(),
    );
    expect(found).toContainEqual({ ...sbom.descriptor, artifactType: 'application/vnd.example.sbom', annotations });
    expect(await all(target.referrers(other.descriptor))).toEqual([]);
  });
}
