import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findTextImages } from './text-images.ts';

async function read(text: string, format: 'yaml' | 'json' = 'yaml'): Promise<{ images: string[]; remarks: string[] }> {
  const images: string[] = [];
  const remarks: string[] = [];
  await findTextImages(
    text,
    {
      image: ({ image, confidence, rule, line, path, object }, document) => {
        const short = image.replace(/^docker\.io\/library\//, '');
        const owner = object === undefined ? '' : ` ${object.kind}/${object.name}`;
        images.push(`${document}:${line} ${short} ${confidence} ${rule} ${path ?? '-'}${owner}`);
      },
      remark: ({ severity, line, message }) => remarks.push(`${line} ${severity}: ${message}`),
    },
    { format },
  );
  return { images, remarks };
}

const POD = `  containers:
  - name: a
    image: nginx:1
  initContainers:
  - name: b
    image: "quay.io/x/init@sha256:${'1'.repeat(64)}"
  ephemeralContainers:
  - {name: c, image: debug}
  volumes:
  - name: v
    image: {reference: quay.io/x/data:2, pullPolicy: Always}
`;

/** The same pod under a deeper path. */
function podUnder(fields: string, levels: number): string {
  return `${fields}\n${POD.replace(/^/gm, '  '.repeat(levels)).trimEnd()}\n`;
}

function podFindings(path: string, object: string, line: number): string[] {
  const at = (offset: number, image: string, rule: string, field: string) =>
    `1:${line + offset} ${image} certain ${rule} ${path}.${field} ${object}`;
  return [
    at(2, 'nginx:1', 'container', 'containers[0].image'),
    at(5, `quay.io/x/init@sha256:${'1'.repeat(64)}`, 'container', 'initContainers[0].image'),
    at(7, 'debug:latest', 'container', 'ephemeralContainers[0].image'),
    at(10, 'quay.io/x/data:2', 'image-volume', 'volumes[0].image.reference'),
  ];
}

describe('objects of Kubernetes', () => {
  test('a Pod names the images of its containers and of its image volumes', async () => {
    const { images, remarks } = await read(`apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n${POD}`);
    expect(images).toEqual(podFindings('spec', 'Pod/p', 5));
    expect(remarks).toEqual([]);
  });

  test.each([
    ['apps/v1', 'Deployment'],
    ['apps/v1', 'StatefulSet'],
    ['apps/v1', 'DaemonSet'],
    ['apps/v1', 'ReplicaSet'],
    ['extensions/v1beta1', 'Deployment'],
    ['v1', 'ReplicationController'],
    ['batch/v1', 'Job'],
  ])('%s %s holds a pod template', async (apiVersion, kind) => {
    const head = `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: p}\nspec:\n  template:\n    spec:`;
    const { images } = await read(podUnder(head, 2));
    expect(images).toEqual(podFindings('spec.template.spec', `${kind}/p`, 7));
  });

  test('a CronJob holds a job template, a PodTemplate a template', async () => {
    const cron =
      'apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: p}\nspec:\n  jobTemplate:\n    spec:\n      template:\n        spec:';
    expect((await read(podUnder(cron, 4))).images).toEqual(
      podFindings('spec.jobTemplate.spec.template.spec', 'CronJob/p', 9),
    );
    const template = 'apiVersion: v1\nkind: PodTemplate\nmetadata: {name: p}\ntemplate:\n  spec:';
    expect((await read(podUnder(template, 1))).images).toEqual(podFindings('template.spec', 'PodTemplate/p', 6));
  });

  test.each(['List', 'PodList'])('a %s is taken apart', async (kind) => {
    const { images } = await read(
      `apiVersion: v1\nkind: ${kind}\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n  spec: {containers: [{image: one:1}]}\n` +
        '- apiVersion: v1\n  kind: Pod\n  metadata: {generateName: b-}\n  spec: {containers: [{image: two:2}]}\n',
    );
    expect(images).toEqual([
      '1:7 one:1 certain container items[0].spec.containers[0].image Pod/a',
      '1:11 two:2 certain container items[1].spec.containers[0].image Pod/b-',
    ]);
  });

  test('a kind of the same name in a foreign group is no more than likely', async () => {
    const { images } = await read(
      'apiVersion: example.com/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {template: {spec: {containers: [{image: one:1}]}}}',
    );
    expect(images).toEqual(['1:4 one:1 likely image-key spec.template.spec.containers[0].image Deployment/x']);
  });

  test('JSON is read like YAML, with tabs, escapes and positions', async () => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: { containers: [{ image: 'nginx:1' }] },
    };
    const text = JSON.stringify(pod, null, '\t').replace('"image"', '"im\\u0061ge"');
    expect((await read(text, 'json')).images).toEqual([
      '1:10 nginx:1 certain container spec.containers[0].image Pod/p',
    ]);
  });
});

