import { inspect } from 'node:util';
import { type GoMap, seededRandom } from '@kubecrate/gotemplate';
import { formatReference, parseReference } from '@kubecrate/oci';
import { describe, expect, test } from 'vitest';
import type { Action } from './action.ts';
import { readTasks } from './read-tasks.ts';
import { resolveTasks } from './resolve-tasks.ts';
import { taskFunctions } from './task-functions.ts';
import { assignVariable, readVariables } from './variables.ts';

const FUNCTIONS = await taskFunctions({
  now: () => new Date(0),
  random: seededRandom('x'),
  fileExists: (path) => path === '/there',
});

async function resolve(text: string, variables: GoMap = new Map()): Promise<readonly Action[]> {
  const { tasks } = await readTasks(text, 'tasks.yaml');
  return (await resolveTasks(tasks, variables, FUNCTIONS)).map((step) => {
    if ('error' in step) throw step.error;
    return step.action;
  });
}

async function pull(fields: string, variables?: GoMap) {
  const [action] = await resolve(`- image: {pull: {images_dir: /i, ${fields}}}`, variables);
  return action?.kind === 'pull' ? action : expect.unreachable();
}

async function push(fields: string, variables?: GoMap) {
  const [action] = await resolve(`- image: {push: {images_dir: /i, ${fields}}}`, variables);
  return action?.kind === 'push' ? action : expect.unreachable();
}

const NGINX = parseReference('docker.io/nginx:1.25');

