import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { MemoryStore, Namespace } from '@kubecrate/content';
import { image, index, memoryNamespace, pushImage } from '@kubecrate/content/testing';
import { parsePlatform } from '@kubecrate/oci';
import { type RunningServer, startServer } from '@kubecrate/server';
import { describe, expect, test } from 'vitest';
import { KUBEKEY_PULL_TASK, KUBEKEY_PUSH_TASK } from '../fixtures/user-documents.ts';
import { openWorkspace, type Workspace } from './kubecrate.ts';

const AMD64 = image({ seed: 'amd64' });
const ARM64 = image({ seed: 'arm64', platform: parsePlatform('linux/arm64') });
const BOTH = index([AMD64, ARM64]);

/** A registry that is Docker Hub and `hub.kubekey` to the workspace, with the images of KubeKey's examples. */
async function withHub(
  work: (hub: { workspace: Workspace; server: RunningServer; namespace: Namespace<MemoryStore> }) => Promise<void>,
): Promise<void> {
  const namespace = memoryNamespace();
  for (const name of ['ks-apiserver', 'ks-controller-manager'])
    await pushImage(namespace.repository(`kubesphere/${name}`), BOTH, 'v4.1.3');
  await pushImage(namespace.repository('kubesphere/ks-console'), AMD64, '3.19');
  await using workspace = await openWorkspace();
  await using server = await startServer(namespace, { access: 'writable' });
  const config = join(workspace.home, '.config/kubecrate/config.json');
  await mkdir(dirname(config), { recursive: true });
  await writeFile(config, JSON.stringify({ 'registry-mirrors': [server.url] }));
  const registries = join(workspace.home, '.config/containers/registries.conf');
  await mkdir(dirname(registries), { recursive: true });
  await writeFile(
    registries,
    `[[registry]]\nprefix = "hub.kubekey"\nlocation = "${server.host}/hub"\ninsecure = true\n`,
  );
  await work({ workspace, server, namespace });
}

const write = (workspace: Workspace, file: string, text: string): Promise<void> =>
  writeFile(join(workspace.directory, file), text);

const HUB = [
  'docker.io/kubesphere/ks-apiserver:v4.1.3 => hub.kubekey/kubesphere/ks-apiserver:v4.1.3',
  'docker.io/kubesphere/ks-console:3.19 => hub.kubekey/kubesphere/ks-console:3.19',
  'docker.io/kubesphere/ks-controller-manager:v4.1.3 => hub.kubekey/kubesphere/ks-controller-manager:v4.1.3',
];

describe("KubeKey's examples", () => {
  test('pull from Docker Hub and push to the hub', async () => {
    await withHub(async ({ workspace, namespace }) => {
      const own = (text: string): string => text.replace('/tmp/images/', `${workspace.directory}/images/`);
      await write(workspace, 'pull.yaml', own(KUBEKEY_PULL_TASK));
      await write(workspace, 'push.yaml', own(KUBEKEY_PUSH_TASK));
      const pulled = await workspace.ok(['image', 'run', 'pull.yaml']);
      expect(pulled).toContain(`copied docker.io/kubesphere/ks-console:3.19 => ${workspace.directory}/images/\n`);
      expect(pulled.endsWith('Success\n')).toBe(true);
      expect(await workspace.ok(['verify', './images'])).toContain('everything is whole');
      const pushed = await workspace.ok(['image', 'run', 'push.yaml']);
      expect(pushed.split('\n')).toEqual([...HUB.map((line) => `copied ${line}`), 'Success', '']);
      const hub = namespace.repository('hub/kubesphere/ks-controller-manager');
      expect((await hub.resolve('v4.1.3')).digest).toBe(AMD64.descriptor.digest);
    });
  });

  test('are planned letter for letter', async () => {
    await withHub(async ({ workspace, namespace }) => {
      await write(workspace, 'both.yaml', KUBEKEY_PULL_TASK + KUBEKEY_PUSH_TASK);
      const plan = (await workspace.ok(['image', 'run', '--dry-run', 'both.yaml'])).split('\n');
      expect(plan).toContain('docker.io/kubesphere/ks-apiserver:v4.1.3 => /tmp/images/');
      for (const line of HUB) expect(plan).toContain(line);
      await expect(namespace.repository('hub/kubesphere/ks-console').resolve('3.19')).rejects.toHaveProperty(
        'code',
        'NOT_FOUND',
      );
    });
  });
});