describe('other kinds', () => {
  test.each([
    ['image: nginx', 'nginx:latest likely image-key image'],
    ['proxyImage: a/b:1', 'docker.io/a/b:1 likely image-key proxyImage'],
    [
      'metadata: {annotations: {sidecar.istio.io/proxyImage: "a/b:1"}}',
      'docker.io/a/b:1 likely image-key metadata.annotations["sidecar.istio.io/proxyImage"]',
    ],
    ['pullImage: always', 'always:latest possible image-key pullImage'],
    ['imageName: ghcr.io/a/b:1', 'ghcr.io/a/b:1 likely image-key imageName'],
    ['imageName: a/b', 'docker.io/a/b:latest possible image-key imageName'],
    ['baseImage: quay.io/a/b', 'quay.io/a/b:latest possible image-key baseImage'],
    ['docker_image: a/b:1', 'docker.io/a/b:1 likely image-key docker_image'],
    ['url: docker://quay.io/a/b:1', 'quay.io/a/b:1 likely text url'],
    ['url: oci://quay.io/a/b:1', 'quay.io/a/b:1 possible text url'],
    ['args: [--default-base-image=quay.io/a/b]', 'quay.io/a/b:latest possible argument args[0]'],
    ['args: ["--images=x=quay.io/a/b:1"]', 'quay.io/a/b:1 likely argument args[0]'],
    ['args: ["--reloader=x=quay.io/a/b:1"]', 'quay.io/a/b:1 possible argument args[0]'],
    ['command: [sh, -c, "ctr pull quay.io/a/b:1"]', 'quay.io/a/b:1 possible argument command[2]'],
    ['env: [{name: HELPER_IMG, value: "quay.io/a/b:1"}]', 'quay.io/a/b:1 likely environment env[0].value'],
    [
      'env: [{name: X, value: \'{"proxyImage": "a/b:1"}\'}]',
      'docker.io/a/b:1 likely image-key env[0].value proxyImage',
    ],
    [
      'parameters: [{name: image.repository, value: a/b}, {name: image.tag, value: v1}]',
      'docker.io/a/b:v1 likely image-map parameters[0]',
    ],
    ['image: docker://a/b:1', 'docker.io/a/b:1 likely image-key image'],
    ['image: {registry: quay.io, repository: a/b, tag: 1.20}', 'quay.io/a/b:1.20 likely image-map image.repository'],
    ['image: {name: a/b, tag: v1}', 'docker.io/a/b:v1 likely image-map image.name'],
    ['image: {repository: a/b}', 'docker.io/a/b:latest possible image-map image.repository'],
    [
      `image: {repository: a/b, tag: v1, digest: "sha256:${'a'.repeat(64)}"}`,
      `docker.io/a/b:v1@sha256:${'a'.repeat(64)} likely image-map image.repository`,
    ],
    [
      `initImage: {repository: a/b, sha: ${'a'.repeat(64)}}`,
      `docker.io/a/b@sha256:${'a'.repeat(64)} likely image-map initImage.repository`,
    ],
    ['server: {repository: localhost:5000/a/b, tag: v1}', 'localhost:5000/a/b:v1 likely image-map server.repository'],
    ['image: a/b\ntag: v2', 'docker.io/a/b:v2 likely image-key image'],
    ['image: a/b\nregistry: quay.io\ntag: v2', 'quay.io/a/b:v2 likely image-key image'],
    [
      'baseImage: quay.io/prometheus/prometheus\nversion: v2.1.0',
      'quay.io/prometheus/prometheus:v2.1.0 likely image-key baseImage',
    ],
    ['images: [a/b:1]', 'docker.io/a/b:1 likely image-key images[0]'],
    ['images: {agent: "a/b:1"}', 'docker.io/a/b:1 likely image-key images.agent'],
    ['images:\n- name: nginx\n  newName: a/b\n  newTag: "2"', 'docker.io/a/b:2 likely image-map images[0].newName'],
    ['args: [--image=a/b:1]', 'docker.io/a/b:1 likely argument args[0]'],
    ['args: [--sidecar-image=a/b:1]', 'docker.io/a/b:1 likely argument args[0]'],
    ['args: [--sidecar-image, "a/b:1"]', 'docker.io/a/b:1 likely argument args[1]'],
    ['args: ["--config-reloader=quay.io/a/b:v1"]', 'quay.io/a/b:v1 possible argument args[0]'],
    ['command: [sh, -c, "run --image=a/b:1 --now"]', 'docker.io/a/b:1 likely argument command[2]'],
    ['env: [{name: RELATED_IMAGE_X, value: "a/b:1"}]', 'docker.io/a/b:1 likely environment env[0].value'],
    ['env: [{name: X_IMAGE, value: "a/b:1"}]', 'docker.io/a/b:1 likely environment env[0].value'],
    ['env: [{name: OTHER, value: "quay.io/a/b:1"}]', 'quay.io/a/b:1 possible text env[0].value'],
    ['env: [{name: RELATED_IMAGE_REGISTRY, value: "quay.io/a/b:1"}]', 'quay.io/a/b:1 likely environment env[0].value'],
    ['env: [{name: STAGE_SEARCH_IMAGE, value: "a/b:1"}]', 'docker.io/a/b:1 likely environment env[0].value'],
    ['note: quay.io/a/b:1', 'quay.io/a/b:1 possible text note'],
  ])('%s', async (manifest, expected) => {
    const { images } = await read(`apiVersion: example.com/v1\nkind: Thing\n${manifest}`);
    expect(images.map((line) => line.replace(/^\S+ /, '').replace(' Thing/', ''))).toEqual([expected]);
  });

  test.each([
    'image: {type: string}',
    'useImage: true',
    'image: ""',
    'image:',
    'imagePullPolicy: Always',
    'chart: {repository: "https://charts.example.com", version: 1}',
    'server: {repository: a/b}',
    'args: [--image-pull-policy=Always, --url=https://example.com/a/b:1]',
    'env: [{name: IMAGE_PULL_POLICY, value: Always}, {name: IMAGE_REGISTRY, value: quay.io/a}, {name: A, value: b}]',
    'description: |\n  image: a/b:1',
    'endpoint: example.com:8080/path',
    'parameters: [{name: image.tag, value: v1}, {name: other.repository, value: a/b}]',
    'args: ["--image-tag=v1", "--url=https://example.com/a:80/b"]',
  ])('no image and no remark in %j', async (manifest) => {
    expect(await read(`kind: Thing\n${manifest}`)).toEqual({ images: [], remarks: [] });
  });

  test('a variable that lists one image a line names all of them', async () => {
    const { images } = await read(
      'env:\n- name: KAFKA_IMAGES\n  value: |\n    3.7=quay.io/k/k:3.7\n    3.8=quay.io/k/k:3.8\n',
    );
    expect(images).toEqual([
      '1:3 quay.io/k/k:3.7 likely environment env[0].value',
      '1:3 quay.io/k/k:3.8 likely environment env[0].value',
    ]);
  });

  test('the schema of a custom resource names images by its defaults alone', async () => {
    const { images, remarks } = await read(
      'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n  image:\n    type: string\n    default: quay.io/a/b:1\n    description: "image: x"\n',
    );
    expect(images).toEqual(['1:6 quay.io/a/b:1 possible line -']);
    expect(remarks).toEqual([]);
  });
});

