/** Small tar archives for fixtures (POSIX ustar), written apart from the tar code they help to test. */

/** Content by path; a path that ends in `/` is a directory, `{ linkTarget }` a symbolic link. */
export type TarFixture = Readonly<Record<string, string | Uint8Array | { readonly linkTarget: string }>>;

/** An archive of these entries, in the order given: owner 0, time 0, mode 0755 for directories and 0644 for files. */
export function tarOf(entries: TarFixture): Buffer {
  const blocks = Object.entries(entries).flatMap(([path, entry]) => {
    if (typeof entry === 'object' && 'linkTarget' in entry) return [header(path, '2', 0, entry.linkTarget)];
    if (path.endsWith('/')) return [header(path, '5', 0)];
    const content = Buffer.from(entry);
    return [header(path, '0', content.byteLength), content, Buffer.alloc((512 - (content.byteLength % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

function header(path: string, type: '0' | '2' | '5', size: number, linkTarget = ''): Buffer {
  if (Buffer.byteLength(path) > 100) throw new RangeError(`a path of a fixture has at most 100 bytes: ${path}`);
  const block = Buffer.alloc(512);
  block.write(path, 0);
  block.write(type === '5' ? '0000755\0' : '0000644\0', 100);
  block.write('0000000\0'.repeat(2), 108);
  block.write(`${size.toString(8).padStart(11, '0')}\0${'0'.repeat(11)}\0`, 124);
  block.write('        ', 148);
  block.write(type, 156);
  block.write(linkTarget, 157);
  block.write('ustar\x0000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
