/** A registry as people name it to `login`: with a scheme or a path, which do not matter. */

import { KubecrateError } from '@kubecrate/errors';
import { DOCKER_HUB } from '@kubecrate/oci';

/** `registry.example.com:5000` of `https://registry.example.com:5000/v2/`. @throws KubecrateError USAGE */
export function parseServer(text: string): string {
  const host = text
    .replace(/^https?:\/\//, '')
    .replace(/\/.*$/, '')
    .toLowerCase();
  if (HOST.test(host)) return HUB_NAMES.has(host) ? DOCKER_HUB : host;
  throw new KubecrateError('USAGE', `${JSON.stringify(text)} is no registry`, {
    hint: 'for example registry.example.com:5000',
  });
}

const HOST = /^([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(:\d{1,5})?$/;
const HUB_NAMES = new Set(['index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com']);
