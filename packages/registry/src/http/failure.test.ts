/** Hosts that are no registries, and TLS servers that say why they refuse: the openssl program is one. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { certificateAuthority } from '@kubecrate/content/testing';
import type { KubecrateError } from '@kubecrate/errors';
import { describe, expect, test } from 'vitest';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { rejectionOf, testClient } from '../testing/test-client.ts';

const ONCE = { attempts: 1, delayMs: 1, maximumDelayMs: 1, random: (): number => 1 };

/** A server that says `text` to whoever connects. */
async function sayingServer(text: string): Promise<AsyncDisposable & { readonly host: string }> {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.resume().end(text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose](): Promise<void> {
      server.close();
      await once(server, 'close');
    },
  };
}

test('a host of another protocol is reported as one', async () => {
  await using ssh = await sayingServer('SSH-2.0-OpenSSH_9.2\r\n');
  await using opened = testClient({ retry: ONCE });
  const error = (await rejectionOf(opened.client.ping(ssh.host))) as KubecrateError;
  expect(error.message).toBe(`cannot log in to ${ssh.host}: cannot understand ${ssh.host}: it does not answer in HTTP`);
  expect(error.hint).toContain('check the address and the port');
});

test('a host that closes without a word is tried again, and may want TLS', async () => {
  await using silent = await sayingServer('');
  await using opened = testClient();
  const error = (await rejectionOf(opened.client.ping(silent.host))) as KubecrateError;
  expect(error.message).toContain('the connection was closed by the other side (tried 4 times)');
  expect(error.hint).toContain(`https://${silent.host}`);
});

describe('a TLS server that wants to know its clients', () => {
  /** `openssl s_server`, which sends the alert that says what is wrong. */
  async function withServer(work: (host: string, directory: string, issue: Issue) => Promise<void>): Promise<void> {
    const [authority, other] = await Promise.all([certificateAuthority('right'), certificateAuthority('wrong')]);
    await using directory = await temporaryDirectory();
    const { cert, key } = await authority.issue('server');
    const files = { cert: await directory.write('s.cert', cert), key: await directory.write('s.key', key) };
    const ca = await directory.write('ca.pem', authority.cert);
    const probe = net.createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    probe.close();
    await once(probe, 'close');
    const options = [
      '-accept',
      `127.0.0.1:${port}`,
      '-cert',
      files.cert,
      '-key',
      files.key,
      '-CAfile',
      ca,
      '-Verify',
      '1',
    ];
    const server: ChildProcess = spawn(
      'openssl',
      ['s_server', ...options, '-verify_return_error', '-quiet', '-naccept', '8'],
      {
        stdio: 'ignore',
      },
    );
    const host = `127.0.0.1:${port}`;
    await directory.write(`certs.d/${host}/ca.crt`, authority.cert);
    const issue: Issue = async (from) => {
      const pair = await (from === 'right' ? authority : other).issue('client');
      await directory.write(`certs.d/${host}/me.cert`, pair.cert);
      await directory.write(`certs.d/${host}/me.key`, pair.key);
    };
    try {
      await listening(port);
      await work(host, path.join(directory.path, 'certs.d'), issue);
    } finally {
      server.kill('SIGKILL');
      await once(server, 'close');
    }
  }
  type Issue = (from: 'right' | 'wrong') => Promise<void>;

  async function listening(port: number): Promise<void> {
    await expect
      .poll(
        async () => {
          const socket = net.connect(port, '127.0.0.1');
          try {
            await once(socket, 'connect');
            return true;
          } catch {
            return false;
          } finally {
            socket.destroy();
          }
        },
        { timeout: 10_000 },
      )
      .toBe(true);
  }

  test('and gets none is reported with where it would be', async () => {
    await withServer(async (host, certificates) => {
      await using opened = testClient({ certificateDirectories: [certificates], retry: ONCE });
      const error = (await rejectionOf(opened.client.ping(host))) as KubecrateError;
      expect(error.message).toContain(`${host} asks for a client certificate, and there is none for it`);
      expect(error.hint).toContain(path.join(certificates, host));
    });
  });

  test('and gets one of another authority is reported with its path', async () => {
    await withServer(async (host, certificates, issue) => {
      await issue('wrong');
      await using opened = testClient({ certificateDirectories: [certificates], retry: ONCE });
      const error = (await rejectionOf(opened.client.ping(host))) as KubecrateError;
      expect(error.code).toBe('TLS');
      expect(error.message).toMatch(/refused the client certificate .*me\.cert" \(it said: .+\)/);
    });
  });
});
