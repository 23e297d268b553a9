import { describe, expect, test } from 'vitest';
import { readTasks } from './read-tasks.ts';

const PULL = 'image: {pull: {manifests: [a]}}';

/** Why the whole file is refused, or what is wrong with one of its tasks. */
async function faultOf(text: string): Promise<Error | undefined> {
  try {
    const { tasks } = await readTasks(text, 'tasks.yaml');
    return tasks.flatMap(({ faults }) => faults)[0];
  } catch (error) {
    return error as Error;
  }
}

describe('readTasks', () => {
  test("reads the documentation's two examples", async () => {
    const { tasks, others } = await readTasks(
      `- name: pull images
  image:
    pull:
      images_dir: /tmp/images/
      platform: linux/amd64
      manifests: 
       - "docker.io/kubesphere/ks-apiserver:v4.1.3"
- name: push images
  push:
    images_dir: /tmp/images/
    dest: hub.kubekey/{{ .module.image.src.reference.repository }}:{{ .module.image.src.reference.reference }}
`,
      'tasks.yaml',
    );
    expect(others).toEqual([]);
    expect(tasks.map(({ name, line, actions }) => [name, line, actions.map(({ kind }) => kind)])).toEqual([
      ['pull images', 1, ['pull']],
      ['push images', 8, ['push']],
    ]);
  });

  test('reads plays, blocks and variables around tasks; pulls come before pushes', async () => {
    const { tasks, others } = await readTasks(
      `- hosts: [localhost]
  vars: {a: 1}
  pre_tasks:
  - name: say
    debug: {msg: hi}
  tasks:
  - name: outer
    block:
    - name: both
      vars: {b: 2}
      when: [.a, .b | eq 2]
      ignore_errors: true
      register: result
      image:
        push: {dest: x}
        pull: {manifests: [a]}
`,
      'play.yaml',
    );
    expect(others).toEqual([{ name: 'say', file: 'play.yaml', line: 4, module: 'debug' }]);
    expect(tasks).toHaveLength(1);
    expect(tasks[0]).toMatchObject({ name: 'both', onError: 'go-on' });
    expect(tasks[0]?.actions.map(({ kind }) => kind)).toEqual(['pull', 'push']);
    expect(tasks[0]?.when.map(({ text }) => text)).toEqual(['.a', '.b | eq 2']);
    expect(tasks[0]?.variables.flatMap(({ entries }) => entries.map(({ key }) => key))).toEqual(['a', 'b']);
  });

  test.each([
    ['- image: {}', 'image has neither pull nor push nor copy'],
    ['- name: x', 'a task without a module'],
    ['- image: {pul: {manifests: [a]}}', 'unknown key "pul"; did you mean "pull"?'],
    ['- image: {pull: []}', 'pull should be a map, and is a list'],
    ['- image: {pull: {images_dir: /x}}', 'pull.manifests is missing'],
    ['- image: {push: {images_dir: /x}}', 'push.dest is missing'],
    ['- image: {copy: {from: {path: /x}}}', 'copy.to is missing'],
    ['- image: {pull: {manifests: [a], image_dir: x}}', 'unknown key "image_dir"; did you mean "images_dir"?'],
    ['- image: {pull: {manifests: {a: b}}}', 'manifests should be a list of texts, and is a map'],
    ['- image: {pull: {manifests: [[a]]}}', 'manifests should hold texts, and holds a list'],
    ['- image: {pull: {manifests: [a], skip_tls_verify: hunter2}}', 'skip_tls_verify should be true or false'],
    ['- image: {pull: {manifests: [a], policy: sometimes}}', 'policy should be "strict" or "warn"'],
    ['- image: {pull: {manifests: [a], autus: []}}', 'unknown key "autus"; did you mean "auths"?'],
    ['- image: {pull: {manifests: [a], auths: {repo: x}}}', 'auths should be a list of registries'],
    ['- image: {pull: {manifests: [a], auths: [{rpo: x}]}}', 'unknown key "rpo"; did you mean "repo"?'],
    ['- image: {push: {dest: {a: b}}}', 'dest should be a text, and is a map'],
    ['- image: {push: {dest: x, namespace_override: y}}', 'unknown key "namespace_override"'],
    ['- image: {manifests: [a], src: "oci://x"}', 'image.dest is missing'],
    ['- image: {src: "oci://x", dest: "local:///i", pull: {}}', 'pull cannot stand beside src'],
    [`- ${PULL}\n  wehn: x`, 'unknown key "wehn"; did you mean "when"?'],
    [`- when: x\n  block:\n  - ${PULL}`, 'a condition on several tasks is not supported'],
    ['- block: x', 'block should be a list of tasks'],
    ['- [x]', 'a task should be a map, and is a list'],
    ['a: [', 'tasks.yaml:1:'],
    ['- imgae: {pull: {manifests: [a]}}', 'tasks.yaml:1: unknown key "imgae"; did you mean "image"?'],
    ['- pulll: {manifests: [a]}', 'tasks.yaml:1: unknown key "pulll"; did you mean "pull"?'],
    [`- hosts: [all]\n  taks: [${PULL}]`, 'tasks.yaml:2: unknown key "taks"; did you mean "tasks"?'],
  ])('refuses %s', async (text, reason) => {
    const failure = await faultOf(text);
    expect(failure).toMatchObject({ code: 'INVALID_CONFIG', message: expect.stringContaining(reason) });
    expect(failure?.message).not.toContain('hunter2');
  });

  test('gives each task its own faults, with their lines, and leaves the others right', async () => {
    const { tasks } = await readTasks(
      '- image: {}\n- name: x\n- image:\n    pull: {manifests: [a]\n     , x: y, z: 1}\n- image: {push: {dest: x}}\n',
      'f.yaml',
    );
    expect(tasks.map(({ faults }) => faults.map(({ message }) => message))).toEqual([
      ['f.yaml:1: image has neither pull nor push nor copy'],
      ['f.yaml:2: a task without a module'],
      [expect.stringMatching(/^f\.yaml:5: unknown key "x"/), expect.stringMatching(/^f\.yaml:5: unknown key "z"/)],
      [],
    ]);
  });

  test('takes a copy of files for what it is', async () => {
    const { tasks, others } = await readTasks(`- copy: {src: a, dest: /b}\n- ${PULL}\n`, 'f.yaml');
    expect([tasks.length, others.map(({ module }) => module)]).toEqual([1, ['copy']]);
  });

  test('reads a misspelt module as what was meant, and says so', async () => {
    const { tasks } = await readTasks('- imgae: {pull: {images_dir: /i, manifests: [a]}}', 'f.yaml');
    expect(tasks[0]?.actions.map(({ kind }) => kind)).toEqual(['pull']);
    expect(tasks[0]?.faults).toHaveLength(1);
  });

  test.each([
    '',
    '[]',
    '# nothing\n',
    'roles: [a]',
    '- hosts: [all]\n  roles: [a]',
    '- debug: {msg: x}',
    'q.io/a: q.io/b',
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}',
  ])('refuses a file without an image task: %j', async (text) => {
    await expect(readTasks(text, 'f.yaml')).rejects.toThrow('"f.yaml" holds no image task');
  });
});
