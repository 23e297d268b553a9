/** The ordinary door: requests over pools of kept-alive connections, one pool a host. */

import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, createSecureContext } from 'node:tls';
import { systemCode } from '@kubecrate/errors';
import type { TlsOptions } from '../config/certificates.ts';
import { proxyAuthorization, proxyFor, variableOf } from '../config/proxy.ts';
import type { ProxyConfig, Timeouts } from '../config/registry-config.ts';
import { type ClientChoice, showingEach } from './client-choice.ts';
import { connectionFailure, connectTimeout, stallFailure } from './failure.ts';
import { proxyRefusal, UNKNOWN_USER } from './proxy-failure.ts';
import { sendBody } from './send-body.ts';
import { sendPoured } from './send-poured.ts';
import { openTunnel } from './tunnel.ts';
import { isSentOnce, type StreamedAnswer, type WireRequest } from './wire.ts';

export interface ConnectionsOptions {
  readonly proxy: ProxyConfig;
  readonly timeouts: Timeouts;
  readonly connectionsPerHost: number;
  /** How TLS is spoken to a host (`host:port`). */
  readonly tlsOf: (host: string) => Promise<TlsOptions>;
  readonly clients: ClientChoice;
}

/** A registry that was sent content may move it elsewhere before it answers: it gets so many times longer. */
const THINKING = 10;

type Agents = Map<TlsOptions | undefined, http.Agent>;

