import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import type { CopyEvent, MemoryStore, Namespace } from '@kubecrate/content';
import { certificateAuthority, image, index, memoryNamespace, pushImage } from '@kubecrate/content/testing';
import { messageOf } from '@kubecrate/errors';
import { tempDirectory } from '@kubecrate/files';
import { type GoMap, seededRandom } from '@kubecrate/gotemplate';
import { parsePlatform } from '@kubecrate/oci';
import type { RegistryConfig } from '@kubecrate/registry';
import { type RunningServer, startServer } from '@kubecrate/server';
import { describe, expect, test } from 'vitest';
import { readTasks } from './read-tasks.ts';
import type { ActionReport } from './report.ts';
import { resolveTasks } from './resolve-tasks.ts';
import { type RunOptions, runActions } from './run-actions.ts';
import { taskFunctions } from './task-functions.ts';

const RETRY = { attempts: 1, delayMs: 1, maximumDelayMs: 1, random: () => 0 };
const FUNCTIONS = await taskFunctions({
  now: () => new Date(0),
  random: seededRandom('x'),
  fileExists: (path) => path === '/there',
});

const AMD64 = image({ seed: 'amd64' });
const ARM64 = image({ seed: 'arm64', platform: parsePlatform('linux/arm64') });
const BOTH = index([AMD64, ARM64]);

async function run(
  text: string,
  options: Partial<RunOptions> = {},
  variables: GoMap = new Map(),
): Promise<readonly ActionReport[]> {
  const { tasks } = await readTasks(text, 'tasks.yaml');
  const actions = await resolveTasks(tasks, variables, FUNCTIONS);
  const reports: ActionReport[] = [];
  for await (const report of runActions(actions, { registry: { retry: RETRY }, retry: RETRY, ...options }))
    reports.push(report);
  return reports;
}

const shown = (reports: readonly ActionReport[]) =>
  reports.map(({ kind, status, images }) => [
    `${kind} ${status}`,
    ...images.map(({ status, source, destination }) => `${status} ${source} => ${destination}`),
  ]);

/** A directory and a registry with some images, which is a mirror of Docker Hub too. */
async function withRegistry(
  work: (place: {
    directory: string;
    host: string;
    registry: RegistryConfig;
    namespace: Namespace<MemoryStore>;
    server: RunningServer;
  }) => Promise<void>,
): Promise<void> {
  await using directory = await tempDirectory(tmpdir());
  const namespace = memoryNamespace();
  for (const name of ['ks-apiserver', 'ks-controller-manager'])
    await pushImage(namespace.repository(`kubesphere/${name}`), BOTH, 'v4.1.3');
  await pushImage(namespace.repository('kubesphere/ks-console'), AMD64, '3.19');
  await using server = await startServer(namespace, { access: 'writable' });
  const registry = {
    retry: RETRY,
    registryMirrors: [server.url],
    registries: [{ prefix: 'hub.kubekey', location: server.host, insecure: true, blocked: false, mirrors: [] }],
  };
  await work({ directory: directory.path, host: server.host, registry, namespace, server });
}

/** The two examples of the documentation, in a directory of the test. */
const EXAMPLES = (directory: string) => `- name: pull images
  image:
    pull:
      images_dir: ${directory}/
      platform: linux/amd64
      manifests: 
       - "docker.io/kubesphere/ks-apiserver:v4.1.3"
       - "docker.io/kubesphere/ks-controller-manager:v4.1.3"
       - "docker.io/kubesphere/ks-console:3.19"
- name: push images
  push:
    images_dir: ${directory}/
    dest: hub.kubekey/{{ .module.image.src.reference.repository }}:{{ .module.image.src.reference.reference }}
`;

const PUSHED = [
  'docker.io/kubesphere/ks-apiserver:v4.1.3 => hub.kubekey/kubesphere/ks-apiserver:v4.1.3',
  'docker.io/kubesphere/ks-console:3.19 => hub.kubekey/kubesphere/ks-console:3.19',
  'docker.io/kubesphere/ks-controller-manager:v4.1.3 => hub.kubekey/kubesphere/ks-controller-manager:v4.1.3',
];

