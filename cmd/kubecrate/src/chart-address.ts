/** Where a chart is in a registry: `oci://HOST/PATH`, as Helm writes it. */

import { KubecrateError } from '@kubecrate/errors';
import type { Reference } from '@kubecrate/oci';
import { parseReferenceArgument } from './arguments.ts';

/** A chart without its host: `oci://registry.example.com/charts/mysql`. */
export type ChartAddress = Omit<Reference, 'tag' | 'digest'> & Pick<Reference, 'tag' | 'digest'>;

/**
 * Reads the address of a chart; with `name`, `text` is what its name is put behind.
 * @throws KubecrateError USAGE
 */
export function parseChartAddress(text: string, name?: string): ChartAddress {
  const refuse = (reason: string): never => {
    throw new KubecrateError('USAGE', `cannot read ${JSON.stringify(text)}: ${reason}`, {
      hint: 'write oci://HOST/PATH, for example oci://registry.example.com/helm-charts',
    });
  };
  if (!text.startsWith('oci://')) return refuse('it does not begin with oci://');
  const rest = text.slice('oci://'.length).replace(/\/+$/, '');
  const host = rest.split('/', 1)[0] ?? '';
  const reference = parseReferenceArgument(name === undefined ? rest : `${rest}/${name}`);
  // Docker takes a first part without a dot for a user of its own registry; after oci:// it is always a host.
  if (host.toLowerCase() !== reference.domain) return refuse(`${JSON.stringify(host)} is no registry host`);
  return reference;
}
