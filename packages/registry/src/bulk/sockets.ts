/** Raw connections of one worker: dialled, read into one buffer that all share, kept while they are idle. */

import net from 'node:net';
import tls from 'node:tls';
import type { WorkerOrigin } from './messages.ts';

/** Who reads a connection, until it lets go of it. */
export interface Reader {
  /** The memory is used again after this returns; after 'pause', once the connection is resumed. */
  bytes(chunk: Buffer): 'more' | 'pause';
  /** The connection stands. */
  connected(): void;
  /** The connection is gone; `error` where it did not just end. */
  closed(error: Error | undefined): void;
}

/** One connection to an origin. */
export interface Line {
  readonly socket: net.Socket;
  readonly key: string;
  /** True where an answer came over it before. */
  used: boolean;
  reader: Reader | undefined;
  /** When it was last let go, in the units of `performance.now()`. */
  idleSince: number;
}

/** Idle connections older than this are not trusted to be open at the other end; milliseconds. */
const IDLE_MS = 4_000;

/** The connections of one worker. */
export class Sockets implements Disposable {
  readonly #bufferFor: () => Buffer;
  readonly #idle = new Map<string, Line[]>();
  readonly #contexts = new Map<string, tls.SecureContext>();
  readonly #sessions = new Map<string, Buffer>();

  /** `bufferFor`: the memory that a connection reads into. Those whose readers never pause may share one. */
  constructor(bufferFor: () => Buffer) {
    this.#bufferFor = bufferFor;
  }

  /** An idle connection, or a new one. */
  take(key: string, origin: WorkerOrigin, reader: Reader, freshness: 'any' | 'new'): Line {
    const idle = freshness === 'new' ? undefined : this.#takeIdle(key);
    if (idle === undefined) return this.#dial(key, origin, reader);
    idle.reader = reader;
    return idle;
  }

  /** Keeps a connection for the next request. */
  keep(line: Line): void {
    line.reader = undefined;
    line.used = true;
    line.idleSince = performance.now();
    const idle = this.#idle.get(line.key) ?? [];
    this.#idle.set(line.key, idle);
    idle.push(line);
  }

  /** Closes a connection that can not be used again. */
  drop(line: Line): void {
    line.reader = undefined;
    line.socket.destroy();
  }

  /** Closes the idle ones. */
  [Symbol.dispose](): void {
    for (const idle of this.#idle.values()) for (const line of idle.splice(0)) this.drop(line);
  }

  #takeIdle(key: string): Line | undefined {
    const idle = this.#idle.get(key) ?? [];
    for (let line = idle.pop(); line !== undefined; line = idle.pop()) {
      if (!line.socket.destroyed && performance.now() - line.idleSince < IDLE_MS) return line;
      this.drop(line);
    }
    return undefined;
  }

  #dial(key: string, origin: WorkerOrigin, reader: Reader): Line {
    const onread = {
      buffer: this.#bufferFor(),
      callback: (length: number, buffer: Uint8Array): boolean => {
        if (line.reader !== undefined) return line.reader.bytes((buffer as Buffer).subarray(0, length)) === 'more';
        line.socket.destroy();
        return true;
      },
    };
    const { host, port } = origin;
    const socket =
      origin.tls === undefined
        ? net.connect({ host, port, onread, noDelay: true })
        : this.#dialTls(key, { host, port, onread }, origin.tls);
    const line: Line = { socket, key, reader, used: false, idleSince: 0 };
    let failure: Error | undefined;
    socket.once(origin.tls === undefined ? 'connect' : 'secureConnect', () => line.reader?.connected());
    socket.on('error', (error) => {
      failure = error;
    });
    socket.on('close', () => {
      const { reader: last } = line;
      line.reader = undefined;
      last?.closed(failure);
    });
    return line;
  }

  #dialTls(key: string, target: net.TcpNetConnectOpts, options: NonNullable<WorkerOrigin['tls']>): net.Socket {
    const { verification, servername, ca, cert, key: clientKey, passphrase } = options;
    const context =
      this.#contexts.get(key) ??
      tls.createSecureContext({
        ...(ca === undefined ? {} : { ca: [...ca] }),
        ...(cert === undefined ? {} : { cert }),
        ...(clientKey === undefined ? {} : { key: clientKey }),
        ...(passphrase === undefined ? {} : { passphrase }),
      });
    this.#contexts.set(key, context);
    const session = this.#sessions.get(key);
    const socket = tls.connect({
      ...target,
      secureContext: context,
      rejectUnauthorized: verification === 'strict',
      ALPNProtocols: ['http/1.1'],
      ...(servername === undefined ? {} : { servername }),
      ...(session === undefined ? {} : { session }),
    });
    socket.setNoDelay(true);
    socket.on('session', (ticket) => this.#sessions.set(key, ticket));
    return socket;
  }
}
