/** The type and value that go-yaml v2 gives a plain scalar (YAML 1.1 with its own freedoms). */

/** `int` is a bigint within int64 or uint64; a date is recognised and stays text. */
export type Resolved =
  | { readonly type: 'null'; readonly value: null }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'int'; readonly value: bigint }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'timestamp' | 'string'; readonly value: string };

/** Decides by the text alone, as for a plain scalar without a tag. */
export function resolveScalar(text: string): Resolved {
  const word = text.length <= LONGEST_WORD ? WORDS.get(text) : undefined;
  if (word !== undefined) return word;
  const first = text.charCodeAt(0);
  if (first === DOT) {
    const value = parseFloatLiteral(text);
    return value === undefined ? { type: 'string', value: text } : { type: 'float', value };
  }
  if (!(first === PLUS || first === MINUS || (first >= ZERO && first <= NINE))) return { type: 'string', value: text };
  if (isTimestamp(text)) return { type: 'timestamp', value: text };
  const plain = text.replaceAll('_', '');
  const int = parseInteger(plain);
  if (int !== undefined) return { type: 'int', value: int };
  if (FLOAT.test(plain)) {
    const value = Number(plain);
    if (Number.isFinite(value)) return { type: 'float', value };
  }
  return { type: 'string', value: text };
}

/** True for the old notation `12:30` of base 60, which go-yaml reads as text and writes in quotes. */
export function isBase60(text: string): boolean {
  return BASE_60.test(text);
}

/** An integer as Go's `ParseInt` and `ParseUint` read it with base 0. */
function parseInteger(text: string): bigint | undefined {
  const match = INTEGER.exec(text);
  if (match === null) return undefined;
  const [, sign, digits = ''] = match;
  if (digits.length > MAX_DIGITS && !/^0+[0-7]{0,22}$/.test(digits)) return undefined;
  const literal = /^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits;
  const magnitude = BigInt(literal.toLowerCase());
  if (sign === '-') return magnitude <= 2n ** 63n ? -magnitude : undefined;
  if (sign === '+') return magnitude < 2n ** 63n ? magnitude : undefined;
  return magnitude < 2n ** 64n ? magnitude : undefined;
}

/** A number that starts with a point, as Go's `ParseFloat` reads it. */
function parseFloatLiteral(text: string): number | undefined {
  if (!/^\.[0-9]+([eE][-+]?[0-9]+)?$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

function isTimestamp(text: string): boolean {
  const match = TIMESTAMP.exec(text);
  if (match === null) return false;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const longest = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return month >= 1 && month <= 12 && day >= 1 && day <= longest && hour < 24 && minute < 60 && second < 60;
}

/** More than any integer of 64 bits has, in whatever base. */
const MAX_DIGITS = 66;

const INTEGER = /^([-+]?)(0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*)$/;
const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const BASE_60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
const TIMESTAMP =
  /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[Tt]([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?(?:Z|[-+][0-9]{2}:[0-9]{2})| ([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?)?$/;

const WORDS: ReadonlyMap<string, Resolved> = new Map([
  ...words(['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'], { type: 'bool', value: true }),
  ...words(['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'], {
    type: 'bool',
    value: false,
  }),
  ...words(['', '~', 'null', 'Null', 'NULL'], { type: 'null', value: null }),
  ...words(['.nan', '.NaN', '.NAN'], { type: 'float', value: Number.NaN }),
  ...words(['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'], { type: 'float', value: Number.POSITIVE_INFINITY }),
  ...words(['-.inf', '-.Inf', '-.INF'], { type: 'float', value: Number.NEGATIVE_INFINITY }),
]);

/** `false` has this many letters. */
const LONGEST_WORD = 5;

function words(names: readonly string[], resolved: Resolved): [string, Resolved][] {
  return names.map((name) => [name, resolved]);
}

const PLUS = 0x2b;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
