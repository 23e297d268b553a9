/** Where images were found, each place in a line. */

import type { Provenance } from '@kubecrate/discovery';
import { formatTable } from './text.ts';

/** The places of an image, with the rule that found it there and the chart. */
export function formatPlaces(places: readonly Provenance[]): string {
  return formatTable(
    places.map((place) => {
      const { rule, chart } = place;
      const of = chart === undefined ? [] : [`${chart.name} ${chart.version}`];
      return ['  ', formatProvenance(place), rule, ...of];
    }),
  );
}

/** `charts/mysql/templates/statefulset.yaml:12 StatefulSet/mysql spec.template.spec.containers[0].image` */
function formatProvenance({ file, line, object, path }: Provenance): string {
  const where = object === undefined ? '' : ` ${object.kind}/${object.name}`;
  return `${file}${line === undefined ? '' : `:${line}`}${where}${path === undefined ? '' : ` ${path}`}`;
}
