// What a person sees on a terminal: the program runs on a pseudo-terminal that script(1) makes.

import { join } from 'node:path';
import { image, memoryNamespace, pushImage } from '@kubecrate/content/testing';
import { startServer } from '@kubecrate/server';
import { expect, test } from 'vitest';
import { describePeer } from '../fixtures/peers.ts';
import { runSuccessfully } from '../fixtures/run-process.ts';
import { temporaryDirectory } from '../fixtures/temporary-directory.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', 'cmd', 'kubecrate', 'bin', 'kubecrate.js');

describePeer('script', 'on a terminal', () => {
  test('bars are drawn in place, a total is below them, and they are gone at the end', async () => {
    await using directory = await temporaryDirectory();
    const namespace = memoryNamespace();
    const app = image({ seed: 'terminal', layers: 3 });
    await pushImage(namespace.repository('app'), app, '1');
    await using server = await startServer(namespace);
    const mirror = `stty cols 100 rows 24; '${process.execPath}' '${PROGRAM}' mirror --dir '${directory.path}/m' --progress bars ${server.host}/app:1`;
    const seen = await runSuccessfully('script', ['-qec', mirror, '/dev/null']);
    const [shown = '', after = ''] = seen.split('\x1b[0J').slice(-2);
    expect(shown).toContain(`saved ${server.host}/app:1 ${app.descriptor.digest}`);
    expect(after).toContain('1 image in');
    expect(after).not.toContain('\x1b[');
    const lines = seen.split(/\r?\n/).map((line) => line.slice(line.lastIndexOf('\x1b[2K') + '\x1b[2K'.length));
    for (const line of lines) expect(line.length, line).toBeLessThan(100);
  });
});