describe('the arguments of a pull', () => {
  test.each([
    ['nginx', 'docker.io/library/nginx:latest'],
    ['nginx:1.25', 'docker.io/library/nginx:1.25'],
    ['docker.io/nginx:1', 'docker.io/library/nginx:1'],
    ['kubesphere/ks-apiserver:v4.1.3', 'docker.io/kubesphere/ks-apiserver:v4.1.3'],
    ['registry-1.docker.io/library/nginx:1', 'registry-1.docker.io/library/nginx:1'],
    ['localhost:5000/x:1', 'localhost:5000/x:1'],
    ['oci://q.io/x:1', 'q.io/x:1'],
    [`q.io/x:1@sha256:${'0'.repeat(64)}`, `q.io/x:1@sha256:${'0'.repeat(64)}`],
  ])('the name %s is %s', async (name, expected) => {
    expect((await pull(`manifests: ["${name}"]`)).images.map(formatReference)).toEqual([expected]);
  });

  test('a list can be one text, or what a template gives', async () => {
    const variables = await readVariables('images: [q.io/a:1, q.io/b:2]\nname: q.io/c\n', 'vars.yaml');
    expect((await pull('manifests: q.io/a:1')).images).toHaveLength(1);
    expect((await pull('manifests: "{{ .images | toJson }}"', variables)).images.map(formatReference)).toEqual([
      'q.io/a:1',
      'q.io/b:2',
    ]);
    expect((await pull('manifests: ["{{ .name }}:3"]', variables)).images.map(formatReference)).toEqual(['q.io/c:3']);
  });

  test('platforms are one, several, or all', async () => {
    expect((await pull('manifests: [a], platform: linux/arm/v7')).platforms).toEqual([
      { os: 'linux', architecture: 'arm', variant: 'v7' },
    ]);
    expect((await pull('manifests: [a], platform: [linux/amd64, arm64]')).platforms).toHaveLength(2);
    expect((await pull('manifests: [a], platform: [all, linux/amd64]')).platforms).toBeUndefined();
    expect((await pull('manifests: [a]')).platforms).toBeUndefined();
    await expect(pull('manifests: [a], platform: linux/')).rejects.toMatchObject({
      code: 'INVALID_PLATFORM',
      message: expect.stringContaining('tasks.yaml:1: pull.platform'),
    });
  });

  test('auths of every generation are read; each belongs to one registry', async () => {
    const { access } = await pull(
      'manifests: [a], skipTLSVerify: false, auths: [{username: a, password: b}, {repo: index.docker.io/team, username: u, password: p}, ' +
        '{registry: "https://q.io/team/", username: c, password: "{{ .secret }}", insecure: true}, {registry: "r:5000", plain_http: true}, ' +
        '{registry: s.io, ca_file: /ca, cert_file: /cert, key_file: /key}]',
      new Map([['secret', 's3']]),
    );
    expect(access).toEqual([
      { registry: 'docker.io', login: { username: 'a', password: 'b' }, security: 'verified' },
      { registry: 'docker.io/team', login: { username: 'u', password: 'p' }, security: 'verified' },
      { registry: 'q.io/team', login: { username: 'c', password: 's3' }, security: 'unverified' },
      { registry: 'r:5000', security: 'plain-http' },
      { registry: 's.io', security: 'verified', authorityFile: '/ca', certificateFile: '/cert', keyFile: '/key' },
    ]);
  });

  test('a username without a registry is for the only one there is', async () => {
    const { access } = await pull('manifests: [q.io/a, q.io/b], username: u, password: 123');
    expect(access).toEqual([{ registry: 'q.io', login: { username: 'u', password: '123' }, security: 'verified' }]);
    await expect(pull('manifests: [q.io/a, b], username: u, password: hunter2')).rejects.toThrow(
      'images of several registries (docker.io, q.io)',
    );
  });

  test.each([
    ['- image: {push: {images_dir: /i, dest: "q.io/{{ .module.image"}}', 'tasks.yaml:2: cannot render push.dest'],
    ['- image: {push: {images_dir: /i, dest: "q.io/{{ if }}"}}', 'tasks.yaml:2: cannot render push.dest'],
    ['- image: {push: {images_dir: /i, dest: q.io/Upper}}', 'tasks.yaml:2: push.dest: '],
    ['- image: {src: "local:///i", dest: "oci://q.io/{{ nobody }}"}', 'tasks.yaml:2: cannot render image.dest'],
    ['- {when: "false", image: {pull: {images_dir: /i, manifests: ["a{{"]}}}', 'cannot render pull.manifests'],
    ['- {when: "eq (", image: {pull: {images_dir: /i, manifests: [a]}}}', 'tasks.yaml:2: cannot render when'],
  ])('a template that is broken is refused before anything runs: %s', async (task, reason) => {
    await expect(resolve(`- image: {pull: {images_dir: /i, manifests: [a]}}\n${task}\n`)).rejects.toThrow(reason);
  });

  test('braces in a password are no template', async () => {
    const { access } = await pull('manifests: [q.io/a], username: u, password: "a{{b"');
    expect(access[0]?.login?.password).toBe('a{{b');
  });

  test('the directory is images in binary_dir unless it is given', async () => {
    const [action] = await resolve('- image: {pull: {manifests: [a]}}', new Map([['binary_dir', '/k/']]));
    expect(action).toMatchObject({ directory: '/k/images' });
    await expect(resolve('- image: {pull: {manifests: [a]}}')).rejects.toThrow('pull.images_dir is missing');
  });

  test.each([
    ['manifests: [a], username: u', 'pull.password is missing'],
    ['manifests: []', 'pull.manifests holds no image'],
    [
      'manifests: ["{{ .nothing }}"]',
      'tasks.yaml:1: cannot render pull.manifests in {{ .nothing }}: map has no entry for key "nothing"',
    ],
    ['manifests: ["{{ .nothing.inner }}"]', 'map has no entry for key "nothing"'],
    ['manifests: ["{{ index .a "x" }}"]', 'tasks.yaml:1: '],
    ['manifests: ["{{ if }}"]', 'tasks.yaml:1: cannot render pull.manifests: missing value for if'],
    ['manifests: ["{{ nofunc 1 }}"]', 'function "nofunc" not defined'],
    ['manifests: [a/B]', 'tasks.yaml:1: pull.manifests: cannot parse reference "a/B": repository must be lower case'],
    ['manifests: [a], skip_tls_verify: "{{ .a }}"', 'pull.skip_tls_verify should be true or false, and is "x"'],
    ['manifests: [a], auths: [{repo: q.io, cert_file: /c}]', 'auths.key_file is missing'],
    ['manifests: [a], auths: [{repo: q.io, username: u}]', 'auths.password is missing'],
    ['manifests: [a], auths: [{repo: q.io, registry: r.io}]', 'has both repo and registry'],
    [
      'manifests: [a], auths: [{repo: docker.io}, {registry: "https://index.docker.io/"}]',
      'pull.auths has two entries for docker.io',
    ],
  ])('refuses %s', async (fields, reason) => {
    await expect(pull(fields.replaceAll('"x"', "'x'"), new Map([['a', 'x']]))).rejects.toThrow(
      reason.replaceAll("'x'", '"x"'),
    );
  });
});

