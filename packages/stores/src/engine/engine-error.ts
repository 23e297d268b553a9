/** Failures of an engine in the words of this family. */

import { KubecrateError, NotFoundError, reasonOf, redact, systemCode } from '@kubecrate/errors';
import { type EngineAddress, formatEngineAddress } from './engine-address.ts';

/**
 * What went wrong while `what` was tried. Branches on the status code of the engine and on the code of the connection; what the engine
 * says is shown as its words.
 */
export function engineError(what: string, address: EngineAddress, error: unknown): unknown {
  if (error instanceof KubecrateError || (error instanceof Error && error.name === 'AbortError')) return error;
  const where = formatEngineAddress(address);
  const status = statusCodeOf(error);
  const said = redact(reasonOf(error))
    .replace(/^\(HTTP code \d+\) /, '')
    .trim();
  if (status === 404) return new NotFoundError(`${what}: the engine at ${where} does not have it`, { cause: error });
  if (status !== undefined)
    return new KubecrateError('ENGINE', `${what}: the engine at ${where} says: ${said}`, { cause: error });
  const code = systemCode(error);
  if (code === 'EACCES' || code === 'EPERM') {
    return new KubecrateError('DENIED', `${what}: this user may not use the engine at ${where}`, {
      hint: 'add the user to the group of the socket (docker), or run as root',
      cause: error,
    });
  }
  return new KubecrateError('ENGINE', `${what}: no engine answers at ${where}: ${said}`, {
    hint: 'start Docker or podman (podman system service), or name its socket in DOCKER_HOST',
    cause: error,
  });
}

function statusCodeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined;
  return typeof error.statusCode === 'number' ? error.statusCode : undefined;
}
