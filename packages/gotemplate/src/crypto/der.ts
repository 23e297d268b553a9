/** DER, the encoding of keys and certificates: as much of it as they need. */

/** One element as it is read: its tag, its content, and all of its bytes. */
export interface DerElement {
  readonly tag: number;
  readonly content: Buffer;
  readonly whole: Buffer;
}

export const SEQUENCE = 0x30;

/** An element with this tag around the parts. */
export function element(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(tag), lengthOf(content.length), content]);
}

export function sequence(...parts: readonly Uint8Array[]): Buffer {
  return element(SEQUENCE, ...parts);
}

/** A non-negative integer. */
export function integer(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return element(0x02, (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
}

/** An object identifier, `1.2.840.113549.1.1.11`. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return element(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

export function octetString(content: Uint8Array): Buffer {
  return element(0x04, content);
}

/** A bit string; `unused` bits at the end do not count. */
export function bitString(content: Uint8Array, unused = 0): Buffer {
  return element(0x03, Buffer.of(unused), content);
}

export function boolean(value: boolean): Buffer {
  return element(0x01, Buffer.of(value ? 0xff : 0));
}

/** A name as Go writes it: PrintableString where its characters allow, else UTF8String. */
export function text(value: string): Buffer {
  return element(/^[A-Za-z0-9 '()+,./:=?-]*$/.test(value) ? 0x13 : 0x0c, Buffer.from(value, 'utf8'));
}

/** A time to the second: UTCTime before 2050, GeneralizedTime from then on. */
export function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/[-:T]|\.\d+/g, '');
  const year = date.getUTCFullYear();
  return year >= 1950 && year < 2050 ? element(0x17, Buffer.from(digits.slice(2))) : element(0x18, Buffer.from(digits));
}

/** The elements in a content, in order; undefined where it is not DER. */
export function readElements(content: Buffer): DerElement[] | undefined {
  const elements: DerElement[] = [];
  for (let at = 0; at < content.length; ) {
    const tag = content[at] ?? 0;
    const lead = content[at + 1];
    if (lead === undefined) return undefined;
    const extra = lead < 0x80 ? 0 : lead & 0x7f;
    if (extra > 4 || at + 2 + extra > content.length) return undefined;
    const length = extra === 0 ? lead : content.readUIntBE(at + 2, extra);
    const start = at + 2 + extra;
    if (start + length > content.length) return undefined;
    elements.push({
      tag,
      content: content.subarray(start, start + length),
      whole: content.subarray(at, start + length),
    });
    at = start + length;
  }
  return elements;
}

/** A PEM block of the type, with lines of 64 characters. */
export function pem(type: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${type}-----\n${lines.join('\n')}\n-----END ${type}-----\n`;
}

/** The first PEM block in a text, or undefined. */
export function readPem(source: string): { readonly type: string; readonly der: Buffer } | undefined {
  const block = /-----BEGIN ([^\r\n]*?)-----\r?\n([A-Za-z0-9+/=\s]*?)-----END \1-----/.exec(source);
  if (block === null) return undefined;
  return { type: block[1] ?? '', der: Buffer.from(block[2] ?? '', 'base64') };
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  const hex = length.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return Buffer.concat([Buffer.of(0x80 | bytes.length), bytes]);
}

function base128(value: number): number[] {
  const septets = [value & 0x7f];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
    septets.unshift((rest & 0x7f) | 0x80);
  }
  return septets;
}