describe('a variable that is not there', () => {
  const nameOf = async (template: string): Promise<string> => {
    const variables: GoMap = new Map<string, GoMap>([['hub', new Map([['user', 'ada']])]]);
    const { images } = await pull(`manifests: [${JSON.stringify(`q.io/${template}`)}]`, variables);
    return images.map(formatReference).join().slice('q.io/'.length);
  };

  test.each([
    ['{{ .pw | default "x" }}', 'x'],
    ['{{ default "x" .pw }}', 'x'],
    ['{{ .a.b.c | default "x" }}', 'x'],
    ['{{ .hub.c | default "x" }}-{{ .hub.user | default "x" }}', 'x-ada'],
    ['{{ empty .pw }}', 'true'],
    ['{{ coalesce .pw .a.b "x" }}', 'x'],
    ['{{ ternary "a" "b" (empty .pw) }}', 'a'],
    ['{{ .pw | ternary "a" "b" }}', 'b'],
    ['{{ ternary "a" .pw true }}', 'a'],
    ['{{ if .pw }}a{{ else }}b{{ end }}', 'b'],
    ['{{ if not .pw }}a{{ end }}', 'a'],
    ['{{ if and .pw .hub }}a{{ else if or .pw .hub }}b{{ end }}', 'b'],
    ['{{ with .pw }}a{{ else }}b{{ end }}', 'b'],
    ['{{ hasKey .hub "user" }}-{{ hasKey .hub "pw" }}-{{ hasKey .pw "x" }}', 'true-false-false'],
    ['{{ index .hub "pw" | default "x" }}', 'x'],
    ['{{ tpl "{{ .pw | default `x` }}" . }}', 'x'],
  ])('may be asked for: %s is %s', async (template, expected) => {
    expect(await nameOf(template)).toBe(`${expected}:latest`);
  });

  test.each([
    ...[
      '{{ .pw }}',
      '{{ .pw | upper }}',
      '{{ .a.b }}',
      '{{ .hub.pw }}',
      '{{ printf "%s" .pw }}',
      '{{ printf "%d" .pw }}',
    ],
    ...[
      '{{ printf "%v" .pw }}',
      '{{ print .pw }}',
      '{{ eq .pw "x" }}',
      '{{ ne "x" .pw }}',
      '{{ lt .pw 1 }}',
      '{{ len .pw }}',
    ],
    ...[
      '{{ range .pw }}a{{ end }}',
      '{{ index .pw "x" }}',
      '{{ get .pw "x" }}',
      '{{ .pw | quote }}',
      '{{ toJson .pw }}',
    ],
    ...[
      '{{ list .pw }}',
      '{{ list .pw | toJson }}',
      '{{ dict "a" .pw | toYaml }}',
      '{{ coalesce .pw .pw }}',
      '{{ and .hub .pw }}',
    ],
    ...[
      '{{ ternary .pw "b" true }}',
      '{{ list "a" .pw | join "-" }}',
      '{{ html .pw }}',
      '{{ tpl "{{ .pw }}" . }}',
      '{{ .pw | trim | default "x" }}',
    ],
    ...[
      '{{ typeOf .pw }}',
      '{{ cat "a" .pw }}',
      '{{ toString .pw }}',
      '{{ slice .pw 1 }}',
      '{{ fromYaml .pw }}',
      '{{ append (list) .pw | toToml }}',
    ],
  ])('is an error that names it in %s', async (template) => {
    await expect(nameOf(template)).rejects.toThrow(
      /^tasks\.yaml:1: cannot render pull\.manifests.*map has no entry for key "(?:pw|a)"$/,
    );
  });
});

test.each([
  `username: u, password: '{{ fail "hunter2" }}'`,
  `username: u, password: '{{ index (list 1) "hunter2" }}'`,
  `username: u, password: '{{ hunter2 }}'`,
  `username: u, password: '{{ eq "hunter2" .nobody }}'`,
  `username: '{{ fail "hunter2" }}', password: p`,
  `auths: [{repo: q.io, username: u, password: '{{ fail "hunter2" }}'}]`,
  `auths: '{{ fail "hunter2" }}'`,
  `auths: [{repo: 'https://ada:hunter2@q.io', username: u, password: p}]`,
  `auths: [{registry: 'ada:hunter2@q.io/x', username: u, password: p}]`,
])('no error quotes a password or its template: %s', async (fields) => {
  const error = await pull(`manifests: [q.io/a], ${fields}`).catch((error: unknown) => error);
  expect(error).toMatchObject({ code: expect.stringMatching(/^INVALID_/) });
  expect(inspect(error)).not.toContain('hunter2');
});

