import { KubecrateError } from '@kubecrate/errors';
import { digestOf, MEDIA_TYPES } from '@kubecrate/oci';
import { describe, expect, it } from 'vitest';
import { noteOf } from './notes.ts';

describe('noteOf', () => {
  it('names what arrived, with its digest', () => {
    const descriptor = { mediaType: MEDIA_TYPES.ociManifest, digest: digestOf('a'), size: 1 };
    expect(noteOf({ type: 'tagged', image: 'mysql:8', tag: '8', descriptor }, 'saved')).toBe(
      `saved mysql:8 ${descriptor.digest}`,
    );
  });

  it('leaves a failure to the error that ends the command', () => {
    const error = new KubecrateError('NOT_FOUND', 'there is no such tag');
    expect(noteOf({ type: 'failed', image: 'mysql:8', error }, 'saved')).toBeUndefined();
  });

  it('shows no secret of a reason', () => {
    const note = noteOf(
      {
        type: 'retrying',
        what: 'a blob',
        attempt: 2,
        delayMs: 5,
        reason: 'https://user:hunter2@example.com/ answered 500',
      },
      'saved',
    );
    expect(note).toContain('retrying a blob in 5 ms (attempt 2)');
    expect(note).not.toContain('hunter2');
  });
});
