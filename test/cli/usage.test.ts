import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../cmd/kubecrate/src/commands/index.ts';
import { openWorkspace } from './kubecrate.ts';

describe('a wrong command line', () => {
  test.each([
    [['imges'], "unknown command 'imges'", 'Did you mean images?'],
    [['images', '--outptu', 'json'], "unknown option '--outptu'", 'Did you mean --output?'],
    [['images', '--output', 'yaml'], "'yaml' is invalid", 'text, json'],
    [['pull'], "missing required argument 'IMAGE'", ''],
    // Before anything is read: there is no Kubefile in the directory.
    [['build', '-t', 'a', '--pull', 'sometimes'], "'sometimes' is invalid", 'missing, true, ifmissing, always, never'],
    [['build', '-t', 'a', '--type', 'app'], "'app' is invalid", 'kube-installer, app-installer'],
    [['build', '-t', 'a', '--build-mode', 'light'], "'light' is invalid", 'all, lite'],
    [['mirror', '--dir', 'd', '--names', 'short', 'a'], "'short' is invalid", 'plain, qualified'],
    [['save', 'x'], "required option '-o, --output-file <FILE>'", ''],
    [['help', 'imges'], "unknown command 'imges'", 'Did you mean images?'],
    [['help', 'chart', 'templat'], "unknown command 'templat'", 'Did you mean template?'],
    [['chart', 'help', 'nope'], "unknown command 'nope'", ''],
    [['manifest', 'create', 'X Y', 'a'], '"X Y"', ''],
    [['images', '--filter', 'reference=['], 'cannot read the pattern "["', ''],
    [['build', '-t', 'X Y'], '"X Y"', ''],
    [['pull', 'X Y'], '"X Y"', ''],
    [['copy', 'app:1', 'oci:x'], 'does not say where', '"store:app:1"'],
    [['copy', 'doker://app:1', 'oci:x'], 'does not say where', 'did you mean "docker://"?'],
    [['copy', 'doker:app:1', 'oci:x'], 'does not say where', 'did you mean "docker://"?'],
    [['tag', 'a'], "missing required argument 'TARGET'", ''],
    [['tag', 'a', 'b', 'c'], 'too many arguments', ''],
    [['serve', '.', '--addr', 'localhost'], 'cannot read the address "localhost"', '127.0.0.1:5000'],
    [['serve', '.', '--tls-cert', 'x'], 'both --tls-cert and --tls-key', ''],
    [['serve', '.', '--user', 'x'], '--user needs --password-stdin', ''],
    [['login', 'x.example.com', '--password-stdin'], 'Must provide --username with --password-stdin', ''],
    [['login', 'x.example.com', '-u', 'a', '-p', 'b', '--password-stdin'], 'mutually exclusive', ''],
    [['login', 'not a host', '-u', 'a', '-p', 'b'], 'is no registry', ''],
    [['login', 'x.example.com'], 'Cannot perform an interactive login from a non TTY device', ''],
  ])('%j has exit code 2 and says why', async (args, why, hint) => {
    await using workspace = await openWorkspace();
    const { code, stdout, stderr } = await workspace.run(args);
    expect(stderr).toContain(why);
    expect(stderr).toContain(hint);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  test.each([
    ['a port that is none', ['pull', '127.0.0.1:99999/t/a:1'], '99999 is no port'],
    ['one that is copied from', ['copy', 'docker://127.0.0.1:99999/t/a:1', 'oci:x'], '99999 is no port'],
    ['one that is logged in to', ['login', '127.0.0.1:99999', '-u', 'a', '-p', 'b'], '99999 is no port'],
    ['a password before the host', ['login', 'us:PWSECRET@127.0.0.1:5000'], 'it has a user or a password'],
  ])('may name %s: that is said without a stack', async (_what, args, reason) => {
    await using workspace = await openWorkspace();
    const { code, stderr } = await workspace.run(args);
    expect(code).toBe(2);
    expect(stderr).toContain(reason);
    expect(stderr).not.toMatch(/SECRET|\n +at /);
  });

  test('may be empty: then the help is printed', async () => {
    await using workspace = await openWorkspace();
    const { code, stderr } = await workspace.run([]);
    expect(code).toBe(2);
    for (const name of Object.keys(COMMANDS)) expect(stderr).toContain(name);
  });
});

describe('help', () => {
  test('is printed for each command', async () => {
    await using workspace = await openWorkspace();
    for (const name of Object.keys(COMMANDS)) {
      expect(await workspace.ok([name, '--help'])).toContain(`Usage: kubecrate ${name} `);
    }
  });
});

describe('a configuration', () => {
  test('chooses the store, below the environment and the option', async () => {
    await using workspace = await openWorkspace();
    const graph = join(workspace.home, 'graph');
    await writeFile(join(workspace.directory, 'config.json'), JSON.stringify({ graph }));
    const storeOf = async (args: readonly string[], env: Record<string, string>): Promise<string[]> => {
      await workspace.ok(['images', '--config', 'config.json', ...args], { env });
      return (await readdir(workspace.home)).sort();
    };
    expect(await storeOf([], { KUBECRATE_STORE: '' })).toEqual(['graph']);
    expect(await storeOf([], { KUBECRATE_STORE: join(workspace.home, 'named') })).toEqual(['graph', 'named']);
    expect(await storeOf(['--store', join(workspace.home, 'option')], {})).toEqual(['graph', 'named', 'option']);
  });

  test.each([
    ['{"registry-mirror": []}', 'unknown key "registry-mirror"', 'did you mean "registry-mirrors"?'],
    ['{"registry-mirrors": "a"}', 'registry-mirrors is "a", not a list of names', ''],
    ['{"image-opt-timeout": "5 minutes"}', 'not a time like "30s", "5m" or "1h"', ''],
    ['{"graph": "relative"}', 'not an absolute path', ''],
    ['[]', 'it is no JSON object', ''],
    ['{', 'it is not JSON', ''],
  ])('%s is refused with the file and the key', async (text, why, hint) => {
    await using workspace = await openWorkspace();
    const file = join(workspace.home, '.config/kubecrate/config.json');
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, text);
    for (const args of [['images'], ['pull', 'example.com/x']]) {
      const { code, stderr } = await workspace.run(args);
      expect(code).toBe(1);
      expect(stderr).toContain(JSON.stringify(file));
      expect(stderr).toContain(why);
      expect(stderr).toContain(hint);
    }
  });

  test('that was named has to be there', async () => {
    await using workspace = await openWorkspace();
    const { code, stderr } = await workspace.run(['images', '--config', 'absent.json']);
    expect(code).toBe(1);
    expect(stderr).toContain('absent.json');
    expect((await workspace.run(['pull', '--authfile', 'absent.json', 'example.com/x'])).stderr).toContain(
      'absent.json',
    );
  });
});

describe('starting', () => {
  /** The modules that one run loads, by their URLs: what V8 counts coverage of. */
  async function modulesOf(args: readonly string[]): Promise<readonly string[]> {
    await using workspace = await openWorkspace();
    const directory = await mkdtemp(join(tmpdir(), 'kubecrate-coverage-'));
    try {
      await workspace.ok(args, { env: { NODE_V8_COVERAGE: directory } });
      const [file] = await readdir(directory);
      const { result } = JSON.parse(await readFile(join(directory, file!), 'utf8'));
      return result.map(({ url }: { url: string }) => url).filter((url: string) => url.startsWith('file:'));
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  const HEAVY = /node_modules\/(undici|yaml|dockerode|dockerfile-ast|ajv|@peculiar|re2js|smol-toml)\//;

  test.each([
    [['--version']],
    [['images', '--help']],
    [['images']],
    [['tag', '--help']],
    [['pull', '--help']],
    [['sync', '--help']],
    [['image', 'pull', '--help']],
  ])('%j loads nothing it does not need', async (args) => {
    const modules = await modulesOf(args);
    expect(modules.some((url) => url.endsWith('/cmd/kubecrate/dist/bundle/kubecrate.js'))).toBe(true);
    expect(modules.filter((url) => HEAVY.test(url))).toEqual([]);
  });

  /** The commands whose chunks (`build-Bx3ab_9.js`) are among the modules. */
  function commandsIn(modules: readonly string[]): readonly string[] {
    const chunks = modules.map((url) => /\/dist\/bundle\/(.+)-[\w-]{8}\.js$/.exec(url)?.[1] ?? '');
    return chunks.filter((name) => Object.hasOwn(COMMANDS, name));
  }

  test('--version loads no command, and a command no other one', async () => {
    expect(commandsIn(await modulesOf(['--version']))).toEqual([]);
    expect(commandsIn(await modulesOf(['images', '--help']))).toEqual(['images']);
  });
});