describe('the arguments of a push', () => {
  const reference = '{{ .module.image.src.reference.repository }}:{{ .module.image.src.reference.reference }}';
  const registry = '.module.image.src.reference.registry';

  test.each([
    [`hub.kubekey/${reference}`, 'docker.io/nginx:1.25', 'hub.kubekey/library/nginx:1.25'],
    [`oci://hub.kubekey/${reference}`, 'q.io/a/b:1', 'hub.kubekey/a/b:1'],
    ['hub.kubekey/{{ .module.image.reference.repository }}', 'q.io/a/b:1', 'hub.kubekey/a/b:1'],
    [`{{ .image_registry.auth.registry }}/${reference}`, 'q.io/a/b:1', 'hub.io/a/b:1'],
    [
      `{{- if eq ${registry} "registry.k8s.io" -}} h.io/registry.k8s.io/${reference} {{- else -}} h.io/${reference} {{- end -}}`,
      'registry.k8s.io/pause:3.9',
      'h.io/registry.k8s.io/pause:3.9',
    ],
    [
      `{{- if and (eq ${registry} "registry.k8s.io") (.module.image.src.reference.repository | contains "/" | not) -}} oci://h.io/kubernetes/${reference} {{- else -}} oci://h.io/${reference} {{- end -}}`,
      'registry.k8s.io/coredns/coredns:1',
      'h.io/coredns/coredns:1',
    ],
    [`hub.kubekey/${reference}`, `q.io/a@sha256:${'0'.repeat(64)}`, `hub.kubekey/a@sha256:${'0'.repeat(64)}`],
  ])('dest %s of %s is %s', async (dest, image, expected) => {
    const variables = await readVariables('image_registry: {auth: {registry: hub.io}}', 'v.yaml');
    const [action] = await resolve(`- push: {images_dir: /i, dest: ${JSON.stringify(dest)}}`, variables);
    const { destinationOf } = action?.kind === 'push' ? action : expect.unreachable();
    expect(formatReference(destinationOf(parseReference(image)))).toBe(expected);
  });

  test('a dest that cannot be rendered or read names file, line and field', async () => {
    const missing = await push('dest: "{{ .hub }}/x"');
    expect(() => missing.destinationOf(NGINX)).toThrowError(/^tasks\.yaml:1: cannot render push\.dest.*"hub"/);
    const wrong = await push('dest: "hub.io/{{ .module.image.src.reference.registry }}/UP"');
    expect(() => wrong.destinationOf(NGINX)).toThrowError(/^tasks\.yaml:1: push\.dest: .*lower case/);
  });

  test('src_pattern is an expression of Go', async () => {
    expect((await push('dest: x, src_pattern: "(?i)^Docker\\\\.io/"')).pattern?.matcher('docker.io/x').find()).toBe(
      true,
    );
    await expect(push('dest: x, src_pattern: "("')).rejects.toThrow(
      'tasks.yaml:1: src_pattern is no regular expression',
    );
  });
});

