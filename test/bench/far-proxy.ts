/** A TCP proxy that makes a server far: every request waits, every connection is narrow. Arguments: port, target port, ms, bytes/s. */

import cluster from 'node:cluster';
import { connect, createServer, type Socket } from 'node:net';

/** One process could not pass on what two cores fetch: it would be the proxy that is measured. */
const PROCESSES = 2;
/** Bytes of a read: 10 ms of 50 MB/s. */
const PIECE = 512 * 1024;

if (cluster.isPrimary) for (let i = 0; i < PROCESSES; i += 1) cluster.fork();
else proxy();

function proxy(): void {
  const [port = 0, target = 0, delayMs = 0, bytesPerSecond = 0] = process.argv.slice(2).map(Number);
  createServer({ noDelay: true }, (client) => {
    const server = connectThrottled(target, client, bytesPerSecond);
    server.setNoDelay(true);
    for (const socket of [client, server]) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        client.destroy();
        server.destroy();
      });
    }
    // What a client sends is a request: small, and late by the delay.
    client.on('data', (chunk) => setTimeout(() => server.writable && server.write(chunk), delayMs));
    client.on('end', () => setTimeout(() => server.end(), delayMs));
    server.on('end', () => client.end());
  }).listen(port, '127.0.0.1');
}

/** Passes bytes of the server on at the given rate: after each piece, reading rests as long as the piece should have taken. */
function connectThrottled(port: number, client: Socket, bytesPerSecond: number): Socket {
  let free = 0;
  const callback = (bytes: number, buffer: Uint8Array): boolean => {
    free = Math.max(free, performance.now()) + (bytes / bytesPerSecond) * 1000;
    // The buffer is used again: it has to have left before the next read.
    client.write(buffer.subarray(0, bytes), () => {
      const wait = free - performance.now();
      if (wait > 1) setTimeout(() => server.resume(), wait);
      else server.resume();
    });
    return false;
  };
  const server: Socket = connect({
    port,
    host: '127.0.0.1',
    onread: { buffer: Buffer.allocUnsafeSlow(PIECE), callback },
  });
  return server;
}
