import { image, index, memoryNamespace, pushImage } from '@kubecrate/content/testing';
import { hexOf } from '@kubecrate/oci';
import { startServer } from '@kubecrate/server';
import { describe, expect, test } from 'vitest';
import { openWorkspace, type Workspace } from './kubecrate.ts';

const busybox = image({ seed: 'busybox', labels: { tier: 'base' } });
const nginx = image({ seed: 'nginx', layers: [{ seed: 'shared' }, { seed: 'nginx' }] });

/** A workspace whose store has `busybox` and `nginx`, and the registry they come from. */
async function filledWorkspace(): Promise<{ workspace: Workspace; host: string } & AsyncDisposable> {
  const namespace = memoryNamespace();
  await pushImage(namespace.repository('official/busybox'), busybox, 'latest');
  await pushImage(namespace.repository('nginx'), nginx, '1.27');
  const server = await startServer(namespace);
  const workspace = await openWorkspace();
  await workspace.ok(['pull', `${server.host}/official/busybox`, `${server.host}/nginx:1.27`]);
  return {
    workspace,
    host: server.host,
    async [Symbol.asyncDispose]() {
      await workspace[Symbol.asyncDispose]();
      await server.close();
    },
  };
}

describe('pull', () => {
  test('says what it pulls and what it pulled, with the digest', async () => {
    const namespace = memoryNamespace();
    await pushImage(namespace.repository('official/busybox'), busybox, 'latest');
    await using server = await startServer(namespace);
    await using workspace = await openWorkspace();
    const name = `${server.host}/official/busybox`;
    const { code, stdout, stderr } = await workspace.run(['pull', name]);
    expect(stdout).toBe(`Image "${name}@${busybox.descriptor.digest}" pulled\n`);
    expect(stderr).toContain(`Image "${name}" pulling\n`);
    expect(code).toBe(0);
    const report = JSON.parse(await workspace.ok(['pull', '--output', 'json', `${name}@${busybox.descriptor.digest}`]));
    expect(report).toMatchObject([{ digest: busybox.descriptor.digest }]);
  });

  test('takes the platforms that are asked for, and keeps the digest of the index', async () => {
    const amd64 = image({ seed: 'multi-amd64' });
    const arm64 = image({ seed: 'multi-arm64', platform: { os: 'linux', architecture: 'arm64' } });
    const multi = index([amd64, arm64]);
    const namespace = memoryNamespace();
    await pushImage(namespace.repository('multi'), multi, 'v1');
    await using server = await startServer(namespace);
    await using workspace = await openWorkspace();
    const name = `${server.host}/multi:v1`;
    await workspace.ok(['pull', '--platform', 'linux/arm64', name]);
    const [listed] = JSON.parse(await workspace.ok(['images', '--output', 'json']));
    expect(listed).toMatchObject({ digest: multi.descriptor.digest, platforms: ['linux/arm64'] });
    await workspace.ok(['pull', '--platform', 'all', name]);
    const [whole] = JSON.parse(await workspace.ok(['images', '--output', 'json']));
    expect(whole).toMatchObject({ digest: multi.descriptor.digest, platforms: ['linux/amd64', 'linux/arm64'] });
    const { code, stderr } = await workspace.run(['pull', '--platform', 'linux/s390x', name]);
    expect(code).toBe(1);
    expect(stderr).toContain('it has linux/amd64, linux/arm64');
  });

  test('pulls the others where one fails, and says which', async () => {
    const namespace = memoryNamespace();
    await pushImage(namespace.repository('nginx'), nginx, '1.27');
    await using server = await startServer(namespace);
    await using workspace = await openWorkspace();
    const { code, stdout, stderr } = await workspace.run([
      'pull',
      `${server.host}/nginx:1.27`,
      `${server.host}/absent:1`,
    ]);
    expect(code).toBe(1);
    expect(stdout).toBe(`Image "${server.host}/nginx@${nginx.descriptor.digest}" pulled\n`);
    expect(stderr).toContain('cannot pull 1 of 2 images');
    expect(stderr).toContain(`${server.host}/absent:1`);
  });

  test('tells of its progress in lines of JSON', async () => {
    const namespace = memoryNamespace();
    await pushImage(namespace.repository('nginx'), nginx, '1.27');
    await using server = await startServer(namespace);
    await using workspace = await openWorkspace();
    const { stderr } = await workspace.run(['pull', '--progress', 'json', `${server.host}/nginx:1.27`]);
    const events = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const types = new Set(events.map(({ type }) => type));
    for (const type of ['resolved', 'planned', 'copying', 'copied', 'tagged']) expect(types).toContain(type);
  });
});