describe("the documentation's examples", () => {
  test('pull from Docker Hub, push to the hub', async () => {
    await withRegistry(async ({ directory, registry, namespace }) => {
      const reports = await run(EXAMPLES(join(directory, 'images')), { registry });
      expect(shown(reports)[1]).toEqual(['push success', ...PUSHED.map((line) => expect.stringContaining(line))]);
      expect(reports.map(({ status }) => status)).toEqual(['success', 'success']);
      expect((await namespace.repository('kubesphere/ks-apiserver').resolve('v4.1.3')).digest).toBe(
        AMD64.descriptor.digest,
      );
      const manifest = join(directory, 'images/docker.io/kubesphere/ks-console/manifests/3.19');
      expect(await readFile(manifest)).toEqual(AMD64.bytes);
      expect((await readdir(join(directory, 'images/blobs'))).sort()).toEqual(
        AMD64.blobs.map(({ descriptor }) => descriptor.digest).sort(),
      );
    });
  });

  test('a dry run tells both and touches nothing', async () => {
    await withRegistry(async ({ directory, registry }) => {
      const reports = await run(EXAMPLES(join(directory, 'images')), { registry, mode: 'dry-run' });
      expect(shown(reports)[1]).toEqual(['push success', ...[0, 2, 1].map((at) => `planned ${PUSHED[at]}`)]);
      expect(await readdir(directory)).toEqual([]);
    });
  });
});

