/** Addresses of networks, for templates. */

import { isIPv4, isIPv6 } from 'node:net';
import { GoError } from '@kubecrate/gotemplate';

/** More addresses than this are not listed. */
const MOST = 65_536;

/** `IPv4` or `IPv6`, of an address or of a network in CIDR notation; undefined for anything else. */
export function familyOf(text: string): 'IPv4' | 'IPv6' | undefined {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIPv4(address) ? 'IPv4' : isIPv6(address) ? 'IPv6' : undefined;
  if (bits === undefined) return family;
  const most = family === 'IPv4' ? 32 : 128;
  return more.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= most ? family : undefined;
}

/**
 * The IPv4 addresses of a network without its first and its last one (`10.0.0.0/29`, `10.0.0.0/255.255.255.248`), of a range
 * (`10.0.0.1-10.0.0.9`), or the address itself. @throws GoError where there are too many of them, or it is none of these
 */
export function addressesOf(text: string): readonly string[] {
  const trimmed = text.trim().replace(/\/+$/, '');
  const [first = '', last] = trimmed.split('-', 2);
  if (last !== undefined) return between(numberOf(first), numberOf(last));
  const [address = '', mask] = trimmed.split('/', 2);
  if (mask === undefined || mask === '32') return [address];
  const size = 2 ** (32 - bitsOf(mask, trimmed));
  const network = Math.floor(numberOf(address) / size) * size;
  return between(network + 1, network + size - 2);
}

function bitsOf(mask: string, text: string): number {
  const bits = mask.includes('.') ? numberOf(mask).toString(2).replace(/0+$/, '').length : Number(mask);
  if (/^[\d.]+$/.test(mask) && Number.isInteger(bits) && bits >= 0 && bits <= 32) return bits;
  throw new GoError(`${text} is no network`);
}

function numberOf(address: string): number {
  if (!isIPv4(address)) throw new GoError(`${JSON.stringify(address)} is no IPv4 address`);
  return address.split('.').reduce((number, part) => number * 256 + Number(part), 0);
}

function between(first: number, last: number): readonly string[] {
  if (last - first >= MOST) throw new GoError(`more than ${MOST} addresses`);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => addressOf(first + i));
}

function addressOf(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}