describe('a registry that fails', () => {
  test('is quoted on what it has not, by tag and by digest', async () => {
    await using filled = await filledWorkspace();
    const { workspace, host } = filled;
    const byTag = await workspace.run(['pull', '--output', 'json', `${host}/nginx:9`]);
    expect(byTag.code).toBe(1);
    expect(byTag.stderr).toContain('"MANIFEST_UNKNOWN');
    expect(byTag.stderr).toContain('check the name and the tag');
    expect(JSON.parse(byTag.stdout)).toMatchObject([
      { image: `${host}/nginx:9`, status: 'failed', error: { code: 'NOT_FOUND' } },
    ]);
    const byDigest = await workspace.run(['pull', `${host}/nginx@sha256:${'0'.repeat(64)}`]);
    expect(byDigest.stderr).toContain('check the name and the digest');
  });

  test('is named with the repository and what was tried where nothing listens', async () => {
    await using workspace = await openWorkspace();
    const { code, stderr } = await workspace.run(['search', '127.0.0.1:1/x/y']);
    expect(code).toBe(1);
    expect(stderr).toContain('cannot list the tags of 127.0.0.1:1/x/y: cannot reach 127.0.0.1:1: ');
  });

  test('without the platform gives no advice that pull cannot take', async () => {
    const namespace = memoryNamespace();
    await pushImage(namespace.repository('multi'), index([busybox]), '1');
    await using server = await startServer(namespace);
    await using workspace = await openWorkspace();
    const platform = ['--platform', 'linux/s390x', `${server.host}/multi:1`];
    const pulled = await workspace.run(['pull', ...platform]);
    expect(pulled.stderr).toContain('ask for a platform it has');
    expect(pulled.stderr).not.toContain('--missing-platform');
    const mirrored = await workspace.run(['mirror', '--dir', 'd', ...platform]);
    expect(mirrored.stderr).toContain('--missing-platform=warn');
  });
});

describe('images', () => {
  test('lists names, ids, times and sizes in the columns of isula', async () => {
    await using filled = await filledWorkspace();
    const { workspace, host } = filled;
    const [head, ...rows] = (await workspace.ok(['images'])).trimEnd().split('\n');
    expect(head).toMatch(/^REF +IMAGE ID {13}CREATED {14}SIZE$/);
    expect(rows).toHaveLength(2);
    const id = hexOf(busybox.config.descriptor.digest).slice(0, 12);
    const row = rows.find((text) => text.includes('busybox'));
    expect(row).toMatch(
      new RegExp(`^${host}/official/busybox:latest +${id} {9}1970-01-01 00:00:00 {2}\\d+\\.\\d{3} KB$`),
    );
    expect(row?.indexOf(id)).toBe(head?.indexOf('IMAGE ID'));
  });

  test('prints names alone, and JSON', async () => {
    await using filled = await filledWorkspace();
    const { workspace, host } = filled;
    const names = (await workspace.ok(['images', '-q'])).trimEnd().split('\n').sort();
    expect(names).toEqual([`${host}/nginx:1.27`, `${host}/official/busybox:latest`]);
    const report = JSON.parse(await workspace.ok(['images', '--output', 'json', '--filter', 'label=tier=base']));
    expect(report).toEqual([
      {
        id: busybox.config.descriptor.digest,
        names: [`${host}/official/busybox:latest`],
        digest: busybox.descriptor.digest,
        mediaType: busybox.descriptor.mediaType,
        created: '1970-01-01T00:00:00Z',
        size: expect.any(Number),
        platforms: ['linux/amd64'],
        labels: { tier: 'base' },
      },
    ]);
  });

  test('lists what a filter leaves, and refuses a filter it does not know', async () => {
    await using filled = await filledWorkspace();
    const { workspace, host } = filled;
    const listed = async (...filters: string[]): Promise<string> =>
      workspace.ok(['images', '-q', ...filters.flatMap((text) => ['-f', text])]);
    expect(await listed('label=tier')).toBe(`${host}/official/busybox:latest\n`);
    expect(await listed(`reference=${host}/*`)).toBe(`${host}/nginx:1.27\n`);
    expect(await listed('dangling=true')).toBe('');
    expect(await listed('label=tier', 'dangling=true')).toBe('');
    expect(await listed(`before=${host}/nginx:1.27`)).toBe('');
    const { code, stderr } = await workspace.run(['images', '-f', 'lable=tier']);
    expect(code).toBe(2);
    expect(stderr).toBe(`error: Invalid filter 'lable'\n  hint: did you mean "label"?\n`);
    expect((await workspace.run(['images', '-f', 'label'])).stderr).toContain(
      "Bad format of filter 'label', (expected name=value)",
    );
  });
});

