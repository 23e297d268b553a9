/** Reads numbers as Go's strconv does; undefined where Go gives an error. */

/** ParseInt(text, base, 64). Base 0 takes the base from the prefix and allows underscores. */
export function parseInt64(text: string, base: 0 | 8 | 10): bigint | undefined {
  const sign = /^[-+]/.exec(text)?.[0] ?? '';
  const magnitude = parseMagnitude(text.slice(sign.length), base);
  if (magnitude === undefined) return undefined;
  const value = sign === '-' ? -magnitude : magnitude;
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

/** ParseUint(text, base, 64): no sign at all. */
export function parseUint64(text: string, base: 0 | 8 | 10): bigint | undefined {
  const value = parseMagnitude(text, base);
  return value !== undefined && BigInt.asUintN(64, value) === value ? value : undefined;
}

/** ParseFloat(text, 64). Beyond the range of float64 Go gives an error, and this undefined. */
export function parseFloat64(text: string): number | undefined {
  const special = SPECIAL.get(text.toLowerCase());
  if (special !== undefined) return special;
  const clean = withoutUnderscores(text);
  if (clean === undefined) return undefined;
  if (/^[-+]?0[xX]/.test(clean)) return parseHexFloat(clean);
  if (!/^[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/.test(clean)) return undefined;
  const value = Number(clean);
  return Number.isFinite(value) ? value : undefined;
}

function parseMagnitude(text: string, base: 0 | 8 | 10): bigint | undefined {
  if (base !== 0) {
    const digits = base === 8 ? /^[0-7]+$/ : /^[0-9]+$/;
    if (!digits.test(text)) return undefined;
    return BigInt(base === 8 ? `0o${text}` : text);
  }
  const clean = withoutUnderscores(text);
  if (clean === undefined) return undefined;
  if (/^0[xX][0-9a-fA-F]+$|^0[oO][0-7]+$|^0[bB][01]+$/.test(clean)) return BigInt(clean.toLowerCase());
  if (/^0[0-7]+$/.test(clean)) return BigInt(`0o${clean.slice(1)}`);
  return /^(?:0|[1-9][0-9]*)$/.test(clean) ? BigInt(clean) : undefined;
}

/** Underscores stand between digits, or between the prefix and a digit. */
function withoutUnderscores(text: string): string | undefined {
  if (!text.includes('_')) return text;
  const valid =
    /^[-+]?(?:0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO]?(?:_?[0-7])*|[0-9](?:_?[0-9])*)(?:[.eEpP].*)?$/;
  if (!valid.test(text) || /__|_$|_[.eEpP]|[.eEpP]_/.test(text.replace(/^[-+]?0[xX]/, ''))) return undefined;
  return text.replaceAll('_', '');
}

function parseHexFloat(text: string): number | undefined {
  const parts = /^([-+]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?[pP]([-+]?[0-9]+)$/.exec(text);
  const digits = `${parts?.[2] ?? ''}${parts?.[3] ?? ''}`;
  if (parts === null || digits === '') return undefined;
  const exponent = Number(parts[4]) - 4 * (parts[3] ?? '').length;
  const value = Number(BigInt(`0x${digits}`)) * 2 ** exponent;
  if (!Number.isFinite(value)) return undefined;
  return parts[1] === '-' ? -value : value;
}

const SPECIAL: ReadonlyMap<string, number> = new Map([
  ...['inf', '+inf', 'infinity', '+infinity'].map((name) => [name, Number.POSITIVE_INFINITY] as const),
  ...['-inf', '-infinity'].map((name) => [name, Number.NEGATIVE_INFINITY] as const),
  ['nan', Number.NaN],
]);