describe('the same by flags', () => {
  test('pull, copy and push', async () => {
    await withHub(async ({ workspace, server, namespace }) => {
      const names = ['kubesphere/ks-apiserver:v4.1.3', 'kubesphere/ks-console:3.19'];
      await workspace.ok(['image', 'pull', '--images-dir', 'images', '--platform', 'linux/amd64', ...names]);
      expect((await readdir(join(workspace.directory, 'images'))).sort()).toEqual([
        'blobs',
        'docker.io',
        'registry-1.docker.io',
      ]);
      const copied = await workspace.ok([
        'image',
        'copy',
        '--from',
        'images',
        '--to',
        'copy',
        '--src-pattern',
        'console',
        '--layout',
        'v4.0.5',
      ]);
      expect(copied).toBe('copied docker.io/kubesphere/ks-console:3.19 => copy\nSuccess\n');
      const layout = join(workspace.directory, 'copy/registry-1.docker.io/kubesphere/ks-console/manifests/layout');
      expect(JSON.parse(await readFile(layout, 'utf8'))).toEqual({ '3.19': AMD64.descriptor.digest });
      const dest = `${server.host}/{{ .namespace }}/{{ .module.image.src.reference.repository }}`;
      await workspace.ok(['image', 'push', '--images-dir', 'copy', '--dest', dest, '-e', 'namespace=mirror']);
      expect((await namespace.repository('mirror/kubesphere/ks-console').resolve('3.19')).digest).toBe(
        AMD64.descriptor.digest,
      );
      const planned = await workspace.ok([
        'image',
        'push',
        '--images-dir',
        'images',
        '--dest',
        dest,
        '-e',
        'namespace=x',
        '--dry-run',
        '--output',
        'json',
      ]);
      expect(JSON.parse(planned)).toMatchObject([
        {
          action: 'push',
          status: 'success',
          images: [{ status: 'planned' }, { destination: `${server.host}/x/kubesphere/ks-console:3.19` }],
        },
      ]);
      const one = await workspace.ok([
        'image',
        'copy',
        '--from',
        'images',
        '--to',
        'one',
        'kubesphere/ks-console:3.19',
      ]);
      expect(one).toContain('=> one\nSuccess');
    });
  });

  test('passwords come from standard input, a variable or a list, and are never shown', async () => {
    await using workspace = await openWorkspace();
    const namespace = memoryNamespace();
    await pushImage(namespace.repository('team/app'), AMD64, 'v1');
    await using server = await startServer(namespace, {
      access: 'writable',
      users: [{ username: 'u', password: 'hunter2,x' }],
    });
    const name = `${server.host}/team/app:v1`;
    const pull = ['image', 'pull', '--images-dir', 'images', name];
    await workspace.ok([...pull, '-u', 'u', '--password-stdin'], { input: 'hunter2,x\n' });
    await write(workspace, 'vars.yaml', 'secret: hunter2,x\nhub: {user: u}\n');
    const auth = `repo=${server.host},username={{ .hub.user }},password=hunter2,x`;
    await workspace.ok([...pull, '--auth', auth, '--vars', 'vars.yaml']);
    await workspace.ok([...pull, '-u', 'u', '-p', '{{ .secret }}', '--vars', 'vars.yaml']);
    const push = ['image', 'push', '--images-dir', 'images', '--dest', `${server.host}/x/y`, '-u', 'u'];
    const pushed = await workspace.run([...push, '-p', 'hunter2,x']);
    expect(pushed).toMatchObject({ code: 0, stderr: expect.stringContaining('insecure. Use --password-stdin') });
    const wrong = await workspace.run([...push, '--password-stdin', '--output', 'json', '--progress', 'json'], {
      input: 'hunter22222',
    });
    expect(wrong.code).toBe(1);
    expect(JSON.parse(wrong.stdout)).toMatchObject([
      { status: 'failed', images: [{ error: { code: 'UNAUTHORIZED' } }] },
    ]);
    expect(`${wrong.stdout}${wrong.stderr}${pushed.stderr}`).not.toContain('hunter2');
  });
});

