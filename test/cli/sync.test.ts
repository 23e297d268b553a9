import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MemoryStore, Namespace } from '@kubecrate/content';
import { image, index, memoryNamespace, pushImage } from '@kubecrate/content/testing';
import { parsePlatform } from '@kubecrate/oci';
import { type RunningServer, startServer } from '@kubecrate/server';
import { describe, expect, test } from 'vitest';
import { IMAGE_SYNCER_AUTH, IMAGE_SYNCER_RULES } from '../fixtures/user-documents.ts';
import { type Outcome, openWorkspace, type Workspace } from './kubecrate.ts';

const APP = image({ seed: 'app' });
const ARM = image({ seed: 'arm', platform: parsePlatform('linux/arm64') });
const BOTH = index([APP, ARM]);
const USERS = [{ username: 'u', password: 'right' }];

/** Two registries, the second one behind a password, and a workspace with `auth.yaml` for it. */
interface Setting {
  readonly workspace: Workspace;
  readonly source: Namespace<MemoryStore>;
  readonly destination: Namespace<MemoryStore>;
  readonly from: string;
  readonly to: string;
  /** The requests that each of them answered: `GET /v2/...`. */
  readonly requests: string[];
  write(file: string, text: string): Promise<void>;
  /** Runs `sync` with `auth.yaml`; the addresses of the registries are FROM and TO in what it prints. */
  sync(...args: readonly string[]): Promise<Outcome>;
}

async function withRegistries(work: (setting: Setting) => Promise<void>): Promise<void> {
  await using workspace = await openWorkspace();
  const source = memoryNamespace();
  for (const tag of ['v1', 'v2']) await pushImage(source.repository('team/app'), APP, tag);
  await pushImage(source.repository('team/both'), BOTH, 'v1');
  const destination = memoryNamespace();
  const requests: string[] = [];
  const onEvent = (event: { readonly method: string; readonly path: string }): void =>
    void requests.push(`${event.method} ${event.path}`);
  await using one = await startServer(source, { onEvent });
  await using other = await startServer(destination, { access: 'writable', users: USERS, onEvent });
  const [from, to] = [one.host, other.host];
  const shown = (text: string): string => text.replaceAll(from, 'FROM').replaceAll(to, 'TO');
  const write = (file: string, text: string): Promise<void> =>
    writeFile(join(workspace.directory, file), text.replaceAll('FROM', from).replaceAll('TO', to));
  await write('auth.yaml', 'TO: {username: u, password: right}\n');
  await work({
    workspace,
    source,
    destination,
    from,
    to,
    requests,
    write,
    async sync(...args) {
      const { code, stdout, stderr } = await workspace.run(['sync', '--auth', 'auth.yaml', '--retries', '0', ...args]);
      return { code, stdout: shown(stdout), stderr: shown(stderr) };
    },
  });
}

/** Hosts of the world led to one server, which is spoken to in plain http. */
async function leadHosts(workspace: Workspace, hosts: readonly string[], server: RunningServer): Promise<string> {
  const file = join(workspace.home, 'registries.conf');
  const rules = hosts.map(
    (host) => `[[registry]]\nprefix = "${host}"\nlocation = "${server.host}/${host}"\ninsecure = true\n`,
  );
  await writeFile(file, rules.join(''));
  return file;
}