describe('a pull', () => {
  const pull = (directory: string, fields: string) => `- image: {pull: {images_dir: "${directory}", ${fields}}}`;

  test('one image that fails stops neither the others nor what comes after', async () => {
    await withRegistry(async ({ directory, host }) => {
      const first = pull(directory, `manifests: ["${host}/kubesphere/gone:1", "${host}/kubesphere/ks-console:3.19"]`);
      const second = pull(directory, `manifests: ["${host}/kubesphere/ks-apiserver:v4.1.3"]`);
      const reports = await run(`${first}\n${second}\n`);
      expect(reports.map(({ status, images }) => [status, images.map((one) => one.status)])).toEqual([
        ['failed', ['failed', 'copied']],
        ['success', ['copied']],
      ]);
      expect(reports[0]?.images[0]?.error).toMatchObject({ code: 'NOT_FOUND' });
    });
  });

  test('the images that arrived are pushed, the others named by the pull', async () => {
    await withRegistry(async ({ directory, host, namespace }) => {
      const first = pull(directory, `manifests: ["${host}/kubesphere/gone:1", "${host}/kubesphere/ks-console:3.19"]`);
      const dest = `${host}/new/{{ .module.image.src.reference.repository }}`;
      const reports = await run(`${first}\n- image: {push: {images_dir: "${directory}", dest: '${dest}'}}\n`);
      expect(reports.map(({ status, images }) => [status, images.map((one) => one.status)])).toEqual([
        ['failed', ['failed', 'copied']],
        ['success', ['copied']],
      ]);
      expect((await namespace.repository('new/kubesphere/ks-console').resolve('3.19')).digest).toBe(
        AMD64.descriptor.digest,
      );
    });
  });

  test('what reads a directory is not run where nothing came into it, unless it is told; the rest is', async () => {
    await withRegistry(async ({ directory, host }) => {
      const [lost, kept] = [join(directory, 'lost'), join(directory, 'kept')];
      const gone = pull(lost, `manifests: ["${host}/kubesphere/gone:1"]`);
      const wrong = pull(lost, 'manifests: ["{{ .nobody }}"]');
      const good = (into: string) => pull(into, `manifests: ["${host}/kubesphere/ks-apiserver:v4.1.3"]`);
      const push = (from: string) =>
        `- image: {push: {images_dir: "${from}", dest: "${host}/y/{{ .module.image.src.reference.repository }}"}}`;
      const copy = `- image: {copy: {from: {path: "${lost}"}, to: {path: "${directory}/copy"}}}`;
      const statuses = async (...tasks: readonly string[]) => (await run(tasks.join('\n'))).map(({ status }) => status);
      for (const first of [gone, wrong]) {
        const rest = [good(kept), push(kept), push(`${lost}/`), copy, push(join(directory, 'copy'))];
        const [failed, success, not] = ['failed', 'success', 'not-run'];
        expect(await statuses(first, ...rest)).toEqual([failed, success, success, not, not, not]);
        expect(await statuses(first, good(lost), push(lost))).toEqual([failed, success, success]);
        expect(await statuses(`${first}\n  ignore_errors: true`, push(lost))).toEqual([failed, success]);
        await rm(lost, { recursive: true });
      }
    });
  });

  test.each([
    ['HOST/one:1', 'CONFLICT', ''],
    ['HOST/{{ .nobody }}', 'INVALID_TEMPLATE', 'map has no entry for key "nobody"'],
    ['HOST/Upper/{{ .module.image.src.reference.repository }}', 'INVALID_REFERENCE', 'push.dest'],
    ['{{ .module.image.src.reference.reference }}.io/x", username: u, password: "p', 'INVALID_CONFIG', 'several'],
  ])('is done where a push behind it to %s is refused', async (dest, code, reason) => {
    await withRegistry(async ({ directory, host }) => {
      const images = join(directory, 'images');
      const names = `"${host}/kubesphere/ks-apiserver:v4.1.3", "${host}/kubesphere/ks-console:3.19"`;
      const push = `- image: {push: {images_dir: "${images}", dest: "${dest.replace('HOST', host)}"}}`;
      const reports = await run(`${pull(images, `manifests: [${names}]`)}\n${push}\n`);
      expect(reports.map(({ status }) => status)).toEqual(['success', 'failed']);
      const error = reports[1]?.error ?? reports[1]?.images[0]?.error;
      expect(error).toMatchObject({ code });
      expect(messageOf(error)).toContain(reason);
    });
  });

  test('platforms: one gives its manifest, several an index of them, a missing one an error or a warning', async () => {
    await withRegistry(async ({ directory, host }) => {
      const from = `manifests: ["${host}/kubesphere/ks-apiserver:v4.1.3", "${host}/kubesphere/ks-console:3.19"]`;
      const digests = async (name: string, fields: string) => {
        const events: CopyEvent[] = [];
        const [report] = await run(pull(join(directory, name), `${from}, ${fields}`), {
          onEvent: (event) => events.push(event),
        });
        const warnings = events.filter(({ type }) => type === 'warning').length;
        return [
          report?.status,
          ...(report?.images.map(({ status, descriptor }) => descriptor?.digest ?? status) ?? []),
          warnings,
        ];
      };
      expect(await digests('one', 'platform: linux/amd64')).toEqual([
        'success',
        AMD64.descriptor.digest,
        AMD64.descriptor.digest,
        0,
      ]);
      expect(await digests('all', 'platform: all')).toEqual([
        'success',
        BOTH.descriptor.digest,
        AMD64.descriptor.digest,
        0,
      ]);
      expect(await digests('two', 'platform: [linux/amd64, linux/arm64]')).toEqual([
        'success',
        BOTH.descriptor.digest,
        AMD64.descriptor.digest,
        0,
      ]);
      expect(await digests('strict', 'platform: [linux/arm64]')).toEqual([
        'failed',
        ARM64.descriptor.digest,
        'failed',
        0,
      ]);
      expect(await digests('warn', 'platform: [linux/arm64], policy: warn')).toEqual([
        'success',
        ARM64.descriptor.digest,
        'skipped',
        0,
      ]);
      const some = await digests('some', 'platform: [linux/arm64, linux/s390x, linux/amd64], policy: warn');
      expect([some[0], some[3]]).toEqual(['success', 1]);
    });
  });

  test('the directory can be written as later versions of KubeKey read it', async () => {
    await withRegistry(async ({ directory, host }) => {
      await run(pull(directory, `manifests: ["${host}/kubesphere/ks-console:3.19"]`), { layout: 'v4.0.5' });
      const layout = await readFile(join(directory, host, 'kubesphere/ks-console/manifests/layout'), 'utf8');
      expect(JSON.parse(layout)).toEqual({ '3.19': AMD64.descriptor.digest });
    });
  });

  test('a password goes to its own registry and to no other, and into no error', async () => {
    await using directory = await tempDirectory(tmpdir());
    const seen: string[] = [];
    const namespace = memoryNamespace();
    await pushImage(namespace.repository('a/b'), AMD64, '1');
    await using open = await startServer(namespace, {
      users: [{ username: 'u', password: 'right' }],
      onEvent: (event) => seen.push(JSON.stringify(event)),
    });
    await using other = await startServer(namespace, { users: [{ username: 'u', password: 'right' }] });
    const tasks = (password: string) =>
      pull(
        directory.path,
        `manifests: ["${open.host}/a/b:1", "${other.host}/a/b:1"], auths: [{repo: "${open.host}", username: u, password: ${password}}]`,
      );
    const [report] = await run(tasks('right'));
    expect(report?.images.map(({ status }) => status)).toEqual(['copied', 'failed']);
    expect(report?.images[1]?.error).toMatchObject({ code: 'UNAUTHORIZED' });
    const [wrong] = await run(tasks('hunter2'));
    expect(inspect(wrong?.images[0]?.error)).not.toContain('hunter2');
  });

  test('certificates of a task are used, or none is checked where it says so', async () => {
    await using directory = await tempDirectory(tmpdir());
    const authority = await certificateAuthority();
    const { cert, key } = await authority.issue('registry');
    const namespace = memoryNamespace();
    await pushImage(namespace.repository('a/b'), AMD64, '1');
    await using server = await startServer(namespace, { tls: { cert, key } });
    const caFile = join(directory.path, 'ca.pem');
    await writeFile(caFile, authority.cert);
    const statusOf = async (name: string, auth: string) => {
      const [report] = await run(pull(join(directory.path, name), `manifests: ["${server.host}/a/b:1"]${auth}`));
      return report?.images[0]?.status ?? report?.error;
    };
    const registry = `registry: "${server.host}"`;
    expect(await statusOf('none', `, auths: [{${registry}, ca_file: "${directory.path}/none.pem"}]`)).toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await statusOf('ca', `, auths: [{${registry}, ca_file: "${caFile}"}]`)).toBe('copied');
    expect(await statusOf('skip', `, auths: [{${registry}, skip_tls_verify: true}]`)).toBe('copied');
    expect(await statusOf('task', ', skip_tls_verify: true')).toBe('copied');
    await using plain = await startServer(namespace);
    for (const fields of ['', `, auths: [{registry: "${plain.host}", insecure: true}]`]) {
      const [report] = await run(
        pull(
          join(directory.path, `plain${fields.length}`),
          `manifests: ["${plain.host}/a/b:1"], skip_tls_verify: true${fields}`,
        ),
      );
      expect(report?.status).toBe('success');
    }
  });
});

