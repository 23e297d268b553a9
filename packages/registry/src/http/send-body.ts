/** Sending the body of a request, whatever kind it is of. */

import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { KubecrateError } from '@kubecrate/errors';
import type { RequestBody } from './wire.ts';

/** Sends the body of a request; its answer may come before the end of it. */
export async function sendBody(
  wire: ClientRequest,
  body: Exclude<RequestBody, { kind: 'poured' }> | undefined,
): Promise<IncomingMessage> {
  const answered = once(wire, 'response').then(([answer]) => answer as IncomingMessage);
  if (body?.kind === 'stream') return await sendStream(wire, body.stream, answered);
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