describe("image-syncer's documents", () => {
  test('are run letter for letter', async () => {
    await using workspace = await openWorkspace();
    const namespace = memoryNamespace();
    for (const [name, tags] of [
      ['quay.io/coreos/kube-rbac-proxy', ['v0.4.0', 'v0.4.1']],
      ['docker.io/library/xxxx', ['latest']],
      ['docker.io/xxx/xxx/xx', ['tag1', 'tag2', 'tag3', 'tag4']],
    ] as const)
      for (const tag of tags) await pushImage(namespace.repository(name), APP, tag);
    await using server = await startServer(namespace, { access: 'writable' });
    const env = { CONTAINERS_REGISTRIES_CONF: await leadHosts(workspace, ['quay.io', 'docker.io'], server) };
    await writeFile(join(workspace.directory, 'images.yaml'), IMAGE_SYNCER_RULES);
    await writeFile(join(workspace.directory, 'auth.json'), IMAGE_SYNCER_AUTH);
    const args = ['sync', '--images', 'images.yaml', '--auth', 'auth.json'];
    const copies = [
      'quay.io/coreos/kube-rbac-proxy:v0.4.0 => quay.io/ruohe/kube-rbac-proxy:v0.4.0',
      'quay.io/coreos/kube-rbac-proxy:v0.4.1 => quay.io/ruohe/kube-rbac-proxy:v0.4.1',
      'docker.io/library/xxxx:latest => docker.io/library/xxxxx:latest',
    ];
    const same = ['tag1', 'tag2', 'tag3'].map((tag) => `docker.io/xxx/xxx/xx:${tag} => docker.io/xxx/xxx/xx:${tag}`);
    expect((await workspace.ok([...args, '--dry-run'], { env })).split('\n')).toEqual([...copies, ...same, '']);
    expect(await workspace.ok(args, { env })).toBe(
      [
        ...copies.map((copy) => `copied ${copy}`),
        ...same.map((copy) => `unchanged ${copy}`),
        '3 copied, 3 unchanged',
        '',
      ].join('\n'),
    );
    expect(await namespace.repository('quay.io/ruohe/kube-rbac-proxy').resolve('v0.4.1')).toMatchObject({
      digest: APP.descriptor.digest,
    });
  });

  test('an empty destination is the default one, of the environment or of the options', async () => {
    await withRegistries(async ({ workspace, write, to }) => {
      await write('images.yaml', '"FROM/team/app:v1": ""\n');
      const plan = async (args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> =>
        (await workspace.run(['sync', '--images', 'images.yaml', '--dry-run', ...args], { env })).stdout.split(
          ' => ',
        )[1] ?? '';
      const env = { DEFAULT_REGISTRY: to, DEFAULT_NAMESPACE: 'mirror' };
      expect(await plan([], env)).toBe(`${to}/mirror/app:v1\n`);
      expect(await plan(['--namespace', 'other'], env)).toBe(`${to}/other/app:v1\n`);
      expect(await plan(['--registry', 'hub.example.com', '--namespace', 'x'], {})).toBe('hub.example.com/x/app:v1\n');
      const none = await workspace.run(['sync', '--images', 'images.yaml', '--dry-run']);
      expect(none.code).toBe(1);
      expect(none.stderr).toContain('images.yaml:1: rule');
      expect(none.stderr).toContain('DEFAULT_REGISTRY');
    });
  });
});

describe('a run', () => {
  test('moves everything, keeps digests, and asks by HEAD alone where nothing changed', async () => {
    await withRegistries(async ({ write, sync, destination, requests }) => {
      await write('images.yaml', 'FROM/team/app: TO/x/app\nFROM/team/both:v1: [TO/x/both:new, TO/y/both]\n');
      const first = await sync('--images', 'images.yaml');
      expect(first).toMatchObject({ code: 0 });
      expect(first.stdout.split('\n')).toEqual([
        'copied FROM/team/app:v1 => TO/x/app:v1',
        'copied FROM/team/app:v2 => TO/x/app:v2',
        'copied FROM/team/both:v1 => TO/x/both:new',
        'copied FROM/team/both:v1 => TO/y/both:v1',
        '4 copied',
        '',
      ]);
      expect((await destination.repository('x/both').resolve('new')).digest).toBe(BOTH.descriptor.digest);
      requests.length = 0;
      const again = await sync('--images', 'images.yaml', '--output', 'json');
      expect(JSON.parse(again.stdout)).toMatchObject({ copied: 0, unchanged: 4, failed: 0 });
      const others = requests.filter((request) => !request.startsWith('HEAD ') && !request.endsWith('/v2/'));
      expect(others.map((request) => request.split('?')[0])).toEqual(['GET /v2/team/app/tags/list']);
      expect((await sync('--images', 'images.yaml', '--force')).stdout).toContain('4 copied');
    });
  });

  test('takes more tags than one page holds', async () => {
    await withRegistries(async ({ source, write, sync, requests }) => {
      const many = source.repository('many');
      await pushImage(many, APP, 'v0');
      for (let i = 1; i < 1100; i += 1) await many.tag(APP.descriptor, `v${i}`);
      await write('images.yaml', 'FROM/many: TO/many\n');
      const plan = await sync('--images', 'images.yaml', '--dry-run', '--output', 'json');
      expect(JSON.parse(plan.stdout).images).toHaveLength(1100);
      expect(requests.filter((request) => request.includes('/tags/list')).length).toBeGreaterThan(1);
    });
  });

  test('filters by system, processor and platform', async () => {
    await withRegistries(async ({ write, sync, destination }) => {
      await write('images.yaml', 'FROM/team/app:v1: TO/x/app\nFROM/team/both:v1: TO/x/both\n');
      const arm = await sync('--images', 'images.yaml', '--os', 'linux', '--arch', 'arm64,s390x');
      expect(arm).toMatchObject({ code: 0 });
      expect(arm.stdout.split('\n').slice(0, 3)).toEqual([
        'filtered FROM/team/app:v1 => TO/x/app:v1',
        expect.stringMatching(/^copied FROM\/team\/both:v1 => TO\/x\/both:v1 \(a new index, sha256:[0-9a-f]{64}\)$/),
        '1 copied, 1 filtered',
      ]);
      const both = destination.repository('x/both');
      const json = await sync('--images', 'images.yaml', '--arch', 'arm64', '--output', 'json');
      expect(JSON.parse(json.stdout).images[1]).toMatchObject({
        status: 'unchanged',
        newIndex: true,
        digest: (await both.resolve('v1')).digest,
      });
      expect((await both.resolve('v1')).digest).not.toBe(BOTH.descriptor.digest);
      expect(await both.exists(ARM.descriptor)).toBe(true);
      expect(await both.exists(APP.descriptor)).toBe(false);
      const whole = await sync('--images', 'images.yaml', '--platform', 'all');
      expect(whole.stdout).toContain('copied FROM/team/both:v1 => TO/x/both:v1\n');
      await sync('--images', 'images.yaml', '--platform', 'linux/amd64', '--platform', 'linux/arm64');
      expect((await both.resolve('v1')).digest).toBe(BOTH.descriptor.digest);
    });
  });

  test('is the sum of its shards', async () => {
    await withRegistries(async ({ write, sync, source }) => {
      for (let i = 0; i < 12; i += 1) await pushImage(source.repository(`shared/app${i}`), APP, 'v1');
      const rules = Array.from({ length: 12 }, (_, i) => `FROM/shared/app${i}: TO/z/app${i}\n`);
      await write('images.yaml', rules.join(''));
      const plan = async (...args: readonly string[]): Promise<readonly string[]> =>
        (await sync('--images', 'images.yaml', '--dry-run', ...args)).stdout.trim().split('\n');
      const shards = await Promise.all(['0/3', '1/3', '2/3'].map((shard) => plan('--shard', shard)));
      expect(shards.flat().sort()).toEqual([...(await plan())].sort());
      for (const shard of shards) expect(shard.length).toBeLessThan(12);
      const moved = await Promise.all(['0/2', '1/2'].map((shard) => sync('--images', 'images.yaml', '--shard', shard)));
      expect(moved.map(({ stdout }) => Number(/(\d+) copied\n$/.exec(stdout)?.[1]))).toSatisfy(
        (counts: number[]) => counts.reduce((sum, count) => sum + count, 0) === 12,
      );
    });
  });

  test('is repeated with --watch, with what changed meanwhile, until it is stopped', async () => {
    await withRegistries(async ({ workspace, write, source, destination }) => {
      await write('images.yaml', 'FROM/team/app: TO/x/app\n');
      const running = workspace.start(['sync', '--images', 'images.yaml', '--auth', 'auth.yaml', '--watch', '1s']);
      await running.firstLine();
      await write('images.yaml', 'FROM/team/app: [TO/x/app,\n');
      await pushImage(source.repository('team/app'), ARM, 'v3');
      const x = destination.repository('x/app');
      while ((await x.resolve('v3').catch(() => undefined)) === undefined) await sleep(50);
      await write('images.yaml', 'FROM/team/app: TO/x/other\n');
      const other = destination.repository('x/other');
      while ((await other.resolve('v3').catch(() => undefined)) === undefined) await sleep(50);
      running.child.kill('SIGTERM');
      const { code, stderr } = await running.ended;
      expect(code).toBe(130);
      expect(stderr).toContain('cannot read the rules of "images.yaml"');
    });
  });
});

describe('what fails', () => {
  test('leaves the others done, and is tried again from its list', async () => {
    await withRegistries(async ({ write, sync, source, destination, workspace }) => {
      await write(
        'images.yaml',
        '# rules\nFROM/team/app:v1,v9: TO/x/app\nFROM/absent: TO/x/absent\nFROM/team/both: TO/x/both\n',
      );
      const lists = ['--output-success-images', 'done.json', '--output-failed-images', 'left.yaml'];
      const first = await sync('--images', 'images.yaml', ...lists, '--output-images-format', 'json');
      expect(first.code).toBe(1);
      expect(first.stdout).toContain('2 copied, 2 failed');
      expect(first.stderr).toMatch(/^synced FROM\/team\/app:v1 sha256:/m);
      expect(first.stderr).not.toContain('saved');
      expect(first.stderr).toContain('cannot sync 1 rule and 1 of 3 images');
      expect(first.stderr).toContain('images.yaml:2: FROM/team/app:v9 => TO/x/app:v9: ');
      expect(first.stderr).toContain('images.yaml:3: rule "FROM/absent": ');
      const done = JSON.parse(await readFile(join(workspace.directory, 'done.json'), 'utf8'));
      expect(Object.values(done)).toHaveLength(2);
      await pushImage(source.repository('team/app'), ARM, 'v9');
      await pushImage(source.repository('absent'), APP, 'v1');
      const second = await sync('--images', 'left.yaml', '--output-failed-images', 'none.yaml');
      expect(second.stdout).toBe(
        'copied FROM/absent:v1 => TO/x/absent:v1\ncopied FROM/team/app:v9 => TO/x/app:v9\n2 copied\n',
      );
      expect(await readFile(join(workspace.directory, 'none.yaml'), 'utf8')).toBe('{}\n');
      expect((await destination.repository('x/app').resolve('v9')).digest).toBe(ARM.descriptor.digest);
    });
  });

  test('by wrong credentials concerns their repositories alone, and no password is shown', async () => {
    await withRegistries(async ({ write, sync }) => {
      await write('auth.yaml', 'TO: {username: u, password: right}\nTO/bad: {username: u, password: hunter2hunter2}\n');
      await write('images.yaml', 'FROM/team/app:v1: [TO/good/app, TO/bad/app]\n');
      for (const output of ['text', 'json']) {
        const { code, stdout, stderr } = await sync(
          '--images',
          'images.yaml',
          '--output',
          output,
          '--progress',
          'json',
          '--force',
        );
        expect(code).toBe(1);
        expect(stderr).toContain('images.yaml:1: FROM/team/app:v1 => TO/bad/app:v1: ');
        expect(stdout).toContain('TO/good/app:v1');
        expect(`${stdout}${stderr}`).not.toMatch(/hunter2|right/);
        if (output === 'json')
          expect(JSON.parse(stdout).images).toMatchObject([
            { status: 'copied', file: 'images.yaml', line: 1 },
            { status: 'failed', error: { code: 'UNAUTHORIZED' } },
          ]);
      }
    });
  });

  test('by wrong credentials for a repository does not fail another one that has right ones and takes the same blobs', async () => {
    await withRegistries(async ({ write, sync }) => {
      await write(
        'auth.yaml',
        'TO: {username: u, password: hunter2hunter2}\nTO/good: {username: u, password: right}\n',
      );
      await write(
        'images.yaml',
        'FROM/team/app:v1: [TO/bad/app, TO/good/app]\nFROM/team/both:v1: [TO/bad/b, TO/good/b]\n',
      );
      const { code, stdout, stderr } = await sync('--images', 'images.yaml', '--force');
      expect(code).toBe(1);
      expect(stdout).toBe(
        'copied FROM/team/app:v1 => TO/good/app:v1\ncopied FROM/team/both:v1 => TO/good/b:v1\n2 copied, 2 failed\n',
      );
      expect(stderr).not.toMatch(/TO\/good\/\w+:v1: /);
    });
  });

  test('a destination that refuses', async () => {
    await withRegistries(async ({ write, sync, to }) => {
      await using refusing = await startServer(memoryNamespace());
      await write('images.yaml', `FROM/team/app:v1: [${refusing.host}/x/app, "${to}/x/app"]\n`);
      const { code, stdout, stderr } = await sync('--images', 'images.yaml');
      expect(code).toBe(1);
      expect(stdout).toContain('1 copied, 1 failed');
      expect(stderr).toContain(`FROM/team/app:v1 => ${refusing.host}/x/app:v1: `);
    });
  });

  test('a list that cannot be written is refused before anything moves', async () => {
    await withRegistries(async ({ write, sync, requests }) => {
      await write('images.yaml', 'FROM/team/app:v1: TO/x/app\n');
      const { code, stderr } = await sync('--images', 'images.yaml', '--output-failed-images', 'nowhere/left.yaml');
      expect(stderr).toContain('nowhere/left.yaml');
      expect([code, requests]).toEqual([1, []]);
    });
  });

  test('two images with one destination are refused before anything moves', async () => {
    await withRegistries(async ({ write, sync, destination }) => {
      await write('images.yaml', 'FROM/team/app:v1: TO/x/app:1\nFROM/team/both:v1: TO/x/app:1\n');
      const { code, stderr } = await sync('--images', 'images.yaml');
      expect(code).toBe(1);
      expect(stderr).toContain('different images have one destination:\n  TO/x/app:1\n');
      expect(stderr).toContain('from FROM/team/both:v1 (images.yaml:2)');
      await expect(destination.repository('x/app').resolve('1')).rejects.toHaveProperty('code', 'NOT_FOUND');
    });
  });

  test('rules that are wrong fail alone, with file, line and rule', async () => {
    await withRegistries(async ({ write, sync, workspace }) => {
      await write(
        'auth.yaml',
        `TO: {username: u, password: right}\nq.io: {username: u, password: "hunter2\${NOBODY_KNOWS}"}\n`,
      );
      await write(
        'images.yaml',
        `auth: 5
a:1,2: b:c
a:1: b:\${NOBODY_KNOWS}
x:/(/: y
q.io/x:1: TO/y
"ada:hunter2@TO/pause:3.10": TO/z
FROM/team/app:v1: [TO/x/app, TO/y/app:1:2]
`,
      );
      const { code, stdout, stderr } = await sync('--images', 'images.yaml', '--output-failed-images', 'left.yaml');
      expect([code, stdout]).toEqual([1, 'copied FROM/team/app:v1 => TO/x/app:v1\n1 copied, 7 failed\n']);
      for (const line of [
        'cannot sync 7 rules:',
        'images.yaml:1: rule "auth": a destination is a text or a list of texts',
        'images.yaml:2: rule "a:1,2": the source has 2 tags',
        'images.yaml:3: rule "a:1": variable NOBODY_KNOWS is not set',
        'images.yaml:4: rule "x:/(/": cannot read the expression',
        'images.yaml:5: rule "q.io/x:1": auth.yaml:2: password of "q.io": variable NOBODY_KNOWS is not set',
        'images.yaml:6: rule "***@TO/pause:3.10": ',
        'images.yaml:7: rule "FROM/team/app:v1": ',
      ])
        expect(stderr).toContain(line);
      const json = await sync('--images', 'images.yaml', '--output', 'json');
      expect(JSON.parse(json.stdout)).toMatchObject({ unchanged: 1, failed: 7 });
      expect(`${stdout}${stderr}${json.stdout}${json.stderr}`).not.toContain('hunter2');
      expect(await readFile(join(workspace.directory, 'left.yaml'), 'utf8')).toContain('"x:/(/": "y"\n');
    });
  });

  test.each([
    ['images.yaml', '"a:1": [b\n', 'images.yaml:1:10: '],
    ['images.yaml', 'a:1: b\na:1: c\n', 'images.yaml:2: the source "a:1" is given twice'],
    ['images.yaml', '', 'images.yaml:1: no rules'],
    ['images.yaml', '- a:1\n', 'images.yaml:1: expected "key: value" lines, found a list'],
    ['auth.yaml', 'q.io: {usrname: hunter2}\n', 'auth.yaml:1: unknown key "usrname"; did you mean "username"?'],
    ['auth.yaml', 'q.io: {username: u, password: [hunter2]}\n', 'auth.yaml:1: password should be a text'],
    ['auth.yaml', 'q.io:\n  username: u\n  password: hunter2: x\n', 'auth.yaml:3:13: '],
    ['auth.yaml', '{"q.io": {"username": "u",\n "password": "hunter2"\n', 'auth.yaml:'],
  ])('%s of %j is refused with its place', async (file, text, reason) => {
    await using workspace = await openWorkspace();
    await writeFile(join(workspace.directory, 'images.yaml'), 'a:1: b\n');
    await writeFile(join(workspace.directory, 'auth.yaml'), '{}\n');
    await writeFile(join(workspace.directory, file), text);
    const { code, stdout, stderr } = await workspace.run(['sync', '--images', 'images.yaml', '--auth', 'auth.yaml']);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(reason);
    expect(stderr).not.toContain('hunter2');
  });

  test.each([
    [[], 'give the rules: either --images FILE or --config FILE'],
    [['--images', 'a', '--config', 'b'], 'give the rules'],
    [['--images', 'a', '--os', 'foo'], 'cannot use --os "foo": the operating system "foo" is not known'],
    [['--images', 'a', '--arch', 'arm46'], 'did you mean "arm64"?'],
    [['--images', 'a', '--shard', '3/3'], 'cannot read the shard "3/3"'],
    [['--images', 'a', '--watch', 'often'], '--watch "often" is no time'],
    [['--images', 'a', '--proc', '0'], '--proc "0" is no whole number from 1'],
    [['--images', 'a', '--retries', 'x'], '--retries "x" is no whole number from 0'],
    [['--images', 'a', '--os', 'linux', '--platform', 'linux/arm64'], '--platform cannot stand beside'],
    [['--images', 'a', '--arch', 'a/b/c'], 'cannot use --arch "a/b/c": '],
    [['--images', 'a', '--output-images-format', 'toml'], "'toml' is invalid"],
  ])('the command line %j has exit code 2', async (args, reason) => {
    await using workspace = await openWorkspace();
    const { code, stderr } = await workspace.run(['sync', ...args]);
    expect(stderr).toContain(reason);
    expect(code).toBe(2);
  });

  test('a file that is not there, and a platform that does not parse', async () => {
    await using workspace = await openWorkspace();
    const absent = await workspace.run(['sync', '--images', 'absent.yaml']);
    expect(absent).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot read the rules "absent.yaml"') });
    const platform = await workspace.run(['sync', '--images', 'absent.yaml', '--platform', 'linux/']);
    expect(platform).toMatchObject({ code: 2, stderr: expect.stringContaining('cannot parse platform "linux/"') });
  });
});

test('the older single file holds rules and credentials', async () => {
  await withRegistries(async ({ write, workspace, to }) => {
    await write(
      'config.json',
      '{"auth": {"TO": {"username": "u", "password": "right"}}, "images": {"FROM/team/app:v1": "TO/x/app"}}',
    );
    expect(await workspace.ok(['sync', '--config', 'config.json'])).toContain(`=> ${to}/x/app:v1\n1 copied\n`);
  });
});

test('the rules of the example Job are read, and its shards are all of them', async () => {
  await using workspace = await openWorkspace();
  const text = await readFile(join(import.meta.dirname, '..', '..', 'examples', 'sync-job', 'job.yaml'), 'utf8');
  const [config, secret, job] = text.split('\n---\n').map((document) => document.split('\n'));
  const inner = (lines: readonly string[] = []): string =>
    lines.flatMap((line) => (line.startsWith('    ') ? [`${line.slice(4)}\n`] : [])).join('');
  // The tags behind an expression are a registry's to tell.
  await writeFile(join(workspace.directory, 'images.yaml'), inner(config).replace(/^.*nginx.*\n/m, ''));
  await writeFile(join(workspace.directory, 'auth.yaml'), inner(secret));
  const command = (job ?? []).find((line) => line.includes('--shard='))?.trim();
  const count = Number(/^- --shard=\$\(JOB_COMPLETION_INDEX\)\/(\d+)$/.exec(command ?? '')?.[1]);
  expect((job ?? []).filter((line) => line.trim() === `completions: ${count}`)).toHaveLength(1);
  const env = { REGISTRY_USER: 'u', REGISTRY_PASSWORD: 'p' };
  const args = ['sync', '--images', 'images.yaml', '--auth', 'auth.yaml', '--dry-run'];
  const all = await workspace.ok(args, { env });
  const shards = await Promise.all(
    Array.from({ length: count }, (_, index) => workspace.ok([...args, '--shard', `${index}/${count}`], { env })),
  );
  expect(shards.join('').split('\n').sort()).toEqual(all.split('\n').sort());
  expect(all.split('\n')).toHaveLength(4);
});
