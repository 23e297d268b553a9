/** Structs of Go with the names that their fields have in JSON. */

import { elementsOf, entriesOf, type GoType, type GoValue, Typed } from '@kubecrate/gotemplate';

/** A field of a struct. */
export interface JsonField {
  readonly field: string;
  readonly name: string;
  /** As with `omitempty`: an empty value is left out. */
  readonly empty: 'kept' | 'omitted';
}

/** What JSON makes of a struct with these fields, for `GoType.encoded`. */
export function encodeFields(fields: readonly JsonField[]): (self: Typed) => GoValue {
  return (self) => {
    const values = self.value instanceof Map ? self.value : new Map<string, GoValue>();
    const object = new Map<string, GoValue>();
    for (const { field, name, empty } of fields) {
      const value = values.get(field) ?? null;
      if (empty === 'kept' || !isEmpty(value)) object.set(name, value);
    }
    return new Typed(OBJECT, object);
  };
}

/** A struct, not a map, so that the fields keep their order in JSON. */
const OBJECT: GoType = { name: 'struct', kind: 'struct' };

function isEmpty(value: GoValue): boolean {
  if (value === null || value === false || value === '' || value === 0 || value === 0n) return true;
  if (value instanceof Typed && value.value === null) return true;
  return (elementsOf(value)?.length ?? entriesOf(value)?.size) === 0;
}
