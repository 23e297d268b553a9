import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { KubecrateError } from '@kubecrate/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TarOptions } from './check-tar-header.ts';
import { tarEntries, tarIndex } from './tar-entries.ts';
import { TAR_END } from './tar-format.ts';
import { tarHeader } from './tar-header.ts';
import type { TreeEntry } from './tree.ts';

const A = header({ path: 'a', size: 3 });
const CONTENT = Buffer.alloc(512, 'abc');
const WHOLE = Buffer.concat([A, CONTENT, TAR_END]);

describe('a hostile archive', () => {
  it.each(['/etc/passwd', '../x', 'a/../../x', 'a\0b', 'C:\\x'])('is refused for the path %j', async (path) => {
    await expect(read(Buffer.concat([pax({ path }), A, CONTENT, TAR_END]))).rejects.toMatchObject({
      code: 'UNSAFE_PATH',
    });
  });

  it('is refused for a hard link that leads out, and for a symbolic link where it is no layer', async () => {
    const hard = typed(header({ path: 'l', type: 'symlink', linkTarget: '../x' }), '1');
    const soft = header({ path: 'd/l', type: 'symlink', linkTarget: '../../x' });
    const absolute = header({ path: 'd/l', type: 'symlink', linkTarget: '/x' });
    for (const bytes of [hard, soft, absolute]) {
      await expect(read(Buffer.concat([bytes, TAR_END]))).rejects.toMatchObject({ code: 'UNSAFE_PATH' });
    }
    await expect(read(Buffer.concat([hard, TAR_END]), { rules: 'layer' })).rejects.toMatchObject({
      code: 'UNSAFE_PATH',
    });
    expect(await read(Buffer.concat([soft, TAR_END]), { rules: 'layer' })).toEqual(['d/l']);
  });

  it('is refused for a device where it is no layer', async () => {
    const bytes = Buffer.concat([typed(header({ path: 'dev' }), '3'), TAR_END]);
    await expect(read(bytes)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    expect(await read(bytes, { rules: 'layer' })).toEqual(['dev']);
  });

  it('is refused for an entry of unknown type', async () => {
    await expect(read(Buffer.concat([typed(A, 'M'), CONTENT, TAR_END]))).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });

  it('is refused for two files of one path, however it is spelled', async () => {
    const twice = Buffer.concat([A, CONTENT, header({ path: './a', size: 3 }), CONTENT, TAR_END]);
    await expect(read(twice)).rejects.toThrow('it holds "a" twice');
    expect(await read(twice, { rules: 'layer' })).toEqual(['a', 'a']);
  });

  it('is refused for too many entries, too many bytes, a path that is too long', async () => {
    const two = Buffer.concat([A, CONTENT, header({ path: 'b' }), TAR_END]);
    const exceeded = { code: 'LIMIT_EXCEEDED' };
    await expect(read(two, { limits: { maxEntries: 1 } })).rejects.toMatchObject(exceeded);
    await expect(read(two, { limits: { maxBytes: 1023 } })).rejects.toMatchObject(exceeded);
    await expect(
      read(Buffer.concat([WHOLE, Buffer.alloc(9999)]), { limits: { maxBytes: 5000 } }),
    ).rejects.toMatchObject(exceeded);
    await expect(read(Buffer.concat([header({ path: 'p'.repeat(5000) }), TAR_END]))).rejects.toMatchObject(exceeded);
    await expect(read(typed(header({ path: 'x', size: 2 ** 30 }), 'L'))).rejects.toMatchObject(exceeded);
  });

  it('is refused for a header whose checksum is wrong', async () => {
    const flipped = Buffer.from(WHOLE);
    flipped[0] = 0x62;
    await expect(read(flipped)).rejects.toThrow('the checksum of a header is wrong');
  });

  it('is refused for a global header that names every file', async () => {
    await expect(read(Buffer.concat([typed(pax({ path: 'b' }), 'g'), WHOLE]))).rejects.toThrow(
      'a global PAX header gives a path',
    );
    expect(await read(Buffer.concat([typed(pax({ comment: 'c0ffee' }), 'g'), WHOLE]))).toEqual(['a']);
  });

  it.each(['1', '5 a=b\n', '99 path=x\n', '8 path=xyz\n', '10 size=-1\n', '11 size=1e9\n', '6 path\n'])(
    'is refused for the PAX records %j',
    async (records) => {
      await expect(read(Buffer.concat([paxOf(Buffer.from(records)), WHOLE]))).rejects.toMatchObject({
        code: 'INVALID_ARCHIVE',
      });
    },
  );

  it('is refused for a name that is not UTF-8', async () => {
    await expect(read(Buffer.concat([paxOf(Buffer.from('10 path=\xff\n', 'latin1')), WHOLE]))).rejects.toThrow(
      'is not UTF-8',
    );
  });

  it('says that it ends early wherever it is cut off', async () => {
    for (const end of [0, 2, 511, 512, 514, 600, 1023, 1024, 1500, 1536, 2047]) {
      await expect(read(WHOLE.subarray(0, end)), `cut at ${end}`).rejects.toMatchObject({
        code: 'INVALID_ARCHIVE',
        message: expect.stringContaining('it ends early'),
      });
    }
    expect(await read(WHOLE)).toEqual(['a']);
  });

  it('says that a file of another kind is no tar archive, however short or long', async () => {
    const others = ['x', 'image: nginx:1\n', 'a'.repeat(511), 'a'.repeat(512), 'text '.repeat(1000)];
    for (const other of [...others.map((text) => Buffer.from(text)), Buffer.alloc(4096, '\x7fELF\0')]) {
      await expect(read(other), other.toString().slice(0, 9)).rejects.toMatchObject({
        code: 'INVALID_ARCHIVE',
        message: 'cannot read the archive: it is no tar archive',
        hint: expect.stringContaining('give a tar archive'),
      });
    }
  });

  it('says so too when the file is only indexed', async () => {
    const root = await mkdtemp(join(tmpdir(), 'kubecrate-test-'));
    try {
      await writeFile(join(root, 'cut.tar'), WHOLE.subarray(0, 600));
      const index = async (): Promise<void> => {
        for await (const { header } of tarIndex(join(root, 'cut.tar'))) expect(header.path).toBe('a');
      };
      await expect(index()).rejects.toThrow(
        `cannot read the archive ${JSON.stringify(join(root, 'cut.tar'))}: it ends early`,
      );
    } finally {
      await rm(root, { recursive: true });
    }
  });

  it('may end without an end where it is a layer, as some tools write them', async () => {
    expect(await read(WHOLE.subarray(0, 1024), { rules: 'layer' })).toEqual(['a']);
    await expect(read(WHOLE.subarray(0, 600), { rules: 'layer' })).rejects.toThrow('it ends early');
  });

  it('gives only errors of its own, whatever the bytes', async () => {
    const blocks = fc.array(
      fc.oneof(fc.constant(A), fc.constant(TAR_END), fc.uint8Array({ minLength: 512, maxLength: 512 })),
    );
    const damaged = fc
      .record({ at: fc.nat({ max: WHOLE.length - 1 }), byte: fc.nat({ max: 255 }) })
      .map(({ at, byte }) => {
        const copy = Buffer.from(WHOLE);
        copy[at] = byte;
        return copy;
      });
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 3000 }),
      blocks.map((parts) => Buffer.concat(parts)),
      damaged,
    );
    await fc.assert(
      fc.asyncProperty(anything, async (bytes) => {
        try {
          await read(Buffer.from(bytes));
        } catch (error) {
          if (!(error instanceof KubecrateError)) throw error;
        }
      }),
    );
  });
});

