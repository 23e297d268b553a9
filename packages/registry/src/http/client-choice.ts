/** Which of several client certificates a host takes: they are shown one after the other until it refuses none. */

import { hasCode, systemCode } from '@kubecrate/errors';
import type { TlsOptions } from '../config/certificates.ts';
import { ClientRefusedError } from './tls-failure.ts';
import { type Answer, type Exchange, isSentOnce } from './wire.ts';

/** The options for one host, once for each certificate there is for it. */
interface Candidates {
  readonly all: readonly TlsOptions[];
  readonly refused: Set<TlsOptions>;
  current: TlsOptions;
}

/** What one client has learned about the certificates it shows, for both doors. */
export class ClientChoice {
  readonly #candidates = new WeakMap<TlsOptions, Candidates>();

  /** The options with the certificate to show now. */
  current(tls: TlsOptions): TlsOptions {
    return this.#candidatesOf(tls)?.current ?? tls;
  }

  /**
   * Learns from a failure. 'another': the same request is worth sending again with another certificate.
   * Some servers close the connection where others say that they refuse: then another one has its turn at the next attempt, if there is one.
   */
  learn(error: unknown, shown: TlsOptions): 'another' | 'nothing' {
    const candidates = this.#candidatesOf(shown);
    if (candidates === undefined) return 'nothing';
    const { all, refused } = candidates;
    if (error instanceof ClientRefusedError) refused.add(shown);
    else if (!wasClosed(error)) return 'nothing';
    const at = all.indexOf(shown) + 1;
    const next = [...all.slice(at), ...all.slice(0, at)].find((candidate) => !refused.has(candidate));
    if (next === undefined) return 'nothing';
    candidates.current = next;
    return error instanceof ClientRefusedError ? 'another' : 'nothing';
  }

  #candidatesOf(tls: TlsOptions): Candidates | undefined {
    const { client, otherClients = [] } = tls;
    if (client === undefined || otherClients.length === 0) return undefined;
    const found = this.#candidates.get(tls);
    if (found !== undefined) return found;
    const clients = [client, ...otherClients];
    const all = clients.map((own) => ({ ...tls, client: own, otherClients: clients.filter((one) => one !== own) }));
    const made: Candidates = { all, refused: new Set(), current: all[0] ?? tls };
    for (const options of [tls, ...all]) this.#candidates.set(options, made);
    return made;
  }
}

export interface ShowingOptions {
  readonly clients: ClientChoice;
  readonly tlsOf: (host: string) => Promise<TlsOptions>;
}

/** Sends a request again with another certificate where the one shown is refused; content that is streamed cannot be sent again. */
export function showingEach<A extends Answer>({ clients, tlsOf }: ShowingOptions, exchange: Exchange<A>): Exchange<A> {
  return async (request) => {
    const { url, body, signal } = request;
    signal?.throwIfAborted();
    if (url.protocol !== 'https:') return exchange({ ...request, tls: undefined });
    const tls = request.tls ?? (await tlsOf(url.host));
    for (;;) {
      const shown = clients.current(tls);
      try {
        return await exchange({ ...request, tls: shown });
      } catch (error) {
        if (clients.learn(error, shown) === 'nothing' || isSentOnce(body)) throw error;
      }
    }
  };
}

function wasClosed(error: unknown): boolean {
  const code = hasCode(error, 'NETWORK') ? systemCode(error.cause) : undefined;
  return code === 'ECONNRESET' || code === 'EPIPE';
}
