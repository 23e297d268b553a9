/** Servers of tests: each answers as its handler says, however wrong that is. */

import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** May answer at once or later; what it throws is a 500. */
export type Handler = (request: SeenRequest, response: ServerResponse, seen: readonly SeenRequest[]) => unknown;

export interface TestServer extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly host: string;
  readonly port: number;
  /** Everything that was asked, in order. */
  readonly requests: readonly SeenRequest[];
}

/** Starts a server on a free port. The body of each request is read before the handler is called. */
export async function testServer(handler: Handler, tls?: https.ServerOptions): Promise<TestServer> {
  const requests: SeenRequest[] = [];
  const listener = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const body = await buffer(request);
      const seen = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body };
      requests.push(seen);
      await handler(seen, response, requests);
    } catch {
      if (!response.headersSent) response.writeHead(500);
      response.end();
    }
  };
  const server = tls === undefined ? http.createServer(listener) : https.createServer(tls, listener);
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${port}`,
    port,
    requests,
    async [Symbol.asyncDispose](): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Answers with bytes, their length and the headers given. */
export function answer(
  response: ServerResponse,
  status: number,
  body: Uint8Array | string = '',
  headers: Readonly<Record<string, string>> = {},
): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, { 'content-length': String(bytes.byteLength), ...headers });
  response.end(bytes);
}

/** An error body of the distribution API. */
export function apiError(code: string, message: string): string {
  return JSON.stringify({ errors: [{ code, message }] });
}