describe('what goes wrong', () => {
  test('one image does not stop the others, nor the tasks after it', async () => {
    await withHub(async ({ workspace }) => {
      await write(
        workspace,
        'tasks.yaml',
        `- name: get them
  image: {pull: {images_dir: images, manifests: [kubesphere/gone:1, "kubesphere/ks-console:3.19"]}}
- name: a shell
  command: echo
- image: {push: {images_dir: images, dest: 'hub.kubekey/new/{{ .module.image.src.reference.repository }}'}}
`,
      );
      const { code, stdout, stderr } = await workspace.run(['image', 'run', 'tasks.yaml']);
      expect(code).toBe(1);
      expect(stdout).toBe(
        'copied docker.io/kubesphere/ks-console:3.19 => images\n' +
          'copied docker.io/kubesphere/ks-console:3.19 => hub.kubekey/new/kubesphere/ks-console:3.19\n',
      );
      expect(stderr).toContain('warning: tasks.yaml:3: task "a shell" of the module command is not run');
      expect(stderr).toContain('  tasks.yaml:1: task "get them": pull: docker.io/kubesphere/gone:1: ');
      expect(stderr).not.toContain('was not run');
    });
  });

  test('tasks that are wrong are all told, with file, line and name, and the others are run', async () => {
    await withHub(async ({ workspace, namespace }) => {
      await write(
        workspace,
        'tasks.yaml',
        `- name: typo
  pulll: {images_dir: lost, manifests: [a]}
- name: get
  image: {pull: {images_dir: images, manifests: ["kubesphere/ks-console:3.19"]}}
- name: unset
  image: {push: {images_dir: images, dest: "hub.kubekey/{{ .nobody }}"}}
- name: lost
  image: {push: {images_dir: lost, dest: "hub.kubekey/x"}}
- name: cut
  image: {push: {images_dir: images, dest: "hub.kubekey/{{ .module.image"}}
- name: keys
  image:
    pull: {images_dir: images, manifests: [a], platfrom: x}
    push: {images_dir: images, dest: x, imgs: y}
- name: auth
  image: {push: {images_dir: images, dest: "hub.kubekey/last/{{ .module.image.src.reference.repository }}"}}
`,
      );
      const { code, stdout, stderr } = await workspace.run(['image', 'run', 'tasks.yaml']);
      expect(code).toBe(1);
      for (const line of [
        'tasks.yaml:2: task "typo": unknown key "pulll"; did you mean "pull"?',
        'tasks.yaml:5: task "unset": push: docker.io/kubesphere/ks-console:3.19: tasks.yaml:6: ',
        'map has no entry for key "nobody"',
        'tasks.yaml:7: task "lost": push was not run: nothing came into "lost"',
        'tasks.yaml:10: task "cut": cannot render push.dest',
        'tasks.yaml:13: task "keys": unknown key "platfrom"; did you mean "platform"?',
        'tasks.yaml:14: task "keys": unknown key "imgs"',
      ])
        expect(stderr).toContain(line);
      expect(stdout).toBe(
        'copied docker.io/kubesphere/ks-console:3.19 => images\n' +
          'copied docker.io/kubesphere/ks-console:3.19 => hub.kubekey/last/kubesphere/ks-console:3.19\n',
      );
      expect((await namespace.repository('hub/last/kubesphere/ks-console').resolve('3.19')).digest).toBe(
        AMD64.descriptor.digest,
      );
      const json = await workspace.run(['image', 'run', 'tasks.yaml', '--output', 'json', '--dry-run']);
      expect(JSON.parse(json.stdout)[0]).toMatchObject({
        task: { name: 'typo', file: 'tasks.yaml', line: 1 },
        status: 'failed',
        error: { code: 'INVALID_CONFIG' },
      });
    });
  });

  test.each(['', '[]', 'q.io/a:1: q.io/b', 'kind: Deployment', '- hosts: [all]\n  roles: [x]', '- debug: {msg: x}'])(
    'a file without an image task is an error: %j',
    async (text) => {
      await using workspace = await openWorkspace();
      await write(workspace, 'tasks.yaml', text);
      const { code, stdout, stderr } = await workspace.run(['image', 'run', 'tasks.yaml']);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain('"tasks.yaml" holds no image task');
    },
  );

  test('an expression that is found in no image is warned of', async () => {
    await withHub(async ({ workspace }) => {
      await workspace.ok(['image', 'pull', '--images-dir', 'images', 'kubesphere/ks-console:3.19']);
      const push = ['image', 'push', '--images-dir', 'images', '--dest', 'hub.kubekey/x', '--src-pattern', 'ngnix'];
      const { code, stderr } = await workspace.run(push);
      expect([code, stderr]).toEqual([0, 'warning: the pattern "ngnix" is found in no image, 1 was looked at\n']);
    });
  });

  test.each([
    [['pull', 'nginx:1'], 'cannot pull: --images-dir is missing'],
    [['push', '--dest', 'q.io/x'], 'cannot push: --images-dir is missing'],
    [['push', '--images-dir', '.', '--dest', 'q.io/X:'], 'push.dest: cannot parse reference "q.io/X:"'],
    [['push', '--images-dir', '.', '--dest', 'q.io/x', '--src-pattern', '('], 'src_pattern is no regular expression'],
    [['pull', '--images-dir', '.', 'a:b:c'], 'pull.manifests: cannot parse reference "a:b:c"'],
  ])('%j is a wrong command line', async (args, reason) => {
    await using workspace = await openWorkspace();
    const { code, stderr } = await workspace.run(['image', ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(reason);
    expect(stderr).not.toContain('command line:1');
  });

  test('a directory without any image is not pushed as if it were one', async () => {
    await using workspace = await openWorkspace();
    for (let file = 0; file < 30; file += 1) await writeFile(join(workspace.directory, `file-${file}`), '');
    const { code, stderr } = await workspace.run(['image', 'push', '--images-dir', '.', '--dest', 'q.io/x']);
    expect(code).toBe(1);
    expect(stderr).toContain('holds no image');
    expect(stderr.split('\n').length).toBeLessThan(10);
  });

  test('a registry that is away, one that refuses, wrong credentials: each for its own images, by file, task and image', async () => {
    const users = [{ username: 'u', password: 'right' }];
    const namespaces = [memoryNamespace(), memoryNamespace(), memoryNamespace()] as const;
    const [upstream, good, locked] = namespaces;
    for (const tag of ['good', 'refused', 'denied', 'away']) await pushImage(upstream.repository('app'), AMD64, tag);
    await using workspace = await openWorkspace();
    await using from = await startServer(upstream);
    await using to = await startServer(good, { access: 'writable', users });
    await using readOnly = await startServer(locked);
    await write(workspace, 'vars.yaml', 'secret: hunter2\n');
    await write(
      workspace,
      'tasks.yaml',
      `- name: get
  image:
    pull:
      images_dir: images
      manifests: ["${from.host}/app:good", "${from.host}/app:refused", "${from.host}/app:denied", "${from.host}/app:away", "127.0.0.1:1/gone:1"]
  ignore_errors: true
- name: bring
  image:
    push:
      images_dir: images
      dest: '{{ get (dict "good" "${to.host}/x" "refused" "${readOnly.host}/x" "denied" "${to.host}/bad" "away" "127.0.0.1:1/x") .module.image.src.reference.reference }}'
      auths:
        - {repo: ${to.host}, username: u, password: right}
        - {repo: ${to.host}/bad, username: u, password: "{{ .secret }}"}
`,
    );
    const run = ['image', 'run', 'tasks.yaml', '--vars', 'vars.yaml'];
    const { code, stdout, stderr } = await workspace.run(run);
    expect(code).toBe(1);
    expect(stderr).toContain(
      'tasks.yaml:1: task "get": pull: 127.0.0.1:1/gone:1: cannot read manifest "1" of 127.0.0.1:1/gone: cannot reach 127.0.0.1:1',
    );
    expect(stdout).toContain(`copied ${from.host}/app:good => ${to.host}/x:good\n`);
    for (const tag of ['refused', 'denied', 'away'])
      expect(stderr).toContain(`tasks.yaml:7: task "bring": push: ${from.host}/app:${tag}: `);
    expect((await good.repository('x').resolve('good')).digest).toBe(AMD64.descriptor.digest);
    expect(`${stdout}${stderr}`).not.toMatch(/hunter2|right/);
    const json = await workspace.run([...run, '--output', 'json', '--progress', 'json']);
    const [, push] = JSON.parse(json.stdout) as { images: { status: string; error?: { code: string } }[] }[];
    expect(push?.images.map(({ status, error }) => error?.code ?? status)).toEqual([
      'NETWORK',
      'UNAUTHORIZED',
      'unchanged',
      'DENIED',
    ]);
    expect(`${json.stdout}${json.stderr}`).not.toMatch(/hunter2|right/);
  });

  test('blobs that are damaged are found, and not pushed', async () => {
    await withHub(async ({ workspace, server }) => {
      await workspace.ok(['image', 'pull', '--images-dir', 'images', 'kubesphere/ks-console:3.19']);
      const [layer] = AMD64.layers;
      const path = join(workspace.directory, 'images/blobs', layer!.descriptor.digest);
      await writeFile(
        path,
        layer!.bytes.map((byte, i) => (i === 100 ? byte ^ 1 : byte)),
      );
      const damaged = await workspace.run(['verify', './images']);
      expect(damaged).toMatchObject({
        code: 1,
        stdout: expect.stringContaining(`corrupt ${layer!.descriptor.digest}`),
      });
      const push = ['image', 'push', '--images-dir', 'images', '--dest', `${server.host}/x/y`];
      expect((await workspace.run(push)).stderr).toContain(layer!.descriptor.digest);
      await rm(path);
      expect((await workspace.run(['verify', './images'])).stdout).toContain(`missing ${layer!.descriptor.digest}`);
      await workspace.ok(['image', 'pull', '--images-dir', 'images', 'kubesphere/ks-console:3.19']);
      expect(await workspace.ok(push)).toContain('Success');
    });
  });

  test.each([
    ['- image: {pull: {manifest: [a]}}', 'tasks.yaml:1: unknown key "manifest"; did you mean "manifests"?'],
    ['- image: {pull: {images_dir: /i, manifests: {a: b}}}', 'tasks.yaml:1: manifests should be a list of texts'],
    ['- image: {pull: {images_dir: /i, manifests: [a, 1.25]}}', 'tasks.yaml:1: manifests should hold texts: put 1.25'],
    ['- image: {pull: nginx}', 'tasks.yaml:1: pull should be a map, and is a text'],
    [
      '- image: {pull: {images_dir: /i, manifests: [a], auths: [{repo: q.io, pasword: hunter2}]}}',
      'unknown key "pasword"',
    ],
    [
      '- image: {pull: {images_dir: /i, manifests: [a], auths: [{repo: "..", username: hunter2, password: x}]}}',
      'auths.repo',
    ],
    [
      '- image: {src: "local:///i", dest: hub.kubekey/x}',
      'tasks.yaml:1: image.dest is neither a directory nor a registry',
    ],
    ['- image: {pull: {images_dir: /i, manifests: ["{{ .version }}"]}}', 'map has no entry for key "version"'],
    ['- image: {pull: {images_dir: /i, manifests: [a], platform: linux/}}', 'tasks.yaml:1: pull.platform: '],
    [
      '- image: {push: {images_dir: /i, dest: x, src_pattern: "("}}',
      'tasks.yaml:1: src_pattern is no regular expression',
    ],
    ['- image: {}', 'tasks.yaml:1: image has neither pull nor push nor copy'],
    ['- name: x\n  image: [', 'tasks.yaml:2:11: '],
    ['- image: {push: {images_dir: /nowhere/at/all, dest: x}}', '/nowhere/at/all'],
  ])('%j is refused with its place', async (text, reason) => {
    await using workspace = await openWorkspace();
    await write(workspace, 'tasks.yaml', `${text}\n`);
    const { code, stdout, stderr } = await workspace.run(['image', 'run', 'tasks.yaml']);
    expect(stderr).toContain(reason);
    expect(stderr).not.toContain('hunter2');
    expect([code, stdout]).toEqual([1, '']);
  });

  test.each([
    [['pull'], "missing required argument 'IMAGE'"],
    [['push'], "required option '--dest <TEMPLATE>'"],
    [['copy', '--from', 'a'], "required option '--to <DIR>'"],
    [['pull', 'a', '--images-dir', 'i', '--auth', 'repo=q.io,pasword=hunter2'], 'unknown key "pasword"'],
    [['pull', 'a', '--images-dir', 'i', '--auth', 'pasword=hunter2'], 'unknown key "pasword"'],
    [
      ['pull', 'a', '--images-dir', 'i', '--auth', 'repo=q.io,username=u,password=a,hunter2=true'],
      '--auth has an unknown key after the password',
    ],
    [['pull', 'a', '--images-dir', 'i', '--auth', 'repo=q.io,registry=r.io'], 'has both repo and registry'],
    [['pull', 'a', '--images-dir', 'i', '--auth', 'repo=q.io', '--auth', 'repo=q.io'], 'two entries for q.io'],
    [
      ['pull', 'a', '--images-dir', 'i', '--auth', 'repo=ada:hunter2@q.io,username=u,password=p'],
      'auths.repo is no registry: "***@q.io"',
    ],
    [['pull', 'a', '--images-dir', 'i', '-u', 'u', '-p', '{{ fail "hunter2" }}'], 'cannot render pull.password'],
    [['pull', 'a', '--images-dir', 'i', '--password-stdin'], '--password-stdin needs --username'],
    [['pull', 'a', '-e', '=hunter2'], 'write it as name=value'],
    [['pull', 'a', '--policy', 'hope'], "'hope' is invalid"],
    [['fetch', 'a'], "unknown command 'fetch'"],
  ])('the command line %j has exit code 2', async (args, reason) => {
    await using workspace = await openWorkspace();
    const { code, stderr } = await workspace.run(['image', ...args]);
    expect(stderr).toContain(reason);
    expect(stderr).not.toContain('hunter2');
    expect(code).toBe(2);
  });
});