describe('text inside of fields', () => {
  test('a ConfigMap that holds YAML is read as such, lines counted through', async () => {
    const { images } = await read(
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  pod.yaml: |\n    apiVersion: v1\n    kind: Pod\n    metadata: {name: h}\n    spec:\n      containers:\n      - image: busybox:1\n',
    );
    expect(images).toEqual(['1:11 busybox:1 likely container data["pod.yaml"] spec.containers[0].image Pod/h']);
  });

  test('a ConfigMap that holds something else is searched line by line', async () => {
    const { images } = await read(
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  config.toml: |\n    [plugins]\n      sandbox_image = "registry.k8s.io/pause:3.9"\n',
    );
    expect(images).toEqual(['1:7 registry.k8s.io/pause:3.9 likely line data["config.toml"] ConfigMap/c']);
  });

  test('values of a chart that is installed in the cluster are likely, in a resource of another kind possible', async () => {
    const text = (kind: string) =>
      `apiVersion: v1\nkind: ${kind}\nspec:\n  valuesContent: |-\n    image:\n      repository: a/b\n      tag: v1\n`;
    const found = (kind: string, confidence: string) => [
      `1:6 docker.io/a/b:v1 ${confidence} image-map spec.valuesContent image.repository ${kind}/`,
    ];
    expect((await read(text('HelmChart'))).images).toEqual(found('HelmChart', 'likely'));
    expect((await read(text('Thing'))).images).toEqual(found('Thing', 'possible'));
  });

  test('a script names images by its options, and possibly by whole references', async () => {
    const { images } = await read(
      'apiVersion: v1\nkind: ConfigMap\ndata:\n  run.sh: |\n    kubectl run --image=quay.io/a/b:1\n    ctr pull "quay.io/c/d:2";\n    curl https://example.com/e/f:3 # see example.com/docs\n',
    );
    expect(images).toEqual([
      '1:5 quay.io/a/b:1 likely line data["run.sh"] ConfigMap/',
      '1:6 quay.io/c/d:2 possible line data["run.sh"] ConfigMap/',
    ]);
  });
});

