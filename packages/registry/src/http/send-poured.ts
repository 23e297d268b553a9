/** Sending a body that is poured: the request is made when its first bytes are there. */

import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { promisify } from 'node:util';
import type { BlobSink, Pour } from '@kubecrate/content';

/** A request under way. */
interface Sent {
  readonly wire: ClientRequest;
  readonly answered: Promise<IncomingMessage>;
  readonly sink: BlobSink;
}

/**
 * `open` makes the request: not before there are bytes for it, for a server waits some seconds only for what a connection is to say,
 * and a source may take longer. The answer may come before the end of the body.
 */
export async function sendPoured(pour: Pour, open: () => ClientRequest): Promise<IncomingMessage> {
  const stopped = new AbortController();
  const begin = (): Sent => {
    const wire = open();
    const answered = once(wire, 'response').then(([answer]) => answer as IncomingMessage);
    const stop = (): void => stopped.abort();
    answered.then(stop, stop);
    return { wire, answered, sink: openSink(wire) };
  };
  let sent: Sent | undefined;
  const write = (bytes: Buffer): Promise<void> | undefined => {
    sent ??= begin();
    return sent.sink.write(bytes);
  };
  try {
    await pour({ write }, { signal: stopped.signal });
  } catch (error) {
    if (sent === undefined) throw error;
    if (!stopped.signal.aborted) {
      sent.wire.destroy();
      throw error;
    }
    return await early(sent);
  }
  sent ??= begin();
  sent.wire.end();
  return await sent.answered;
}

/** An answer before the end of the body: nothing else can be said on the connection. */
async function early({ wire, answered }: Sent): Promise<IncomingMessage> {
  const answer = await answered;
  answer.once('close', () => wire.destroy());
  return answer;
}

/**
 * Writes into the socket itself: the request would copy each piece, or keep it until the next turn of the event loop. The head goes
 * with the first bytes, so that of a body that is declined nothing is sent.
 */
function openSink(wire: ClientRequest): BlobSink {
  let socket: Socket | undefined;
  const written = promisify<Socket, Buffer, void>((to, bytes, done) => to.write(bytes, (error) => done(error ?? null)));
  const first = async (bytes: Buffer): Promise<void> => {
    socket = wire.socket ?? ((await once(wire, 'socket')) as [Socket])[0];
    wire.flushHeaders();
    await written(socket, bytes);
  };
  return {
    write(bytes) {
      if (socket === undefined) return first(bytes);
      const taken = written(socket, bytes);
      if (socket.writableLength > 0) return taken;
      taken.catch(() => {}); // all of it is in the kernel; a failure after that is the answer's
      return undefined;
    },
  };
}
