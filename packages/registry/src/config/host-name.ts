/** Host names and addresses: which are this machine, which are on this link, which fall in a range. */

import { BlockList, isIP } from 'node:net';

/** `localhost`, `127.0.0.0/8` and `::1`, with or without a port. */
export function isLoopback(host: string): boolean {
  const name = hostName(host);
  return name === 'localhost' || name.endsWith('.localhost') || inRange(name, '127.0.0.0/8') || isLoopback6(name);
}

/** Addresses that only mean something on one link or one machine: metadata services live there. */
export function isLinkLocal(host: string): boolean {
  const name = hostName(host);
  return inRange(name, '169.254.0.0/16') || inRange(name, 'fe80::/10') || inRange(name, '0.0.0.0/8') || name === '::';
}

/** `example.com` of `example.com:5000`, `::1` of `[::1]:5000`, in lower case and without a final dot. */
export function hostName(host: string): string {
  const bracketed = /^\[([^\]]*)\]/.exec(host);
  const name = bracketed?.[1] ?? (isIP(host) === 6 ? host : host.replace(/:\d*$/, ''));
  return name.toLowerCase().replace(/\.$/, '');
}

/** True where `host` is an address inside `range` (`10.0.0.0/8`, `fe80::/10`). A name is in no range. */
export function inRange(host: string, range: string): boolean {
  const address = unmapped(hostName(host));
  const family = isIP(address);
  const [network = '', bits = ''] = range.split('/');
  if (family === 0 || family !== isIP(network) || !/^\d{1,3}$/.test(bits)) return false;
  if (Number(bits) > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  return list.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

function isLoopback6(name: string): boolean {
  return isIP(name) === 6 && inRange(name, '::1/128');
}

/** `127.0.0.1` of `::ffff:127.0.0.1` and of its hexadecimal form. */
function unmapped(address: string): string {
  const dotted = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (dotted?.[1] !== undefined) return dotted[1];
  const hexadecimal = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address);
  if (hexadecimal === null) return address;
  const [high, low] = [hexadecimal[1] ?? '', hexadecimal[2] ?? ''].map((part) => Number.parseInt(part, 16));
  return [(high ?? 0) >> 8, (high ?? 0) & 255, (low ?? 0) >> 8, (low ?? 0) & 255].join('.');
}