describe('values that cannot be known', () => {
  test.each([
    [
      'kind: Pod\napiVersion: v1\nspec: {containers: [{image: "Foo/Bar"}]}',
      '3 warning: cannot parse reference "Foo/Bar"',
    ],
    ['image: https://example.com/a.png', '1 note: "https://example.com/a.png" is no image reference at image'],
    ['image: $(IMAGE)', '1 warning: an image that is a template or a variable cannot be known at image'],
    [
      'image: {{ .Values.image }}:{{ .Values.tag }}',
      '1 warning: an image that is a template or a variable cannot be known at image',
    ],
    [
      'image: "{{ default "x" .Values.image }}"',
      '1 warning: an image that is a template or a variable cannot be known at image',
    ],
  ])('%j is remarked on', async (text, remark) => {
    const { images, remarks } = await read(text);
    expect(images).toEqual([]);
    expect(remarks).toHaveLength(1);
    expect(remarks[0]).toContain(remark);
  });

  test('both branches of a template are read, with its objects and positions', async () => {
    const { images, remarks } = await read(
      '{{- if .Values.x }}\napiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Name }}\nspec:\n  containers:\n  - image: a:1\n{{- else }}\n  - image: b:2\n{{- end }}\n',
    );
    expect(images.map((line) => line.split(' ').slice(0, 4).join(' '))).toEqual([
      '1:8 a:1 certain container',
      '1:10 b:2 certain container',
    ]);
    expect(remarks).toEqual([]);
  });

  test('a template that is no YAML is searched line by line', async () => {
    const { images, remarks } = await read(
      'a: [\n{{ range .x }}\n  image: "nginx:1" # web\n  image: {{ .y }}\n  - --web-image=a/b:1\n  registry: quay.io\n  repository: a/b\n  tag: "2"\n',
    );
    expect(images).toEqual([
      '1:3 nginx:1 likely line -',
      '1:5 docker.io/a/b:1 likely line -',
      '1:7 quay.io/a/b:2 likely line -',
    ]);
    expect(remarks.map((remark) => remark.slice(0, 45))).toEqual([
      expect.stringMatching(/^\d+ warning: this template cannot be read/),
      '4 warning: an image that is a template or a v',
    ]);
  });
});

