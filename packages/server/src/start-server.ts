/** Starting a registry: the OCI distribution API over any namespace of targets. */

import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import type { Namespace } from '@kubecrate/content';
import { KubecrateError, messageOf, reasonOf, systemCode } from '@kubecrate/errors';
import type { Service } from './api-request.ts';
import { BufferPool } from './buffer-pool.ts';
import { handleRequest } from './handle-request.ts';
import type { ServerOptions, TlsOptions } from './server-options.ts';
import { Uploads } from './uploads.ts';

/** A server that listens, until it is closed or disposed of. */
export interface RunningServer extends AsyncDisposable {
  /** `http://127.0.0.1:5000`, without a slash at its end. */
  readonly url: string;
  /** The address as an image reference has it: `127.0.0.1:5000`. */
  readonly host: string;
  readonly port: number;
  /** Stops listening, cuts the connections and removes unfinished uploads. */
  close(): Promise<void>;
}

/**
 * Serves a namespace. Blobs of a target that is a Locator go out straight from the disk; every other one has to be a BlobResolver.
 * @throws KubecrateError where the address cannot be had or the certificate cannot be read
 */
export async function startServer(namespace: Namespace, options: ServerOptions = {}): Promise<RunningServer> {
  const uploads = new Uploads(options.uploadDirectory ?? tmpdir());
  const service: Service = {
    namespace,
    access: options.access ?? 'read-only',
    uploads,
    buffers: new BufferPool(),
    repositoryFor: options.repositoryFor ?? ((repository) => repository),
  };
  const server = serverFor(options.tls, (incoming, response) => {
    // It answers every failure itself; what is left is a listener of events that throws.
    handleRequest(service, incoming, response, options).catch(() => response.destroy());
  });
  server.maxConnections = options.maxConnections ?? 1024;
  server.setTimeout(options.idleTimeoutMs ?? 60_000);
  const { address, port } = await listen(server, options.host ?? '127.0.0.1', options.port ?? 0);
  const host = `${address.includes(':') ? `[${address}]` : address}:${port}`;
  const close = async (): Promise<void> => {
    if (server.listening) {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    }
    await uploads[Symbol.asyncDispose]();
  };
  const scheme = options.tls === undefined ? 'http' : 'https';
  return { url: `${scheme}://${host}`, host, port, close, [Symbol.asyncDispose]: close };
}

function serverFor(tls: TlsOptions | undefined, listener: RequestListener): Server {
  if (tls === undefined) return createServer(TIMEOUTS, listener);
  const { cert, key, clientCa } = tls;
  const clients = clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true };
  try {
    return createTlsServer({ ...TIMEOUTS, cert, key, ...clients, minVersion: 'TLSv1.2' }, listener);
  } catch (cause) {
    throw new KubecrateError('TLS', `cannot use the certificate of the server: ${messageOf(cause)}`, {
      cause,
      hint: 'give a certificate and the key that belongs to it, both as PEM',
    });
  }
}

async function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const code = systemCode(cause) ?? '';
    throw new KubecrateError(
      code === 'EADDRINUSE' ? 'IN_USE' : 'NETWORK',
      `cannot listen on ${host}:${port}: ${reasonOf(cause)}`,
      {
        cause,
        hint: LISTEN_HINTS[code] ?? 'choose an address of this machine',
      },
    );
  }
  return server.address() as AddressInfo;
}

const LISTEN_HINTS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there; choose another port',
  EACCES: 'ports below 1024 are for root; choose another one',
};

/** A client has so long to send its headers; a body may take as long as it likes while it keeps coming. Milliseconds. */
const TIMEOUTS = { headersTimeout: 10_000, requestTimeout: 0, connectionsCheckingInterval: 5_000, noDelay: true };