/** Holds the connections of one client; closed with it. */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #agents = new Map<string, Agents>();

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  /** Sends one request. The answer's body belongs to the caller. @throws TransientError, KubecrateError NETWORK, TLS */
  exchange(request: WireRequest): Promise<StreamedAnswer> {
    return showingEach(this.#options, this.#exchangeOnce.bind(this))(request);
  }

  async #exchangeOnce(request: WireRequest): Promise<StreamedAnswer> {
    const { url, tls, signal } = request;
    try {
      return await this.#send(request, tls, 'first');
    } catch (error) {
      signal?.throwIfAborted();
      throw connectionFailure(error, { url, tls });
    }
  }

  [Symbol.dispose](): void {
    for (const agents of this.#agents.values()) for (const agent of agents.values()) agent.destroy();
    this.#agents.clear();
  }

  async #send(request: WireRequest, tls: TlsOptions | undefined, turn: 'first' | 'second'): Promise<StreamedAnswer> {
    const { url, method, headers, body, signal } = request;
    const agent = this.#agent(url, tls, body?.kind === 'stream' ? 'single' : 'kept');
    const proxy = url.protocol === 'http:' ? proxyFor(url, this.#options.proxy) : undefined;
    const stallMs = this.#options.timeouts.stallMs * (body === undefined ? 1 : THINKING);
    const open = (): http.ClientRequest => {
      const wire = (url.protocol === 'https:' ? https : http).request({
        ...(proxy === undefined ? addressOf(url) : addressOf(proxy)),
        path: proxy === undefined ? `${url.pathname}${url.search}` : `${url.origin}${url.pathname}${url.search}`,
        method,
        headers: { ...headers, host: url.host, ...lengthOf(request), ...proxyAuthorization(proxy) },
        agent,
        signal,
      });
      wire.setTimeout(stallMs, () => wire.destroy(stallFailure(url, stallMs)));
      // From the answer on the body reports failures.
      wire.once('response', () => wire.setTimeout(0).on('error', () => {}));
      return wire;
    };
    const answered = (response: http.IncomingMessage): StreamedAnswer => {
      if (proxy === undefined || response.statusCode !== UNKNOWN_USER) return answerOf(response);
      response.resume();
      const variable = variableOf(url, this.#options.proxy);
      throw proxyRefusal({ proxy, variable, what: `to ask ${url.host}`, status: UNKNOWN_USER });
    };
    if (body?.kind === 'poured') return answered(await sendPoured(body.pour, open));
    const wire = open();
    try {
      return answered(await sendBody(wire, body));
    } catch (error) {
      wire.destroy();
      const stale = wire.reusedSocket && (systemCode(error) === 'ECONNRESET' || systemCode(error) === 'EPIPE');
      if (
        stale &&
        turn === 'first' &&
        !isSentOnce(body) &&
        method !== 'PATCH' &&
        method !== 'POST' &&
        signal?.aborted !== true
      )
        return this.#send(request, tls, 'second');
      throw error;
    }
  }

  /** Streams are sent over fresh connections: they cannot be sent again when a kept one turns out to be closed. */
  #agent(url: URL, tls: TlsOptions | undefined, use: 'kept' | 'single'): http.Agent {
    const key = `${use} ${url.origin}`;
    const agents: Agents = this.#agents.get(key) ?? new Map();
    this.#agents.set(key, agents);
    const found = agents.get(tls);
    if (found !== undefined) return found;
    const made = this.#makeAgent(url, tls, use);
    agents.set(tls, made);
    return made;
  }

  #makeAgent(url: URL, tls: TlsOptions | undefined, use: 'kept' | 'single'): http.Agent {
    const options = {
      keepAlive: use === 'kept',
      maxSockets: this.#options.connectionsPerHost,
      scheduling: 'lifo' as const,
    };
    const agent =
      tls === undefined ? new http.Agent(options) : new https.Agent({ ...options, ...connectionOptions(tls) });
    const { connectMs } = this.#options.timeouts;
    const proxy = url.protocol === 'https:' ? proxyFor(url, this.#options.proxy) : undefined;
    const variable = variableOf(url, this.#options.proxy);
    const dial = (agent as unknown as Dialer).createConnection.bind(agent);
    const overTunnel = (given: ConnectionOptions, done: Dialed): undefined => {
      openTunnel(url, { proxy: proxy as URL, variable }, connectMs).then(
        (socket) => done(null, watch(connectTls({ ...given, socket, ...serverName(url) }), url, connectMs)),
        (error: Error) => done(error),
      );
    };
    const direct = (given: ConnectionOptions): Socket => watch(dial(given), url, connectMs);
    Object.assign(agent, { createConnection: proxy === undefined ? direct : overTunnel });
    return agent;
  }
}

type Dialed = (error: Error | null, socket?: Socket) => void;

/** The part of an agent that opens connections; it is there to be replaced. */
interface Dialer {
  createConnection(options: ConnectionOptions): Socket;
}

/** TLS options as Node takes them. Certificates are parsed here once, and not for every connection. */
function connectionOptions({ verification, ca, client }: TlsOptions): ConnectionOptions {
  return {
    rejectUnauthorized: verification === 'strict',
    secureContext: createSecureContext({
      ...(ca === undefined ? {} : { ca: [...ca] }),
      ...(client === undefined ? {} : { cert: client.cert, key: client.key }),
      ...(client?.passphrase === undefined ? {} : { passphrase: client.passphrase }),
    }),
  };
}

/** Host and port of a URL as `net.connect` takes them. */
export function addressOf(url: URL): { host: string; port: number } {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { host, port: url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port) };
}

function serverName(url: URL): { host: string } {
  return { host: addressOf(url).host };
}

/** Gives a connection up that does not come about in time. */
function answerOf(response: http.IncomingMessage): StreamedAnswer {
  return { status: response.statusCode ?? 0, headers: response.headers, body: response };
}

function watch(socket: Socket, url: URL, milliseconds: number): Socket {
  const timer = setTimeout(() => socket.destroy(connectTimeout(url, milliseconds)), milliseconds);
  const ready = (): void => clearTimeout(timer);
  socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', ready);
  socket.once('close', ready);
  return socket;
}

function lengthOf({ body, method }: WireRequest): Record<string, string> {
  if (body !== undefined)
    return { 'content-length': String(body.kind === 'bytes' ? body.bytes.byteLength : body.size) };
  return method === 'POST' || method === 'PUT' || method === 'PATCH' ? { 'content-length': '0' } : {};
}