describe('a pull into a directory', () => {
  test.each(['v4.0.0', 'v4.0.5'] as const)(
    'in %s fetches a layer that several repositories share once',
    async (layout) => {
      await using directory = await tempDirectory(tmpdir());
      const namespace = memoryNamespace();
      const names = Array.from({ length: 6 }, (_, at) => `team/app-${at}`);
      for (const name of names) await pushImage(namespace.repository(name), AMD64, '1');
      const fetched: string[] = [];
      {
        await using server = await startServer(namespace, {
          onEvent: (event) => {
            if (event.type === 'answered' && event.method === 'GET') fetched.push(event.path);
          },
        });
        const manifests = names.map((name) => `"${server.host}/${name}:1"`).join(', ');
        const task = `- image: {pull: {images_dir: "${directory.path}", manifests: [${manifests}]}}`;
        const [report] = await run(task, { layout });
        expect(report?.images.map(({ status }) => status)).toEqual(names.map(() => 'copied'));
      }
      for (const { descriptor } of AMD64.blobs)
        expect(fetched.filter((path) => path.endsWith(`/blobs/${descriptor.digest}`))).toHaveLength(1);
    },
  );
});

describe('a push', () => {
  async function filled(directory: string, host: string): Promise<void> {
    await run(
      `- image: {pull: {images_dir: "${directory}", manifests: ["${host}/kubesphere/ks-apiserver:v4.1.3", "${host}/kubesphere/ks-console:3.19"]}}`,
    );
  }

  test('takes what src_pattern finds, and reports stray files', async () => {
    await withRegistry(async ({ directory, host, namespace }) => {
      await filled(directory, host);
      await writeFile(join(directory, 'notes.txt'), 'x');
      const [report] = await run(
        `- image: {push: {images_dir: "${directory}", src_pattern: "console:3", dest: "${host}/copy/{{ .module.image.src.reference.repository }}"}}`,
      );
      expect(report?.images.map(({ destination }) => destination)).toEqual([`${host}/copy/kubesphere/ks-console:3.19`]);
      expect(report?.strays).toEqual([{ path: 'notes.txt', reason: expect.any(String) }]);
      expect((await namespace.repository('copy/kubesphere/ks-console').resolve('3.19')).digest).toBe(
        AMD64.descriptor.digest,
      );
    });
  });

  test('several images with one destination are refused, each named', async () => {
    await withRegistry(async ({ directory, host }) => {
      await filled(directory, host);
      const [report] = await run(`- image: {push: {images_dir: "${directory}", dest: "${host}/one:1"}}`);
      expect(report).toMatchObject({ status: 'failed', images: [], error: { code: 'CONFLICT' } });
      expect(messageOf(report?.error)).toBe(
        `several images have one destination:\n  ${host}/one:1\n    from ${host}/kubesphere/ks-apiserver:v4.1.3\n    from ${host}/kubesphere/ks-console:3.19`,
      );
    });
  });

  test('images that have a destination in common fail, and the others are pushed', async () => {
    await withRegistry(async ({ directory, host, namespace }) => {
      await filled(directory, host);
      await run(
        `- image: {pull: {images_dir: "${directory}", manifests: ["${host}/kubesphere/ks-controller-manager:v4.1.3"]}}`,
      );
      const dest = `${host}/short/{{ regexReplaceAll "ks-(api|controller-).*" .module.image.src.reference.repository "both" }}`;
      const [report] = await run(`- image: {push: {images_dir: "${directory}", dest: '${dest}'}}`);
      expect(report?.images.map(({ source, status }) => `${status} ${source.replace(host, 'HOST')}`)).toEqual([
        'copied HOST/kubesphere/ks-console:3.19',
        'failed HOST/kubesphere/ks-apiserver:v4.1.3',
        'failed HOST/kubesphere/ks-controller-manager:v4.1.3',
      ]);
      const error = report?.images[1]?.error;
      expect(error).toMatchObject({ code: 'CONFLICT' });
      expect(messageOf(error)).toBe(
        `${host}/short/kubesphere/both:v4.1.3 is the destination of ${host}/kubesphere/ks-controller-manager:v4.1.3 too`,
      );
      await expect(namespace.repository('short/kubesphere/both').resolve('v4.1.3')).rejects.toHaveProperty(
        'code',
        'NOT_FOUND',
      );
    });
  });

  test('an expression that is found in no image is told', async () => {
    await withRegistry(async ({ directory, host }) => {
      await filled(directory, host);
      const events: CopyEvent[] = [];
      const [report] = await run(
        `- image: {push: {images_dir: "${directory}", src_pattern: "^docker.io/nginx", dest: "${host}/x"}}`,
        { onEvent: (event) => events.push(event) },
      );
      expect(report).toMatchObject({ status: 'success', images: [] });
      expect(events).toEqual([
        {
          type: 'warning',
          message: 'tasks.yaml:1: the pattern "^docker.io/nginx" is found in no image, 2 were looked at',
        },
      ]);
    });
  });

  test('one password for several registries is refused', async () => {
    await withRegistry(async ({ directory, host }) => {
      await filled(directory, host);
      const [report] = await run(
        `- image: {push: {images_dir: "${directory}", username: u, password: hunter2, dest: 'h.io/{{ .module.image.src.reference.repository }}'}}`.replace(
          'h.io/',
          '{{ if contains "console" .module.image.src.reference.repository }}a.io{{ else }}b.io{{ end }}/',
        ),
      );
      expect(messageOf(report?.error)).toContain('one username for several registries: a.io, b.io');
    });
  });

  test('a directory that is not there is an error', async () => {
    const [report] = await run('- image: {push: {images_dir: /nowhere/at/all, dest: x}}');
    expect(report).toMatchObject({ status: 'failed', error: { code: 'NOT_FOUND' } });
  });
});

