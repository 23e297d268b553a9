/**
 * A client that costs next to nothing: reads blobs over eight connections into one buffer that it never looks at, so that the time is the server's.
 *
 *   node read-blobs.js PORT FILE
 *
 * FILE has a line for each blob: its repository, its digest, its size.
 */

import { readFileSync } from 'node:fs';
import net from 'node:net';

interface Blob {
  readonly path: string;
  readonly size: number;
}

const CONNECTIONS = 8;
const [port = '', file = ''] = process.argv.slice(2);
const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
const blobs = lines.map((line): Blob => {
  const [repository = '', digest = '', size = ''] = line.split(' ');
  return { path: `/v2/${repository}/blobs/${digest}`, size: Number(size) };
});
const waiting = blobs.values();
await Promise.all(Array.from({ length: CONNECTIONS }, readOverOne));

/** Asks for the next blob when the last one is there, over one connection that is kept. */
function readOverOne(): Promise<void> {
  const buffer = Buffer.allocUnsafe(512 * 1024);
  return new Promise((resolve, reject) => {
    let current: Blob | undefined;
    let head = '';
    let left = 0;
    const next = (): void => {
      current = waiting.next().value;
      if (current === undefined) {
        socket.destroy();
        resolve();
        return;
      }
      head = '';
      left = -1;
      socket.write(`GET ${current.path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
    };
    const take = (bytes: number): void => {
      if (left === -1) {
        head += buffer.toString('latin1', 0, bytes);
        const end = head.indexOf('\r\n\r\n');
        if (end === -1) return;
        if (!head.startsWith('HTTP/1.1 200')) throw new Error(`${current?.path}: ${head.slice(0, 200)}`);
        left = (current?.size ?? 0) - (head.length - end - 4);
      } else left -= bytes;
      if (left < 0) throw new Error(`${current?.path}: more bytes than it has`);
      if (left === 0) next();
    };
    const onread = {
      buffer,
      callback: (bytes: number): boolean => {
        try {
          take(bytes);
        } catch (error) {
          socket.destroy(error as Error);
        }
        return true;
      },
    };
    const socket = net.connect({ host: '127.0.0.1', port: Number(port), onread });
    socket.once('connect', next).once('error', reject);
    socket.once('close', () => (current === undefined ? resolve() : reject(new Error(`${current.path}: cut off`))));
  });
}
