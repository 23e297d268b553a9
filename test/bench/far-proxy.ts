/** A TCP proxy that makes a server far: every request waits, every connection is narrow. Arguments: port, target port, ms, bytes/s. */

import { connect, createServer, type Socket } from 'node:net';

const [port = 0, target = 0, delayMs = 0, bytesPerSecond = 0] = process.argv.slice(2).map(Number);

createServer({ noDelay: true }, (client) => {
  const server = connect(target, '127.0.0.1');
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
  throttle(server, client);
}).listen(port, '127.0.0.1');

/** Passes bytes on at the given rate: after each chunk, reading rests as long as the chunk should have taken. */
function throttle(from: Socket, to: Socket): void {
  let free = 0;
  from.on('data', (chunk) => {
    to.write(chunk);
    free = Math.max(free, performance.now()) + (chunk.byteLength / bytesPerSecond) * 1000;
    const wait = free - performance.now();
    if (wait < 4) return;
    from.pause();
    setTimeout(() => from.resume(), wait);
  });
  from.on('end', () => to.end());
}
