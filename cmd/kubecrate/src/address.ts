/** `HOST:PORT`, as `--addr` takes it. */

import { KubecrateError } from '@kubecrate/errors';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Reads `127.0.0.1:5000`, `[::1]:5000`, `:5000` (all addresses) or `5000`. @throws KubecrateError USAGE */
export function parseAddress(text: string): Address {
  const [, bracketed, host = bracketed ?? '', digits = ''] =
    /^(?:(?:\[([0-9a-fA-F:.]+)\]|([^:[\]/]*)):)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === '' || port > 65_535) {
    throw new KubecrateError('USAGE', `cannot read the address ${JSON.stringify(text)}`, {
      hint: 'for example 127.0.0.1:5000 or [::1]:5000',
    });
  }
  if (host === '') return { host: text.startsWith(':') ? '::' : '127.0.0.1', port };
  return { host, port };
}

/** True for an address that only this machine reaches. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
