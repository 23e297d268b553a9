/** Where a Docker-compatible engine answers. */

import { KubecrateError } from '@kubecrate/errors';

/** A socket of this machine, or a host, over TLS where there are certificates (PEM). */
export type EngineAddress =
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'host'; readonly host: string; readonly port: number; readonly tls?: EngineTls | undefined };

export interface EngineTls {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/**
 * Reads a value as `DOCKER_HOST` has it: `unix:///run/docker.sock`, `tcp://10.0.0.1:2375`; a path alone is a socket.
 * @throws KubecrateError INVALID_ARGUMENT
 */
export function parseEngineAddress(text: string, tls?: EngineTls): EngineAddress {
  if (text.startsWith('/')) return { kind: 'socket', path: text };
  if (text.startsWith('unix://') && text.length > 'unix://'.length) return { kind: 'socket', path: text.slice(7) };
  const [, scheme, host, port] = HOST.exec(text) ?? [];
  if (host === undefined) {
    throw new KubecrateError('INVALID_ARGUMENT', `cannot parse the engine's address ${JSON.stringify(text)}`, {
      hint: 'write it as unix:///path/to/docker.sock or tcp://host:port',
    });
  }
  const secure = tls ?? (scheme === 'https' ? {} : undefined);
  const usual = secure === undefined ? 2375 : 2376;
  return {
    kind: 'host',
    host: host.replace(/^\[|\]$/g, ''),
    port: port === undefined ? usual : Number(port),
    ...(secure === undefined ? {} : { tls: secure }),
  };
}

/** For people. */
export function formatEngineAddress(address: EngineAddress): string {
  return address.kind === 'socket' ? `unix://${address.path}` : `tcp://${address.host}:${address.port}`;
}

const HOST = /^(tcp|http|https):\/\/(\[[0-9a-fA-F:]+\]|[A-Za-z0-9_.-]+)(?::(\d{1,5}))?\/?$/;