describe('broken and hostile text', () => {
  test('a document that is too large for a tree is searched line by line', async () => {
    const { images, remarks } = await read(`x: ${'y'.repeat(9_000_000)}\nimage: a:1\n---\nimage: b:2\n`);
    expect(images).toEqual(['1:2 a:1 likely line -', '2:4 b:2 likely image-key image']);
    expect(remarks[0]).toContain('it is larger than 8 MiB');
  });

  test('one broken document hides no other', async () => {
    const { images, remarks } = await read('image: a:1\n---\nimage: b:2\n  bad: [\n--- # third\nimage: c:3\n');
    expect(images).toEqual([
      '1:1 a:1 likely image-key image',
      '2:3 b:2 likely line -',
      '3:6 c:3 likely image-key image',
    ]);
    expect(remarks).toHaveLength(1);
    expect(remarks[0]).toMatch(/^\d warning: this document does not parse/);
  });

  test.each([
    ['deep flow', `image: nginx:1\nx: ${'['.repeat(50_000)}`],
    ['deep blocks', `image: nginx:1\nx: ${'- '.repeat(5_000)}`],
    ['deep JSON', `${'{"image":"nginx:1","a":'.repeat(5_000)}1${'}'.repeat(5_000)}`],
    [
      'aliases',
      `image: nginx:1\na: &a0 [x,x]\n${Array.from({ length: 60 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i},*a${i}]`).join('\n')}`,
    ],
    [
      'deep aliases',
      `image: nginx:1\na: &a0 [x]\n${Array.from({ length: 5_000 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}]`).join('\n')}`,
    ],
  ])('%s is bounded, said, and still searched', async (_, text) => {
    const { images, remarks } = await read(text);
    expect(images.some((line) => line.includes('nginx:1 likely'))).toBe(true);
    expect(remarks.some((remark) => remark.includes('line by line'))).toBe(true);
  });

  test('aliases of one long text are looked into once', async () => {
    const long = JSON.stringify(`image: x:1\n${'y '.repeat(100_000)}`);
    const { images } = await read(`image: nginx:1\na: &a ${long}\nb: [${'*a,'.repeat(100_000)}]\n`);
    expect(images.map((line) => line.split(' ').slice(1, 3).join(' '))).toEqual(['nginx:1 likely', 'x:1 possible']);
  });

  test('an alias is the value of its anchor; a merge key brings its fields; a loop ends', async () => {
    const { images } = await read('base: &b {image: "nginx:1"}\nother:\n  <<: *b\n  x: 1\nloop: &l [*l]\n');
    expect(images).toEqual(['1:1 nginx:1 likely image-key base.image', '1:1 nginx:1 likely image-key other.image']);
  });

  test('lines of many unfinished actions and quotes are read in a bounded time', async () => {
    const { remarks } = await read(`[ ${'image:{{'.repeat(20_000)}\n[ ${'image:"'.repeat(20_000)}\n`);
    expect(remarks.length).toBeGreaterThan(0);
  });

  test('any text is read: it gives findings and remarks, never an error', async () => {
    const piece = fc.constantFrom(
      'image:',
      ' nginx:1',
      '\n',
      '  ',
      '- ',
      '{{',
      '}}',
      '"',
      "'",
      '[',
      '{',
      '}',
      ': ',
      '|\n',
      '&a ',
      '*a',
      '---\n',
      '<<: ',
      '#',
      '%',
      '\t',
      '!!x ',
      '? ',
      ',',
      'repository: a/b',
      'tag: 1',
      '\u0000',
      '\uE000',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 40 }),
        fc.constantFrom('yaml' as const, 'json' as const),
        async (pieces, format) => {
          await read(pieces.join(''), format);
        },
      ),
      { numRuns: 500 },
    );
  });
});