describe('a copy', () => {
  test('brings images to another directory, all of them or those that are named', async () => {
    await withRegistry(async ({ directory, host }) => {
      const from = join(directory, 'from');
      await mkdir(from);
      await run(
        `- image: {pull: {images_dir: "${from}", manifests: ["${host}/kubesphere/ks-apiserver:v4.1.3", "${host}/kubesphere/ks-console:3.19"]}}`,
      );
      const copy = (fields: string) => run(`- image: {copy: {${fields}, to: {path: "${join(directory, 'to')}"}}}`);
      const [some] = await copy(`from: {path: "${from}", manifests: ["${host}/kubesphere/ks-console:3.19"]}`);
      expect(some?.images.map(({ status }) => status)).toEqual(['copied']);
      const [all] = await copy(`from: {path: "${from}"}`);
      expect(all?.images.map(({ status }) => status)).toEqual(['copied', 'unchanged']);
      const [missing] = await copy(`from: {path: "${from}", manifests: ["${host}/gone:1"]}`);
      expect(messageOf(missing?.images[0]?.error)).toContain(`does not hold ${host}/gone:1`);
    });
  });
});

test('an aborted run rejects with its reason', async () => {
  const reason = new Error('enough');
  await expect(
    run('- image: {pull: {images_dir: /x, manifests: [a]}}', { signal: AbortSignal.abort(reason) }),
  ).rejects.toBe(reason);
});

