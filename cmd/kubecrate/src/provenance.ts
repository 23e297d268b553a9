/** Where an image was found, in a line. */

import type { Provenance } from '@kubecrate/discovery';

/** `charts/mysql/templates/statefulset.yaml:12 StatefulSet/mysql spec.template.spec.containers[0].image` */
export function formatProvenance({ file, line, object, path }: Provenance): string {
  const where = object === undefined ? '' : ` ${object.kind}/${object.name}`;
  return `${file}:${line}${where}${path === undefined ? '' : ` ${path}`}`;
}
