// Archives that are damaged, tampered with or made to do harm: `load`, `verify` and `serve`.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tarOf } from '@kubecrate/content/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DAMAGED, HOSTILE, layoutFiles, TAMPERED } from './archive-fixtures.ts';
import { openScene, type Scene } from './scene.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(() => scene[Symbol.asyncDispose]());

const archive = (): string => join(scene.workspace.directory, 'app.tar');

describe.each([
  ['load', ['load', '-i', 'app.tar'], [...DAMAGED, ...TAMPERED, ...HOSTILE]],
  ['verify', ['verify', './app.tar'], [...DAMAGED, ...HOSTILE]],
  ['serve', ['serve', './app.tar', '--addr', '127.0.0.1:0'], [...DAMAGED, ...HOSTILE]],
] as const)('%s refuses', (_, args, archives) => {
  test.each(archives)('%s', async (_title, bytes, says) => {
    await scene.write({ 'app.tar': bytes });
    await scene.refuses(args, { says: [archive(), says] });
    expect((await readFile(archive())).equals(bytes), 'the archive is as it was').toBe(true);
    expect(await readdir(scene.workspace.directory)).not.toContain('evil');
  });
});

describe('verify finds', () => {
  test.each(TAMPERED)('%s', async (_title, bytes, says) => {
    await scene.write({ 'app.tar': bytes });
    const { code, stdout, stderr } = await scene.workspace.run(['verify', './app.tar'], { env: scene.env });
    expect(code).toBe(1);
    expect(stdout + stderr).toMatch(says);
    await scene.expectUntouched();
  });
});

describe('serve', () => {
  test('names a port that is in use', async () => {
    await scene.write({ 'app.tar': tarOf(layoutFiles()) });
    const served = scene.workspace.start(['serve', './app.tar', '--addr', '127.0.0.1:0'], { env: scene.env });
    const { host } = new URL(await served.firstLine());
    const second = await scene.workspace.run(['serve', './app.tar', '--addr', host], { env: scene.env });
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/^error: .*/);
    expect(second.stderr).toContain(host);
    served.child.kill('SIGINT');
    expect((await served.ended).code).toBe(0);
    await scene.expectUntouched();
  });
});

test('what is not there is named', async () => {
  const { directory } = scene.workspace;
  for (const args of [
    ['load', '-i', 'none.tar'],
    ['verify', './none.tar'],
    ['serve', './none.tar'],
  ]) {
    await scene.refuses(args, { says: [join(directory, 'none.tar'), 'check the path'] });
  }
  await scene.refuses(['verify', 'none:1'], { says: ['"none:1"', 'kubecrate images'] });
  await scene.refuses(['serve', 'none:1'], { says: ['"none:1"', 'kubecrate images'] });
});
