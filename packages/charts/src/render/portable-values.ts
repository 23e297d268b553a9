/** Values in the form in which they go to another thread and come back: there an object loses its class. */

import { type GoMap, type GoValue, int64, integerOf, Typed } from '@kubecrate/gotemplate';

/** The values for a message: an `int64`, the only value of its own type that values have (`--set` makes it), goes as bytes. */
export function portable(values: GoMap): GoMap {
  return mapped(values, (value) => {
    const integer = value instanceof Typed ? integerOf(value) : undefined;
    return integer === undefined ? value : new Uint8Array(Buffer.from(integer.toString()));
  });
}

/** The values of a message. */
export function revived(values: GoMap): GoMap {
  return mapped(values, (value) =>
    value instanceof Uint8Array ? int64(BigInt(Buffer.from(value).toString())) : value,
  );
}

function mapped(values: GoMap, change: (value: GoValue) => GoValue): GoMap {
  const convert = (value: GoValue): GoValue => {
    if (value instanceof Map) return mapped(value, change);
    return Array.isArray(value) ? value.map(convert) : change(value);
  };
  return new Map([...values].map(([key, value]) => [key, convert(value)]));
}
