import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { image, memoryNamespace, pushImage } from '@kubecrate/content/testing';
import { type RunningServer, startServer } from '@kubecrate/server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openWorkspace, type Workspace } from './kubecrate.ts';

const app = image({ seed: 'progress' });

let server: RunningServer;
let workspace: Workspace;
beforeEach(async () => {
  const namespace = memoryNamespace();
  await pushImage(namespace.repository('app'), app, '1');
  server = await startServer(namespace);
  workspace = await openWorkspace();
});
afterEach(async () => {
  await workspace[Symbol.asyncDispose]();
  await server.close();
});

interface Line {
  readonly type: string;
  readonly [field: string]: unknown;
}

function linesOf(stderr: string): readonly Line[] {
  return stderr
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

describe('--progress json', () => {
  test('is one event a line, from what is planned to what is saved', async () => {
    const run = await workspace.run(['mirror', '--progress', 'json', '--dir', 'm', `${server.host}/app:1`]);
    expect(run.code).toBe(0);
    const types = linesOf(run.stderr).map(({ type }) => type);
    for (const type of ['resolved', 'planned', 'copying', 'copied', 'tagged']) expect(types).toContain(type);
    expect(types).not.toContain('error');
  });

  test('ends with the error as an event, with its code, its message and what to do', async () => {
    await writeFile(join(workspace.directory, 'Kubefile'), 'FROM scratch\nCOPPY a b\n');
    const build = await workspace.run(['build', '-t', 'a:1', '--progress', 'json', '.']);
    expect(build.code).toBe(1);
    expect(linesOf(build.stderr)).toEqual([
      { type: 'error', code: 'INVALID_KUBEFILE', message: expect.stringContaining('Kubefile:2:1: error: unknown') },
    ]);
    const missing = await workspace.run(['mirror', '--progress', 'json', '--dir', 'm', `${server.host}/app:2`]);
    expect(missing.code).toBe(1);
    expect(linesOf(missing.stderr).at(-1)).toMatchObject({
      type: 'error',
      code: 'NOT_FOUND',
      message: expect.stringContaining(`${server.host}/app:2`),
      hint: expect.any(String),
    });
    const usage = await workspace.run(['build', '--progress', 'json', '.']);
    expect(usage.code).toBe(2);
    expect(linesOf(usage.stderr)).toMatchObject([{ type: 'error', code: 'USAGE' }]);
  });

  test('tells the warnings of a Kubefile with their places', async () => {
    await writeFile(join(workspace.directory, 'Kubefile'), 'FROM scratch\nCMD x\n');
    const build = await workspace.run(['build', '-t', 'a:1', '--progress', 'json', '.']);
    expect(build.code).toBe(0);
    expect(linesOf(build.stderr)).toContainEqual({
      type: 'warning',
      message: 'Kubefile:2:1: CMD is deprecated; use CMDS ["COMMAND", ...]',
    });
  });
});

describe('without a terminal', () => {
  test('there are lines and no control characters', async () => {
    const run = await workspace.run(['mirror', '--dir', 'm', `${server.host}/app:1`]);
    expect(run.stderr).toBe(`saved ${server.host}/app:1 ${app.descriptor.digest}\n`);
  });
});
