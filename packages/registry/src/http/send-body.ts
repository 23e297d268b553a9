/** Sending the body of a request, whatever kind it is of. */

import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import type { BlobSink, Pour } from '@kubecrate/content';
import { KubecrateError } from '@kubecrate/errors';
import type { RequestBody } from './wire.ts';

/** Sends the body of a request; its answer may come before the end of it. */
export async function sendBody(wire: ClientRequest, body: RequestBody | undefined): Promise<IncomingMessage> {
  const answered = once(wire, 'response').then(([answer]) => answer as IncomingMessage);
  if (body?.kind === 'stream') return await sendStream(wire, body.stream, answered);
  if (body?.kind === 'poured') return await sendPoured(wire, body.pour, answered);
  wire.end(body?.bytes);
  return await answered;
}

async function sendStream(
  wire: ClientRequest,
  stream: Readable,
  answered: Promise<IncomingMessage>,
): Promise<IncomingMessage> {
  const sent = pipeline(stream, wire);
  try {
    const answer = await Promise.race([answered, sent.then(() => answered)]);
    sent.catch(() => {}); // an answer before the end of the body is the answer
    return answer;
  } catch (error) {
    answered.catch(() => {});
    throw (await failureOf(sent)) ?? error;
  }
}

/** Why the body could not be sent; an error of the source says more than the closed connection that follows from it. */
async function failureOf(sent: Promise<void>): Promise<unknown> {
  try {
    await sent;
    return undefined;
  } catch (error) {
    return error instanceof KubecrateError ? error : undefined;
  }
}

async function sendPoured(
  wire: ClientRequest,
  pour: Pour,
  answered: Promise<IncomingMessage>,
): Promise<IncomingMessage> {
  const stopped = new AbortController();
  const stop = (): void => stopped.abort();
  answered.then(stop, stop);
  try {
    const socket = wire.socket ?? ((await once(wire, 'socket', stopped)) as [Socket])[0];
    let sink: BlobSink | undefined;
    const write = (bytes: Buffer): Promise<void> | undefined => {
      sink ??= openSink(wire, socket);
      return sink.write(bytes);
    };
    await pour({ write }, { signal: stopped.signal });
  } catch (error) {
    if (!stopped.signal.aborted) throw error;
    return await answered;
  }
  wire.end();
  return await answered;
}

/**
 * Writes into the socket itself: the request would copy each piece, or keep it until the next turn of the event loop. The head goes
 * with the first bytes, so that of a body that is declined nothing is sent.
 */
function openSink(wire: ClientRequest, socket: Socket): BlobSink {
  wire.flushHeaders();
  const written = promisify<Buffer, void>((bytes, done) => socket.write(bytes, (error) => done(error ?? null)));
  return {
    write(bytes) {
      const taken = written(bytes);
      if (socket.writableLength > 0) return taken;
      taken.catch(() => {}); // all of it is in the kernel; a failure after that is the answer's
      return undefined;
    },
  };
}
