/** A registry as people name it to `login`: with a scheme or a path, which do not matter. */

import { KubecrateError } from '@kubecrate/errors';
import { DOCKER_HUB, isPort, PORTS } from '@kubecrate/oci';

/** `registry.example.com:5000` of `https://registry.example.com:5000/v2/`. @throws KubecrateError USAGE */
export function parseServer(text: string): string {
  const refuse = (reason: string, hint: string): never => {
    const shown = JSON.stringify(text.replace(CREDENTIALS, '$1***@'));
    throw new KubecrateError('USAGE', `${shown} is no registry${reason}`, { hint });
  };
  if (CREDENTIALS.test(text)) return refuse(': it has a user or a password', 'name them with -u and --password-stdin');
  const host = text
    .replace(/^https?:\/\//, '')
    .replace(/\/.*$/, '')
    .toLowerCase();
  const port = /:([0-9]+)$/.exec(host)?.[1];
  if (port !== undefined && !isPort(port)) return refuse(`: ${port} is no port`, PORTS);
  if (HOST.test(host) && URL.canParse(`https://${host}`)) return HUB_NAMES.has(host) ? DOCKER_HUB : host;
  return refuse('', 'for example registry.example.com:5000');
}

/** What people put before the host, with the scheme before it; a password may hold a slash. */
const CREDENTIALS = /^(\w+:\/\/)?.*@/;
const HOST = /^([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(:\d{1,5})?$/;
const HUB_NAMES = new Set(['index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com']);
