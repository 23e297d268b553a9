import { type GoMap, seededRandom } from '@kubecrate/gotemplate';
import { formatReference, parseReference } from '@kubecrate/oci';
import { describe, expect, test } from 'vitest';
import { actionOfFlags } from './action-of-flags.ts';
import { taskFunctions } from './task-functions.ts';

const variables: GoMap = new Map([['hub', 'hub.io']]);
const context = {
  variables,
  functions: await taskFunctions({
    now: () => new Date(0),
    random: seededRandom('x'),
    fileExists: (path) => path === '/there',
  }),
};

describe('actionOfFlags', () => {
  test('makes a pull of flags', async () => {
    const action = await actionOfFlags(
      'pull',
      {
        images_dir: '/i',
        manifests: ['q.io/a', '{{ .hub }}/b:1'],
        platform: ['linux/amd64'],
        skip_tls_verify: true,
        auths: [{ registry: 'q.io', username: 'u', password: 'p', plain_http: true }],
        policy: undefined,
      },
      context,
    );
    expect(action).toMatchObject({
      kind: 'pull',
      directory: '/i',
      platforms: [{ os: 'linux', architecture: 'amd64' }],
      policy: 'strict',
      security: 'unverified',
      access: [{ registry: 'q.io', login: { username: 'u', password: 'p' }, security: 'plain-http' }],
    });
    expect(action.kind === 'pull' && action.images.map(formatReference)).toEqual(['q.io/a:latest', 'hub.io/b:1']);
  });

  test('makes a push of flags', async () => {
    const dest = '{{ .hub }}/{{ .module.image.src.reference.repository }}';
    const action = await actionOfFlags('push', { images_dir: '/i', dest, src_pattern: 'a+' }, context);
    const destination = action.kind === 'push' && action.destinationOf(parseReference('q.io/x/y:1'));
    expect(destination && formatReference(destination)).toBe('hub.io/x/y:1');
  });

  test('refuses what a file may not say either', async () => {
    await expect(actionOfFlags('push', { dest: ['a'] }, context)).rejects.toMatchObject({ code: 'USAGE' });
    await expect(actionOfFlags('pull', { images_dir: '/i', manifests: ['{{ .no }}'] }, context)).rejects.toThrow(
      'command line:1: cannot render pull.manifests in {{ .no }}',
    );
  });
});