describe('tarEntries', () => {
  it('passes over content that is not read, or not read whole', async () => {
    const big = Buffer.concat([header({ path: 'big', size: 100_000 }), Buffer.alloc(100_352)]);
    const seen: string[] = [];
    for await (const { header, content } of tarEntries(Readable.from([big, WHOLE]))) {
      seen.push(header.path);
      if (header.path === 'big') content.read(10);
    }
    expect(seen).toEqual(['big', 'a']);
  });

  it('gives content as bytes too', async () => {
    for await (const entry of tarEntries(Readable.from([WHOLE]))) expect((await entry.bytes()).toString()).toBe('abc');
    const cut = tarEntries(Readable.from([WHOLE.subarray(0, 514)]));
    const { value } = await cut.next();
    await expect(value!.bytes()).rejects.toThrow('it ends early');
  });

  it('refuses content that is asked for too late', async () => {
    const entries = tarEntries(Readable.from([A, CONTENT, header({ path: 'b' }), TAR_END]));
    const { value } = await entries.next();
    await entries.next();
    await expect(value!.bytes()).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(buffer(value!.content)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await entries.return(undefined);
  });

  it('destroys the stream where the loop is left', async () => {
    const stream = Readable.from([WHOLE]);
    for await (const { header } of tarEntries(stream)) {
      expect(header.path).toBe('a');
      break;
    }
    expect(stream.destroyed).toBe(true);
  });

  it('stops with the reason of its signal', async () => {
    const reason = new Error('enough');
    await expect(read(WHOLE, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it('passes on the error of its stream', async () => {
    async function* broken(): AsyncGenerator<Buffer> {
      yield WHOLE.subarray(0, 514);
      throw new Error('reset');
    }
    const entries = tarEntries(Readable.from(broken()));
    const { value } = await entries.next();
    await expect(buffer(value!.content)).rejects.toThrow('reset');
    await expect(entries.next()).rejects.toThrow('reset');
  });
});

async function read(bytes: Buffer, options: TarOptions = {}): Promise<string[]> {
  const paths: string[] = [];
  for await (const { header, content } of tarEntries(Readable.from([bytes]), options)) {
    paths.push(header.path);
    expect((await buffer(content)).byteLength).toBe(header.size);
  }
  return paths;
}

function header(entry: Partial<TreeEntry>): Buffer {
  return tarHeader({ path: '', type: 'file', size: 0, mode: 0o644, uid: 0, gid: 0, mtime: 0, ...entry });
}

function pax(records: Readonly<Record<string, string>>): Buffer {
  const lines = Object.entries(records).map(([key, value]) => {
    const rest = ` ${key}=${value}\n`;
    return `${rest.length + 2}${rest}`;
  });
  return paxOf(Buffer.from(lines.join('')));
}

function paxOf(records: Buffer): Buffer {
  return Buffer.concat([
    typed(header({ path: 'pax', size: records.length }), 'x'),
    records,
    Buffer.alloc(512 - records.length),
  ]);
}

/** The first block of a header with another type, and the checksum that goes with it. */
function typed(bytes: Buffer, type: string): Buffer {
  const block = Buffer.from(bytes);
  block.write(type, 156);
  block.fill(' ', 148, 156);
  const sum = block.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
