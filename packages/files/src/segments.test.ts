import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { tempDirectory } from './directories.ts';
import { readSegments, sliceSegments } from './segments.ts';
import type { TarSegment } from './tar-source.ts';

const CONTENT = Buffer.from(Array.from({ length: 1000 }, (_, i) => i % 251));

it('gives any run of content, however it is cut into segments', async () => {
  await using directory = await tempDirectory(tmpdir());
  const path = join(directory.path, 'file');
  await writeFile(path, Buffer.concat([Buffer.alloc(10), CONTENT]));
  const position = fc.nat({ max: CONTENT.length });
  await fc.assert(
    fc.asyncProperty(fc.array(position), position, position, async (cuts, offset, length) => {
      const edges = [0, ...cuts.sort((a, b) => a - b), CONTENT.length];
      const segments = edges.slice(1).map((end, i): TarSegment => {
        const start = edges[i]!;
        if (i % 2 === 0) return { kind: 'literal', bytes: CONTENT.subarray(start, end) };
        return { kind: 'file', path, offset: 10 + start, length: end - start };
      });
      const bytes = await buffer(readSegments(sliceSegments(segments, offset, length)));
      expect(bytes.equals(CONTENT.subarray(offset, offset + length))).toBe(true);
    }),
    { numRuns: 50 },
  );
});

it('fails where a file is shorter than it should be, or gone', async () => {
  await using directory = await tempDirectory(tmpdir());
  const path = join(directory.path, 'file');
  await writeFile(path, 'short');
  const segments: TarSegment[] = [{ kind: 'file', path, offset: 0, length: 6 }];
  await expect(buffer(readSegments(segments))).rejects.toMatchObject({ code: 'SIZE_MISMATCH' });
  await rm(path);
  await expect(buffer(readSegments(segments))).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

it('stops with the reason of its signal', async () => {
  const reason = new Error('enough');
  const segments: TarSegment[] = [{ kind: 'literal', bytes: CONTENT }];
  await expect(buffer(readSegments(segments, { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
});
