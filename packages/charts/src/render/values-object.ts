/** `.Values`: a map of values with the methods of Helm's `chartutil.Values`. */

import { GoError, type GoMap, type GoMethod, type GoType, Typed } from '@kubecrate/gotemplate';
import { scalarAt, tableAt } from '../values/tables.ts';
import { mustToYaml } from './to-yaml.ts';

/** The values as a template sees them; what it sets in them, the map has. */
export function valuesObject(values: GoMap): Typed {
  return new Typed(VALUES, values);
}

const METHODS: ReadonlyMap<string, GoMethod> = new Map<string, GoMethod>([
  ['AsMap', { params: [], run: (self) => mapOf(self) }],
  ['YAML', { params: [], run: (self, _, { budget }) => `${mustToYaml(mapOf(self), budget)}\n` }],
  [
    'Table',
    {
      params: ['string'],
      run: (self, [path]) => {
        const table = tableAt(mapOf(self), String(path));
        if (table === undefined) throw new GoError(`${JSON.stringify(lastKey(String(path)))} is not a table`);
        return valuesObject(table);
      },
    },
  ],
  [
    'PathValue',
    {
      params: ['string'],
      run: (self, [path]) => {
        if (path === '') throw new GoError('YAML path cannot be empty');
        const value = scalarAt(mapOf(self), String(path));
        if (value === undefined) throw new GoError(`${JSON.stringify(lastKey(String(path)))} is not a value`);
        return value;
      },
    },
  ],
]);

const VALUES: GoType = { name: 'chartutil.Values', kind: 'map', methods: METHODS };

function mapOf(self: Typed): GoMap {
  return self.value instanceof Map ? self.value : new Map();
}

function lastKey(path: string): string {
  return path.split('.').at(-1) ?? '';
}
