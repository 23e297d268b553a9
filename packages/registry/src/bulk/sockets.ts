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

/** Whether readers pause. */
type Pauses = 'never' | 'sometimes';

/** The connections of one worker. */
export class Sockets implements Disposable {
  readonly #bufferFor: () => Buffer;
  readonly #pauses: Pauses;
  readonly #idle = new Map<string, Line[]>();
  readonly #contexts = new Map<string, tls.SecureContext>();
  readonly #sessions = new Map<string, Buffer>();

  /** `bufferFor`: the memory that a connection reads into. Those whose readers never pause may share one. */
  constructor(bufferFor: () => Buffer, pauses: Pauses) {
    this.#bufferFor = bufferFor;
    this.#pauses = pauses;
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
    // The last reader may have paused it; what an idle connection says has to be noticed.
    line.socket.resume();
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
    const read = (chunk: Buffer): 'more' | 'pause' => {
      if (line.reader !== undefined) return line.reader.bytes(chunk);
      line.socket.destroy();
      return 'more';
    };
    const { host, port } = origin;
    const socket =
      origin.tls === undefined
        ? net.connect({ host, port, onread: this.#onread(read), noDelay: true })
        : this.#dialTls(key, { host, port }, origin.tls, read);
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

  #onread(read: (chunk: Buffer) => 'more' | 'pause'): net.OnReadOpts {
    return {
      buffer: this.#bufferFor(),
      callback: (length, buffer) => read((buffer as Buffer).subarray(0, length)) === 'more',
    };
  }

  #dialTls(
    key: string,
    target: net.TcpNetConnectOpts,
    options: NonNullable<WorkerOrigin['tls']>,
    read: (chunk: Buffer) => 'more' | 'pause',
  ): net.Socket {
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
      // TLS goes on writing into the buffer of `onread` after a pause: readers that pause get chunks of their own.
      ...(this.#pauses === 'never' ? { onread: this.#onread(read) } : {}),
      secureContext: context,
      rejectUnauthorized: verification === 'strict',
      ALPNProtocols: ['http/1.1'],
      ...(servername === undefined ? {} : { servername }),
      ...(session === undefined ? {} : { session }),
    });
    if (this.#pauses === 'sometimes') {
      socket.on('data', (chunk: Buffer) => {
        if (read(chunk) === 'pause') socket.pause();
      });
    }
    socket.setNoDelay(true);
    socket.on('session', (ticket) => this.#sessions.set(key, ticket));
    return socket;
  }
}
