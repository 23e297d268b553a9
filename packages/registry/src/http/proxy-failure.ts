/** A proxy that does not do what it is asked. */

import { KubecrateError, redactUrl } from '@kubecrate/errors';

export interface ProxyRefusal {
  readonly proxy: URL;
  /** The environment variable that names it. */
  readonly variable: string;
  /** What it was asked for: `a tunnel to registry.example.com:443`. */
  readonly what: string;
  readonly status: number;
}

/** The error for a refusal that is the proxy's own, and not that of the host behind it. */
export function proxyRefusal({ proxy, variable, what, status }: ProxyRefusal): KubecrateError {
  return new KubecrateError('NETWORK', `proxy ${redactUrl(proxy)} refused ${what}: ${status}`, {
    hint: status === UNKNOWN_USER ? loginHint(proxy, variable) : `check ${variable}, or add the host to NO_PROXY`,
  });
}

/** 407: the proxy wants to know who asks. */
export const UNKNOWN_USER = 407;

function loginHint({ username, host, protocol }: URL, variable: string): string {
  return username === ''
    ? `the proxy wants a user and a password: put them into ${variable}, as ${protocol}//USER:PASSWORD@${host}`
    : `the proxy does not take the user and the password that are in ${variable}`;
}
