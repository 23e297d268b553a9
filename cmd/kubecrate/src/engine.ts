/** The container engine of this machine: `DOCKER_HOST`, else the usual sockets. */

import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { KubecrateError } from '@kubecrate/errors';
import type { DockerEngine } from '@kubecrate/stores';
import type { Context } from './context.ts';

/** Connects to the engine. @throws KubecrateError ENGINE where none answers */
export async function openEngine({
  env,
  home,
  uid,
  signal,
}: Pick<Context, 'env' | 'home' | 'uid' | 'signal'>): Promise<DockerEngine> {
  const { openDockerEngine, parseEngineAddress } = await import('@kubecrate/stores');
  const named = env['DOCKER_HOST'];
  if (named !== undefined && named !== '') return openDockerEngine(parseEngineAddress(named), { signal });
  const runtime = env['XDG_RUNTIME_DIR'] ?? `/run/user/${uid}`;
  const sockets = [
    '/var/run/docker.sock',
    join(runtime, 'docker.sock'),
    join(home, '.docker', 'run', 'docker.sock'),
    '/run/podman/podman.sock',
    join(runtime, 'podman', 'podman.sock'),
  ];
  for (const path of sockets) {
    const found = await access(path).then(
      () => true,
      () => false,
    );
    if (found) return openDockerEngine({ kind: 'socket', path }, { signal });
  }
  throw new KubecrateError('ENGINE', `no container engine is there: none of ${sockets.join(', ')} exists`, {
    hint: 'start Docker or Podman (podman system service), or set DOCKER_HOST=unix:///path/to/socket',
  });
}
