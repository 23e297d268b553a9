/** One request from its arrival to its answer, whatever happens in between. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { absentCode, answer } from './answer.ts';
import { type ApiRequest, answerJson, type Service } from './api-request.ts';
import { authenticate } from './basic-auth.ts';
import { refusalOf } from './refusal.ts';
import { type Route, routeOf } from './route.ts';
import type { ServerOptions } from './server-options.ts';

/** Never rejects: a failure is an answer, or a connection that is cut where the answer has begun already. */
export async function handleRequest(
  service: Service,
  incoming: IncomingMessage,
  response: ServerResponse,
  { users, onEvent }: Pick<ServerOptions, 'users' | 'onEvent'>,
): Promise<void> {
  const { method = '', url = '' } = incoming;
  const mark = url.indexOf('?');
  const path = mark === -1 ? url : url.slice(0, mark);
  const query = new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1));
  const controller = new AbortController();
  const request: ApiRequest = { service, method, path, query, incoming, response, signal: controller.signal };
  const client = incoming.socket.remoteAddress ?? '';
  response.on('close', () => {
    const outcome = response.writableFinished ? 'sent' : 'broken-off';
    if (outcome === 'broken-off') controller.abort(new Error('the client went away'));
    const status = response.statusCode;
    onEvent?.({
      type: 'answered',
      method,
      path,
      status,
      outcome,
      client,
      userAgent: incoming.headers['user-agent'] ?? '',
    });
  });
  response.setHeader('docker-distribution-api-version', 'registry/2.0');
  let route: Route | undefined;
  try {
    authenticate(incoming.headers.authorization, users);
    route = routeOf(path);
    await answer(request, route);
  } catch (error) {
    // The client is gone, and with it whoever could be told.
    if (controller.signal.aborted) return;
    const refusal = refusalOf(error, { absent: absentCode(route), content: isRead(method) ? 'ours' : 'theirs' });
    const begun = response.headersSent;
    if (begun) response.destroy();
    else answerJson(request, refusal.status, refusal, refusal.headers);
    if (begun || refusal.status >= 500) onEvent?.({ type: 'failed', method, path, error });
  }
}

function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}
