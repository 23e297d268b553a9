import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type Compression, decompress, detectCompression, sniffCompression } from './compression.ts';
import { gzipReproducible } from './gzip.ts';
import { unpackByProgram } from './unpack-program.ts';

const CONTENT = Buffer.concat([randomBytes(300_000), Buffer.alloc(300_000, 'text ')]);
const PROGRAMS = ['gzip', 'zstd', 'xz', 'bzip2'] as const;

describe('decompress', () => {
  for (const program of PROGRAMS) {
    const packed = execFileSync(program, ['-c'], { input: CONTENT, maxBuffer: 1e7 });

    it(`tells and unpacks ${program}`, async () => {
      const { compression, content } = await sniffCompression(stream(packed));
      expect(compression).toBe(program);
      expect((await buffer(decompress(content, compression))).equals(CONTENT)).toBe(true);
    });

    it(`says that ${program} content is damaged or ends early`, async () => {
      const flipped = Buffer.from(packed);
      flipped.fill(0x55, 1000, 1100);
      for (const bytes of [packed.subarray(0, packed.length - 5), flipped]) {
        await expect(buffer(decompress(stream(bytes), program))).rejects.toMatchObject({ code: 'INVALID_ARCHIVE' });
      }
    });

    it(`passes on an error of the stream it unpacks ${program} from, and destroys it when it is destroyed`, async () => {
      async function* broken(): AsyncGenerator<Buffer> {
        yield packed.subarray(0, 1000);
        throw new Error('reset');
      }
      await expect(buffer(decompress(Readable.from(broken()), program))).rejects.toThrow('reset');
      const source = stream(packed);
      const unread = decompress(source, program);
      unread.destroy();
      await closed(unread);
      expect(source.destroyed).toBe(true);
    });

    it(`stops a ${program} bomb`, async () => {
      const bomb = execFileSync('sh', ['-c', `head -c 80000000 /dev/zero | ${program} -c`], { maxBuffer: 1e7 });
      await expect(drain(decompress(stream(bomb), program, { maxRatio: 100 }))).rejects.toMatchObject({
        code: 'LIMIT_EXCEEDED',
      });
      await expect(drain(decompress(stream(bomb), program, { maxBytes: 70_000_000 }))).rejects.toMatchObject({
        code: 'LIMIT_EXCEEDED',
      });
    });
  }

  it('says that content is not gzip, and what it is instead', async () => {
    const zstd = execFileSync('zstd', ['-c'], { input: CONTENT, maxBuffer: 1e7 });
    const cases = [
      [Buffer.from('no archive\n'), 'cannot unpack gzip: it is not gzip'],
      [zstd, 'cannot unpack gzip: it is not gzip but zstd'],
    ] as const;
    for (const [bytes, message] of cases) {
      await expect(buffer(decompress(stream(bytes), 'gzip'))).rejects.toMatchObject({
        code: 'INVALID_ARCHIVE',
        message,
        hint: 'give a file that is compressed with gzip',
      });
    }
  });

  it('unpacks parts of gzip in a row', async () => {
    const packed = Buffer.concat([gzipSync('a'), gzipSync('b')]);
    expect((await buffer(decompress(stream(packed), 'gzip'))).toString()).toBe('ab');
  });

  it('gives content that is not packed as it is, however short', async () => {
    for (const bytes of ['', 'x', 'plain content']) {
      const { compression, content } = await sniffCompression(stream(Buffer.from(bytes)));
      expect(compression).toBe('none');
      expect((await buffer(decompress(content, compression))).toString()).toBe(bytes);
    }
  });

  it('knows the magic numbers', () => {
    const bytes = (compression: Compression): Buffer => Buffer.from(compression);
    expect(detectCompression(bytes('gzip'))).toBe('none');
    expect(detectCompression(Buffer.from([0x1f]))).toBe('none');
    expect(detectCompression(Buffer.from('BZh9'))).toBe('bzip2');
  });
});

describe('unpackByProgram', () => {
  it('unpacks zstd also where Node could', async () => {
    const packed = execFileSync('zstd', ['-c'], { input: CONTENT, maxBuffer: 1e7 });
    const chunks: Buffer[] = [];
    for await (const chunk of unpackByProgram(stream(packed), 'zstd')) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(CONTENT)).toBe(true);
  });
});

describe('gzipReproducible', () => {
  it('gives the same bytes twice, without time, name or system', async () => {
    const first = await buffer(gzipReproducible(stream(CONTENT)));
    const second = await buffer(gzipReproducible(Readable.from([CONTENT])));
    expect(first.equals(second)).toBe(true);
    expect([...first.subarray(0, 10)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
    expect(gunzipSync(first).equals(CONTENT)).toBe(true);
  });

  it('passes on the error of its content', async () => {
    async function* broken(): AsyncGenerator<Buffer> {
      yield CONTENT;
      throw new Error('reset');
    }
    await expect(drain(gzipReproducible(Readable.from(broken())))).rejects.toThrow('reset');
  });
});

function stream(bytes: Buffer): Readable {
  const pieces = Array.from({ length: Math.ceil(bytes.length / 1777) }, (_, i) =>
    bytes.subarray(i * 1777, (i + 1) * 1777),
  );
  return Readable.from(pieces, { objectMode: false });
}

async function drain(content: Readable): Promise<void> {
  for await (const _ of content);
}

async function closed(content: Readable): Promise<void> {
  if (!content.closed) await new Promise((resolve) => content.once('close', resolve));
}
