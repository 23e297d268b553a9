/** One request, read as far as every endpoint needs it, and the plain ways to answer it. */

import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Namespace } from '@kubecrate/content';
import type { BufferPool } from './buffer-pool.ts';
import type { Uploads } from './uploads.ts';

/** What all requests of one server share. */
export interface Service {
  readonly namespace: Namespace;
  readonly access: 'read-only' | 'writable';
  readonly uploads: Uploads;
  readonly buffers: BufferPool;
  readonly repositoryFor: (repository: string, ns: string | undefined) => string;
}

export interface ApiRequest {
  readonly service: Service;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

/** Answers without a body. */
export function answerEmpty({ response }: ApiRequest, status: number, headers: OutgoingHttpHeaders = {}): void {
  const length = status === 204 || status === 304 ? {} : { 'content-length': 0 };
  response.writeHead(status, { ...headers, ...length }).end();
}

/** Answers with JSON; to a HEAD request with its headers alone. */
export function answerJson(
  request: ApiRequest,
  status: number,
  value: object,
  headers: OutgoingHttpHeaders = {},
): void {
  answerBytes(request, status, Buffer.from(`${JSON.stringify(value)}\n`), { 'content-type': JSON_TYPE, ...headers });
}

/** Answers with bytes that are in memory; to a HEAD request with its headers alone. */
export function answerBytes(
  { method, response }: ApiRequest,
  status: number,
  bytes: Buffer,
  headers: OutgoingHttpHeaders,
): void {
  response.writeHead(status, { ...headers, 'content-length': bytes.byteLength });
  response.end(method === 'HEAD' ? undefined : bytes);
}

/** True where the client has the content of this entity tag already (RFC 9110, section 13.1.2). */
export function hasEntity({ incoming }: ApiRequest, etag: string): boolean {
  const header = incoming.headers['if-none-match'];
  if (header === undefined) return false;
  return header.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);
}

const JSON_TYPE = 'application/json';