describe('inspect', () => {
  test('prints the id that a template asks for', async () => {
    await using filled = await filledWorkspace();
    const { workspace, host } = filled;
    const name = `${host}/official/busybox`;
    const id = hexOf(busybox.config.descriptor.digest);
    expect(await workspace.ok(['inspect', '-f', '{{json .image.id}}', name])).toBe(`"${id}"\n`);
    expect(
      await workspace.ok(['inspect', '-f', '{{.image.Spec.os}} {{index .image.repo_tags 0}}', name, id.slice(0, 8)]),
    ).toBe(`linux ${name}:latest\n`.repeat(2));
    expect(await workspace.ok(['inspect', '-f', '{{range .image.Spec.config.Env}}{{upper .}}{{end}}', name])).toBe(
      'SEED=BUSYBOX\n',
    );
  });

  test('prints everything where there is no template', async () => {
    await using filled = await filledWorkspace();
    const { workspace, host } = filled;
    const text = await workspace.ok(['inspect', `${host}/nginx:1.27`]);
    expect(text.startsWith('[\n    {\n        "image": {\n            "id": "')).toBe(true);
    const [{ image: found }] = JSON.parse(text);
    expect(found).toMatchObject({
      repo_tags: [`${host}/nginx:1.27`],
      repo_digests: [`${host}/nginx@${nginx.descriptor.digest}`],
      Spec: JSON.parse(nginx.config.bytes.toString()),
      platforms: ['linux/amd64'],
    });
    expect(found.top_layer).toMatch(/^[0-9a-f]{64}$/);
  });

  test('says which key a template asks for in vain, and which image is missing', async () => {
    await using filled = await filledWorkspace();
    const { workspace, host } = filled;
    const missing = await workspace.run(['inspect', '-f', '{{json .image.nothing}}', `${host}/nginx:1.27`]);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain('map has no entry for key "nothing"');
    const torn = await workspace.run(['inspect', '-f', '{{json .image', `${host}/nginx:1.27`]);
    expect(torn.code).toBe(1);
    expect(torn.stderr).toContain('cannot read the template');
    const absent = await workspace.run(['inspect', 'nothing']);
    expect(absent).toMatchObject({ code: 1, stdout: '' });
    expect(absent.stderr).toContain('no such image: "nothing"');
  });
});

describe('tag and rmi', () => {
  test('give a name and take it away; the image goes with its last name', async () => {
    await using filled = await filledWorkspace();
    const { workspace, host } = filled;
    const name = `${host}/official/busybox:latest`;
    expect(await workspace.ok(['tag', name, 'busybox'])).toBe('');
    expect(await workspace.ok(['images', '-q', '-f', 'reference=busybox'])).toContain('busybox:latest\n');
    expect(await workspace.ok(['rmi', name])).toBe(`Image "${name}" removed\n`);
    expect(await workspace.ok(['images', '-q'])).toContain('busybox:latest\n');
    expect(await workspace.ok(['rmi', 'busybox'])).toBe('Image "busybox" removed\n');
    expect(await workspace.ok(['images', '-q'])).toBe(`${host}/nginx:1.27\n`);
    expect(await workspace.ok(['prune'])).toBe('freed 0 B in 0 blobs\n');
    expect(await workspace.ok(['verify'])).toMatch(/^everything is whole: 4 blobs/);
  });

  test('go on after an image that is not there, and fail in the end', async () => {
    await using filled = await filledWorkspace();
    const { workspace, host } = filled;
    const { code, stdout, stderr } = await workspace.run(['rmi', 'absent', `${host}/nginx:1.27`]);
    expect(code).toBe(1);
    expect(stdout).toBe(`Image "${host}/nginx:1.27" removed\n`);
    expect(stderr).toContain('no such image: "absent"');
    expect(await workspace.run(['rmi', '-f', 'absent'])).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('by an id takes all names, and says which', async () => {
    await using filled = await filledWorkspace();
    const { workspace, host } = filled;
    await workspace.ok(['tag', `${host}/nginx:1.27`, 'web:1']);
    const id = hexOf(nginx.config.descriptor.digest).slice(0, 12);
    const { code, stdout, stderr } = await workspace.run(['rmi', id]);
    expect([code, stdout]).toEqual([0, `Image "${id}" removed\n`]);
    for (const name of [`${host}/nginx:1.27`, 'web:1']) expect(stderr).toContain(name);
  });

  test('refuse a name that is none', async () => {
    await using filled = await filledWorkspace();
    const { workspace, host } = filled;
    const { code, stderr } = await workspace.run(['tag', `${host}/nginx:1.27`, 'Nginx:1']);
    expect(code).toBe(2);
    expect(stderr).toContain('repository must be lower case');
    expect((await workspace.run(['tag', 'absent', 'nginx'])).stderr).toContain('no such image: "absent"');
  });
});