describe('resolveTasks', () => {
  test('tells all that is wrong, with task and line, and resolves the tasks that are right', async () => {
    const { tasks } = await readTasks(
      `- name: first
  image: {pull: {images_dir: /i, manifests: ["{{ .version }}"]}}
- image: {pull: {images_dir: /i, manifests: [a]}}
- name: third
  image:
    pull: {images_dir: /j, manifests: [A]}
    push: {dest: x, src_pattern: "("}
- image: {pull: {images_dir: /i, manifests: ["q.io/{{ .item }}"]}}
  loop: [a, B, c]
`,
      'f.yaml',
    );
    const steps = await resolveTasks(tasks, new Map(), FUNCTIONS);
    const told = steps.map((step) => ('error' in step ? step.error.message.split('\n') : step.action.kind));
    expect(told).toEqual([
      [expect.stringContaining('f.yaml:2: task "first": cannot render pull.manifests in {{ .version }}')],
      'pull',
      [
        expect.stringMatching(/^f\.yaml:6: task "third": pull.manifests: cannot parse reference "A"/),
        '  did you mean "a"?',
        expect.stringMatching(/^f\.yaml:7: task "third": src_pattern is no regular expression/),
        expect.stringContaining('RE2'),
      ],
      'pull',
      [expect.stringContaining('f.yaml:8: pull.manifests: cannot parse reference "q.io/B"')],
      'pull',
    ]);
    expect(steps.flatMap((step) => ('fills' in step ? step.fills : []))).toEqual(['/i', '/j', '/i']);
  });

  test('conditions leave tasks out; loops repeat them; what is given weighs more than what the file says', async () => {
    const actions = await resolve(
      `- vars: {dir: /file, on: true}
  tasks:
  - image: {pull: {images_dir: "{{ .dir }}", manifests: ["q.io/{{ .item.name }}"]}}
    loop: [{name: a}, {name: b}]
    when: .on
  - image: {pull: {images_dir: /x, manifests: [never]}}
    when: [.on, "{{ eq .dir \\"/file\\" }}"]
`,
      new Map([['dir', '/given']]),
    );
    expect(
      actions.map((action) => (action.kind === 'pull' ? [action.directory, action.images.map(formatReference)] : [])),
    ).toEqual([
      ['/given', ['q.io/a:latest']],
      ['/given', ['q.io/b:latest']],
    ]);
  });

  test('a condition on a variable that is not there is an error', async () => {
    await expect(resolve('- image: {pull: {images_dir: /x, manifests: [a]}}\n  when: .nothing')).rejects.toThrow(
      'tasks.yaml:2: cannot render when in {{ .nothing }}',
    );
  });
});

describe('variables', () => {
  test('assignments make maps and read scalars', async () => {
    const variables = await readVariables('a: {b: 1, c: x}\nd: 1.5\ne: null\nf: "1"\ng: 007\n', 'v.yaml');
    assignVariable(variables, 'a.b=true');
    assignVariable(variables, 'h.i.j=k=l');
    assignVariable(variables, 'n=12');
    expect(variables).toEqual(
      new Map<string, unknown>([
        [
          'a',
          new Map<string, unknown>([
            ['b', true],
            ['c', 'x'],
          ]),
        ],
        ['d', 1.5],
        ['e', null],
        ['f', '1'],
        ['g', '007'],
        ['h', new Map([['i', new Map([['j', 'k=l']])]])],
        ['n', 12n],
      ]),
    );
  });

  test.each([
    '3.10',
    '1e3',
    '0x10',
    '007',
    '+1',
    '-0',
    '~',
    'null',
    'True',
    '1234567890123456789012',
    '0',
    '-5',
    '42',
    'false',
    '',
  ])('an assignment of %j prints as it is written', async (value) => {
    const variables: GoMap = new Map();
    assignVariable(variables, `name=${value}`);
    const { access } = await pull('manifests: [q.io/a], username: u, password: "x{{ .name }}"', variables);
    expect(access[0]?.login?.password).toBe(`x${value}`);
  });

  test.each(['novalue', '=x', 'a..b=x'])('refuses the assignment %s', (assignment) => {
    expect(() => assignVariable(new Map(), assignment)).toThrowError(expect.objectContaining({ code: 'USAGE' }));
  });

  test.each(['- a', 'a: 1\na: 2', 'a: ['])('refuses the file %j', async (text) => {
    await expect(readVariables(text, 'v.yaml')).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
  });
});

test('a template of KubeKey 4.0.5 has its scheme inside a condition, and the variables in both spellings', async () => {
  const [action] = await resolve(`- vars: {hub: r.io}
  image:
    src: local:///i
    dest: >-
      {{- if and (eq .module.image.reference.registry "registry.k8s.io") (.module.image.reference.repository | contains "/" | not) -}}
      oci://{{ .hub }}/kubernetes/{{ .module.image.reference.repository }}:{{ .module.image.src.reference.reference }}
      {{- else -}}
      oci://{{ .hub }}/{{ .module.image.reference.repository }}:{{ .module.image.reference.reference }}
      {{- end -}}
`);
  const destinationOf = action?.kind === 'push' ? action.destinationOf : expect.unreachable();
  const nameOf = (image: string): string => formatReference(destinationOf(parseReference(image)));
  expect(nameOf('registry.k8s.io/pause:3.10')).toBe('r.io/kubernetes/pause:3.10');
  expect(nameOf('registry.k8s.io/coredns/coredns:v1.12.1')).toBe('r.io/coredns/coredns:v1.12.1');
});
