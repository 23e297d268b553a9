import fs from 'node:fs';
import os from 'node:os';
import { openRegistryClient } from '@kubecrate/registry';

const [host = '127.0.0.1:5055', conc = '32', cfg = '{}'] = process.argv.slice(2);
const t0 = performance.now();
const cpu0 = process.cpuUsage();
const client = openRegistryClient(JSON.parse(cfg), { onEvent: (e) => console.log('event', e) });
const repo = client.repository(host, 'bench/all');
const blobs = fs
  .readFileSync('/tmp/bench/blobs.txt', 'utf8')
  .trim()
  .split('\n')
  .map((l) => l.split(' '))
  .map(([h, s]) => ({ mediaType: 'application/octet-stream', digest: 'sha256:' + h, size: +s }))
  .sort((a, b) => b.size - a.size);
const out = '/dev/shm/bulk-out';
fs.rmSync(out, { recursive: true, force: true });
fs.mkdirSync(out);
let declined = 0,
  i = 0,
  peak = 0;
const timer = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
}, 50);
const t1 = performance.now();
await Promise.all(
  Array.from({ length: +conc }, async () => {
    while (i < blobs.length) {
      const d = blobs[i++];
      const path = out + '/' + d.digest.slice(7);
      const r = await repo.fetchToFile(d, { path });
      if (r === 'declined') {
        declined++;
        const c = [];
        for await (const x of await repo.fetch(d)) c.push(x);
        fs.writeFileSync(path, Buffer.concat(c));
      }
    }
  }),
);
const t2 = performance.now();
clearInterval(timer);
const cpu = process.cpuUsage(cpu0);
console.log(
  `ours ${((t2 - t1) / 1000).toFixed(2)} s cpu ${((cpu.user + cpu.system) / 1e6).toFixed(2)} rss ${peak >> 20} MiB declined ${declined}`,
);
await client[Symbol.asyncDispose]();