describe('the form of KubeKey 4.0.5, with src and dest', () => {
  const task = (fields: string): string => `- name: move\n  image: {manifests: MANIFESTS, ${fields}}\n`;
  const MANIFESTS = '["kubesphere/ks-console:3.19", "kubesphere/ks-apiserver:v4.1.3"]';
  const OCI = (registry: string): string =>
    `"oci://${registry}/{{ .module.image.reference.repository }}:{{ .module.image.reference.reference }}"`;

  test('pulls, pushes, copies, and moves between registries', async () => {
    await withRegistry(async ({ directory, host, registry, namespace }) => {
      const [from, to] = [join(directory, 'a'), join(directory, 'b')];
      const tasks = [
        task(`src: ${OCI(host)}, dest: "local://${from}", platform: [linux/amd64]`),
        task(`src: "local://${from}", dest: "local://${to}", pattern: console`),
        task(`src: "local://${from}", dest: ${OCI(`${host}/pushed`)}, pattern: apiserver`),
        task(`src: ${OCI(host)}, dest: ${OCI(`${host}/moved`)}, platform: [all], pattern: apiserver`),
      ].join('');
      const access = { ...registry, insecureRegistries: [host] };
      const reports = await run(tasks.replaceAll('MANIFESTS', MANIFESTS), { registry: access });
      const moved = shown(reports).map((lines) => lines.map((line) => line.replaceAll(host, 'HOST')));
      const [console, apiserver] = ['kubesphere/ks-console:3.19', 'kubesphere/ks-apiserver:v4.1.3'];
      expect(moved).toEqual([
        [
          'pull success',
          `copied HOST/${console} => docker.io/${console}`,
          `copied HOST/${apiserver} => docker.io/${apiserver}`,
        ],
        ['copy success', `copied docker.io/${console} => docker.io/${console}`],
        ['push success', `copied docker.io/${apiserver} => HOST/pushed/${apiserver}`],
        ['transfer success', `copied HOST/${apiserver} => HOST/moved/${apiserver}`],
      ]);
      const digestOf = async (name: string) => (await namespace.repository(name).resolve('v4.1.3')).digest;
      expect(await digestOf('pushed/kubesphere/ks-apiserver')).toBe(AMD64.descriptor.digest);
      expect(await digestOf('moved/kubesphere/ks-apiserver')).toBe(BOTH.descriptor.digest);
    });
  });

  test.each([
    [`src: "docker.io", dest: "local:///i"`, 'tasks.yaml:2: image.src is neither a directory nor a registry'],
    [`src: "local:///i", dest: "hub.kubekey/x"`, 'tasks.yaml:2: image.dest is neither a directory nor a registry'],
    [`src: "local://", dest: "local:///i"`, 'tasks.yaml:2: image.src is neither'],
    [`src: "oci://a.b/c", dest: "local:///i", pattern: "("`, 'tasks.yaml:2: pattern is no regular expression'],
  ])('%j is refused with its place', async (fields, reason) => {
    const [report] = await run(task(fields).replace('MANIFESTS', MANIFESTS));
    expect(messageOf(report?.error)).toContain(reason.replace('2: ', '2: task "move": '));
  });

  test('a name that the template makes of no image stops that one alone', async () => {
    await withRegistry(async ({ directory, host, registry }) => {
      const options = { registry: { ...registry, insecureRegistries: [host] } };
      const pull = task(`src: ${OCI(host)}, dest: "local://${directory}/a"`).replace('MANIFESTS', MANIFESTS);
      const dest = `${host}/{{ if contains \\"console\\" .module.image.src.reference.repository }}A B{{ else }}x{{ end }}`;
      const push = `- image: {push: {images_dir: "${directory}/a", dest: "${dest}"}}\n`;
      const [, report] = await run(pull + push, options);
      expect(report?.images.map(({ status }) => status)).toEqual(['copied', 'failed']);
      expect(messageOf(report?.images[1]?.error)).toContain('tasks.yaml:3: push.dest: ');
      const [, all] = await run(
        `${pull}- image: {push: {images_dir: "${directory}/a", dest: "${host}/{{ .nobody }}"}}`,
        options,
      );
      expect(all).toMatchObject({ status: 'failed', images: [] });
      expect(messageOf(all?.error)).toContain('nobody');
    });
  });
});
