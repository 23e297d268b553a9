import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { image, memoryNamespace, pushImage } from '@kubecrate/content/testing';
import { startServer } from '@kubecrate/server';
import { describe, expect, test } from 'vitest';
import { describePeer } from '../fixtures/peers.ts';
import { openWorkspace, PROGRAM } from './kubecrate.ts';

const PASSWORD = 'p:ass wörd';
const users = [{ username: 'ada', password: PASSWORD }];

describe('login and logout', () => {
  test('keep a password where Docker does, use it, and forget it', async () => {
    const namespace = memoryNamespace();
    await pushImage(namespace.repository('app'), image({ seed: 1 }), '1');
    await using server = await startServer(namespace, { users });
    await using workspace = await openWorkspace();
    const file = join(workspace.home, '.docker/config.json');
    const pull = ['pull', '--platform', 'linux/amd64', `${server.host}/app:1`];
    const before = await workspace.run(pull);
    expect(before.code).toBe(1);
    expect(before.stderr).toContain(`kubecrate login ${server.host}`);
    expect(
      await workspace.run(['login', '-u', 'ada', '--password-stdin', `http://${server.host}/v2/`], {
        input: `${PASSWORD}\n`,
      }),
    ).toEqual({
      code: 0,
      stdout: 'Login Succeeded\n',
      stderr: '',
    });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const { auths } = JSON.parse(await readFile(file, 'utf8'));
    expect(auths).toEqual({ [server.host]: { auth: Buffer.from(`ada:${PASSWORD}`).toString('base64') } });
    await workspace.ok(pull);
    expect(await workspace.ok(['logout', server.host])).toBe('Logout Succeeded\n');
    expect(await workspace.ok(['logout', server.host])).toBe('Logout Succeeded\n');
    await workspace.ok(['rmi', `${server.host}/app:1`]);
    expect((await workspace.run(pull)).code).toBe(1);
  });

  test('refuse a wrong password without keeping or printing it', async () => {
    await using server = await startServer(memoryNamespace(), { users });
    await using workspace = await openWorkspace();
    const { code, stdout, stderr } = await workspace.run(['login', '-u', 'ada', '-p', 'hunter2hunter2', server.host]);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('WARNING! Using --password via the CLI is insecure. Use --password-stdin.');
    expect(stderr).toContain(`cannot log in to ${server.host}`);
    expect(stderr).not.toContain('hunter2');
    await expect(stat(join(workspace.home, '.docker/config.json'))).rejects.toHaveProperty('code', 'ENOENT');
    const empty = await workspace.run(['login', '-u', 'ada', '--password-stdin', server.host], { input: '\n' });
    expect(empty.code).toBe(2);
    expect(empty.stderr).toContain('Password Required');
  });

  test('use the file that was named', async () => {
    await using server = await startServer(memoryNamespace(), { users });
    await using workspace = await openWorkspace();
    await workspace.ok(['login', '-u', 'ada', '--password-stdin', '--authfile', 'auth.json', server.host], {
      input: PASSWORD,
    });
    expect(JSON.parse(await readFile(join(workspace.directory, 'auth.json'), 'utf8')).auths).toHaveProperty([
      server.host,
    ]);
    await expect(stat(join(workspace.home, '.docker'))).rejects.toHaveProperty('code', 'ENOENT');
    await workspace.ok(['logout', '--authfile', 'auth.json', server.host]);
    expect(JSON.parse(await readFile(join(workspace.directory, 'auth.json'), 'utf8')).auths).toEqual({});
  });

  describePeer('script', 'at a terminal', () => {
    /** Types `keys`, each after its prompt, and says how the program ended and whether the terminal is as it was. */
    async function typed(keys: readonly (readonly [prompt: string, keys: string])[], host: string): Promise<string> {
      await using workspace = await openWorkspace();
      const command = `"${process.execPath}" "${PROGRAM}" login ${host}; echo "exit=$?"; stty -a`;
      const env = { PATH: process.env['PATH'] ?? '', HOME: workspace.home, TERM: 'xterm' };
      const child = spawn('script', ['-qec', command, '/dev/null'], { env, cwd: workspace.directory });
      let seen = '';
      const left = [...keys];
      child.stdout.on('data', (chunk: Buffer) => {
        seen += String(chunk);
        const [next] = left;
        if (next === undefined || !seen.includes(next[0])) return;
        left.shift();
        child.stdin.write(next[1]);
      });
      await once(child, 'close');
      return seen;
    }

    test('asks for both, and shows no password', async () => {
      await using server = await startServer(memoryNamespace(), { users: [{ username: 'ada', password: 'hunter2' }] });
      const seen = await typed(
        [
          ['Username: ', 'ada\r'],
          ['Password: ', 'hunter2\r'],
        ],
        server.host,
      );
      expect(seen).toContain('Login Succeeded');
      expect(seen).toContain('exit=0');
      expect(seen).not.toContain('hunter2');
    });

    test.each([
      ['the name', [['Username: ', 'ad\x03']]],
      [
        'the password',
        [
          ['Username: ', 'ada\r'],
          ['Password: ', 'hunter\x03'],
        ],
      ],
    ] as const)('Ctrl-C at %s ends it as SIGINT does, and leaves the terminal as it was', async (_, keys) => {
      await using server = await startServer(memoryNamespace(), { users });
      const seen = await typed(keys, server.host);
      expect(seen).toContain('exit=130');
      expect(seen).toContain('stopped by SIGINT');
      expect(seen).not.toContain('hunter');
      expect(seen).toMatch(/ icanon\b/);
      expect(seen).toMatch(/[^-]\becho\b/);
    });

    test('Ctrl-D is an answer that was not given', async () => {
      await using server = await startServer(memoryNamespace(), { users });
      const seen = await typed([['Username: ', '\x04']], server.host);
      expect(seen).toContain('exit=1');
      expect(seen).toContain('nothing was given');
    });
  });
});
