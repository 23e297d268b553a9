/** Archives of one image, and everything that can be wrong with one. */

import { gzipSync } from 'node:zlib';
import { image, tarOf } from '@kubecrate/content/testing';
import { hexOf } from '@kubecrate/oci';

/** The image of every archive here. */
export const app = image({ seed: 'archived', layers: [{ seed: 'archived', size: 40_000 }] });

const blobPath = (digest: string): string => `blobs/sha256/${digest.slice('sha256:'.length)}`;

/** The files of a good OCI archive of `example.com/app:1`. */
export function layoutFiles(): Record<string, string | Uint8Array> {
  const { mediaType, digest, size } = app.descriptor;
  const annotations = { 'io.containerd.image.name': 'example.com/app:1', 'org.opencontainers.image.ref.name': '1' };
  const index = { schemaVersion: 2, manifests: [{ mediaType, digest, size, annotations }] };
  return {
    'oci-layout': '{"imageLayoutVersion":"1.0.0"}',
    'index.json': JSON.stringify(index),
    ...Object.fromEntries([app, ...app.blobs].map(({ descriptor, bytes }) => [blobPath(descriptor.digest), bytes])),
  };
}

/** One entry of a tar, as it stands there, whatever it says. */
export interface RawEntry {
  readonly path: string;
  /** `0` a file, `1` a hard link, `2` a symbolic link, `3` a device, `5` a directory, `6` a FIFO. Default `0`. */
  readonly type?: string;
  readonly content?: string | Uint8Array;
  readonly linkTarget?: string;
  /** What the header says in place of the true size. */
  readonly size?: number;
}

/** The bytes of entries without the end of a tar. */
export function entriesOf(entries: readonly RawEntry[]): Buffer {
  return Buffer.concat(entries.flatMap(entryBytes));
}

function entryBytes({ path, type = '0', content = '', linkTarget = '', size }: RawEntry): Buffer[] {
  const bytes = Buffer.from(content);
  const header = Buffer.alloc(512);
  header.write(path, 0, 100);
  header.write('0000644\0'.repeat(1), 100);
  header.write('0000000\0'.repeat(2), 108);
  header.write(`${(size ?? bytes.byteLength).toString(8).padStart(11, '0')}\0${'0'.repeat(11)}\0`, 124);
  header.write(' '.repeat(8), 148);
  header.write(type, 156);
  header.write(linkTarget, 157, 100);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return [header, bytes, Buffer.alloc((512 - (bytes.byteLength % 512)) % 512)];
}

/** A good archive with these entries before its own. */
function preceded(...entries: readonly RawEntry[]): Buffer {
  return Buffer.concat([entriesOf(entries), tarOf(layoutFiles())]);
}

/** A good archive with one of its files replaced. */
function replacing(path: string, change: (bytes: Buffer) => string | Uint8Array): Buffer {
  const files = layoutFiles();
  return tarOf({ ...files, [path]: change(Buffer.from(files[path] ?? '')) });
}

function flipped(bytes: Buffer): Buffer {
  bytes.writeUInt8(bytes.readUInt8(bytes.byteLength >> 1) ^ 1, bytes.byteLength >> 1);
  return bytes;
}

const layer = app.layers[0]!.descriptor;
const config = app.config.descriptor;
const good = tarOf(layoutFiles());

/** What is wrong, the archive, and what has to be said of it. */
export const DAMAGED: readonly (readonly [title: string, archive: Buffer, says: string | RegExp])[] = [
  ['an empty file', Buffer.alloc(0), /ends early|no image archive/],
  ['no archive at all', Buffer.from('not a tar\n'.repeat(200)), 'tar archive'],
  ['one that is cut off in a layer', good.subarray(0, good.byteLength - 20_000), 'ends early'],
  ['one that is cut off in a header', good.subarray(0, 700), 'ends early'],
  ['one without its end', good.subarray(0, good.byteLength - 1024), 'ends early'],
  ['a packed one that is cut off', gzipSync(good).subarray(0, -5000), /ends early|cut off/],
  ['a packed one that is damaged', flipped(Buffer.from(gzipSync(good))), /damaged|wrong|unpack|ends early/],
  ['one without an image', tarOf({ file: '' }), 'index.json'],
  ['one whose index is no JSON', replacing('index.json', () => '{'), 'index.json'],
  ['one whose index is something else', replacing('index.json', () => '{"schemaVersion":2,"layers":[]}'), 'index.json'],
];

/** Archives whose headers are good and whose content is not. */
export const TAMPERED: readonly (readonly [title: string, archive: Buffer, says: string | RegExp])[] = [
  ['a flipped bit in a layer', replacing(blobPath(layer.digest), flipped), layer.digest],
  ['a flipped bit in the configuration', replacing(blobPath(config.digest), flipped), config.digest],
  [
    'a manifest that was changed',
    replacing(blobPath(app.descriptor.digest), (bytes) => bytes.toString().replace(/"size":\d/, '"size":7')),
    app.descriptor.digest,
  ],
  ['a layer that is shorter', replacing(blobPath(layer.digest), (bytes) => bytes.subarray(1)), layer.digest],
  [
    'a layer that is missing',
    tarOf(Object.fromEntries(Object.entries(layoutFiles()).filter(([path]) => !path.includes(hexOf(layer.digest))))),
    layer.digest,
  ],
];

/** Archives that were made to do harm. */
export const HOSTILE: readonly (readonly [title: string, archive: Buffer, says: string | RegExp])[] = [
  ['an absolute path', preceded({ path: '/etc/cron.d/evil', content: 'evil' }), '/etc/cron.d/evil'],
  ['a path that climbs out', preceded({ path: '../../evil', content: 'evil' }), '../../evil'],
  ['a path that climbs out in the middle', preceded({ path: 'a/../../evil', content: 'evil' }), 'a/../../evil'],
  ['a symbolic link that leads out', preceded({ path: 'link', type: '2', linkTarget: '/etc/passwd' }), '/etc/passwd'],
  [
    'a hard link that leads out',
    preceded({ path: 'link', type: '1', linkTarget: '../../etc/passwd' }),
    '../../etc/passwd',
  ],
  ['a device', preceded({ path: 'sda', type: '4' }), 'sda'],
  ['a FIFO', preceded({ path: 'fifo', type: '6' }), 'fifo'],
  ['a file twice', preceded({ path: 'index.json', content: '{}' }), '"index.json" twice'],
  ['a size beyond everything', preceded({ path: 'large', size: 8 ** 11 - 1 }), /ends early|more than/],
  ['links that go round', loops(), 'links'],
  ['an index that does not fit into memory', withHugeIndex(), /index\.json/],
  [
    'a gzip bomb',
    gzipSync(Buffer.concat([entriesOf([{ path: 'zeros', content: Buffer.alloc(200_000_000) }])])),
    'grows',
  ],
];

function loops(): Buffer {
  const { 'index.json': _, ...files } = layoutFiles();
  const links = [
    { path: 'index.json', type: '2', linkTarget: 'other.json' },
    { path: 'other.json', type: '2', linkTarget: 'index.json' },
  ];
  return Buffer.concat([entriesOf(links), tarOf(files)]);
}

function withHugeIndex(): Buffer {
  return replacing('index.json', (bytes) => Buffer.concat([bytes, Buffer.alloc(65 * 1024 * 1024, ' ')]));
}
