/** One request and its answer, as they go over the wire. */

import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { Pour } from '@kubecrate/content';
import type { TlsOptions } from '../config/certificates.ts';

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A body that can be sent again is bytes; a stream is sent once, and so is what is poured. */
export type RequestBody =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'poured'; readonly pour: Pour; readonly size: number }
  | { readonly kind: 'stream'; readonly stream: Readable; readonly size: number };

export interface WireRequest {
  readonly method: Method;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: RequestBody | undefined;
  /** Overrides what certs.d says for the host: from hosts.toml. */
  readonly tls?: TlsOptions | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What every answer has, whichever door it came through. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

/** An answer whose body is read, or drained, by whoever has it. */
export interface StreamedAnswer extends Answer {
  readonly body: Readable;
}

/** True for a body that can be sent once. */
export function isSentOnce(body: RequestBody | undefined): boolean {
  return body !== undefined && body.kind !== 'bytes';
}

/** Sends one request: no authentication, no redirect, no second attempt. */
export type Exchange<A extends Answer> = (request: WireRequest) => Promise<A>;

/** One header as text; of a header that came several times, the first. */
export function headerOf(answer: Answer, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** The media type of an answer without its parameters, in lower case. */
export function mediaTypeOf(answer: Answer): string {
  return (headerOf(answer, 'content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** A header that is a number of bytes, or undefined where it is absent or no such number. */
export function bytesHeader(answer: Answer, name: string): number | undefined {
  const text = headerOf(answer, name);
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
