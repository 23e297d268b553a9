/** sprig's functions of paths and URLs. */

import { escapeBytes } from '../builtins/escape.ts';
import { decodeString, encodeString } from '../go-string.ts';
import { GoError, type GoFunction, type GoMap, type GoValue, kindOf } from '../value.ts';
import { mapOf, ofStrings } from './arguments.ts';

const PATH_FUNCTIONS_BY_NAME: Readonly<Record<string, (path: string) => GoValue>> = {
  base: basePath,
  dir: (path) => cleanPath(path.slice(0, path.lastIndexOf('/') + 1)),
  clean: cleanPath,
  ext: (path) => /\.[^./]*$/.exec(path)?.[0] ?? '',
  isAbs: (path) => path.startsWith('/'),
};

export const PATH_FUNCTIONS: ReadonlyMap<string, GoFunction> = new Map<string, GoFunction>([
  ...Object.entries(PATH_FUNCTIONS_BY_NAME).flatMap(([name, run]) => [
    [name, ofStrings(1, run)] as const,
    [`os${name[0]?.toUpperCase()}${name.slice(1)}`, ofStrings(1, run)] as const,
  ]),
  ['urlParse', ofStrings(1, parseUrl)],
  ['urlJoin', { params: ['map[string]interface {}'], run: ([parts]) => joinUrl(mapOf(parts)) }],
]);

function basePath(path: string): string {
  if (path === '') return '.';
  const trimmed = path.replace(/\/+$/, '');
  return trimmed === '' ? '/' : trimmed.slice(trimmed.lastIndexOf('/') + 1);
}

/** path.Clean: no empty, `.` or inner `..` elements. */
function cleanPath(path: string): string {
  const rooted = path.startsWith('/');
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (!rooted) parts.push('..');
  }
  const joined = parts.join('/');
  return rooted ? `/${joined}` : joined === '' ? '.' : joined;
}

/** url.Parse, as the parts that sprig gives. */
function parseUrl(text: string): GoMap {
  const [url = '', fragment = ''] = cut(text, '#');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what Go refuses.
  if (/[\0-\x1f\x7f]/.test(url)) throw badUrl(url, 'net/url: invalid control character in URL');
  const { scheme, rest } = cutScheme(url, url);
  const [hierarchy = '', query = ''] = cut(rest, '?');
  const opaque = scheme !== '' && !hierarchy.startsWith('/');
  if (scheme === '' && /^[^/]*:/.test(hierarchy)) throw badUrl(url, 'first path segment in URL cannot contain colon');
  const hasAuthority = hierarchy.startsWith('//') && (scheme !== '' || !hierarchy.startsWith('///'));
  const authority = hasAuthority ? (/^[^/]*/.exec(hierarchy.slice(2))?.[0] ?? '') : '';
  const path = hasAuthority ? hierarchy.slice(2 + authority.length) : hierarchy;
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  checkPort(host, url);
  if (at >= 0 && !/^[A-Za-z0-9._:~!$&'()*+,;=%@-]*$/.test(authority.slice(0, at))) {
    throw badUrl(url, 'net/url: invalid userinfo');
  }
  return new Map<string, GoValue>([
    ['scheme', scheme],
    ['host', decodedHost(host, url)],
    ['hostname', decodedHost(host.replace(/:[0-9]*$/, '').replace(/^\[(.*)\]$/, '$1'), url)],
    ['path', opaque ? '' : percentDecoded(path, url)],
    ['query', query],
    ['opaque', opaque ? hierarchy : ''],
    ['fragment', percentDecoded(fragment, text)],
    ['userinfo', at < 0 ? '' : normalUserinfo(authority.slice(0, at), url)],
  ]);
}

/** What stands behind a host is empty, or a colon and digits. */
function checkPort(host: string, url: string): void {
  const bracketed = host.startsWith('[');
  const end = host.lastIndexOf(bracketed ? ']' : ':');
  if (bracketed && end < 0) throw badUrl(url, "missing ']' in host");
  const port = bracketed ? host.slice(end + 1) : end < 0 ? '' : host.slice(end);
  if (!/^(?::[0-9]*)?$/.test(port)) throw badUrl(url, `invalid port ${JSON.stringify(port)} after host`);
}

function cutScheme(text: string, whole: string): { readonly scheme: string; readonly rest: string } {
  if (text.startsWith(':')) throw badUrl(whole, 'missing protocol scheme');
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)?.[1];
  return scheme === undefined
    ? { scheme: '', rest: text }
    : { scheme: scheme.toLowerCase(), rest: text.slice(scheme.length + 1) };
}

function joinUrl(parts: GoMap): string {
  const part = (name: string): string => stringPart(parts, name);
  const [scheme, opaque, host, path] = [part('scheme'), part('opaque'), part('host'), part('path')];
  const userinfo = part('userinfo') === '' ? '' : `${normalUserinfo(part('userinfo'), part('userinfo'))}@`;
  let url = scheme === '' ? '' : `${scheme}:`;
  if (opaque !== '') url += opaque;
  else {
    const named = scheme !== '' || host !== '' || userinfo !== '';
    if (named && (host !== '' || path !== '' || userinfo !== '')) url += `//${userinfo}${escapeBytes(host, HOST)}`;
    const escaped = path === '*' ? '*' : escapeBytes(path, PATH);
    if (escaped !== '' && !escaped.startsWith('/') && host !== '') url += '/';
    if (url === '' && /^[^/]*:/.test(escaped)) url += './';
    url += escaped;
  }
  if (part('query') !== '') url += `?${part('query')}`;
  return part('fragment') === '' ? url : `${url}#${escapeBytes(part('fragment'), FRAGMENT)}`;
}

const HOST = /[A-Za-z0-9_.~!$&'()*+,;=:[\]<>"-]/;
const PATH = /[A-Za-z0-9_.~$&+,/:;=@-]/;
const FRAGMENT = /[A-Za-z0-9_.~$&+,/:;=?@!()*-]/;
const USERINFO = /[A-Za-z0-9_.~$&+,;=-]/;

function stringPart(parts: GoMap, name: string): string {
  const value = parts.get(name);
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  throw new GoError(`unable to parse ${name} key, must be of type string, but ${kindOf(value)} found`);
}

/** A user and a password, each escaped as Go writes them. */
function normalUserinfo(text: string, whole: string): string {
  const colon = text.indexOf(':');
  const [user, password] = colon < 0 ? [text, undefined] : [text.slice(0, colon), text.slice(colon + 1)];
  const shown = escapeBytes(percentDecoded(user, whole), USERINFO);
  return password === undefined ? shown : `${shown}:${escapeBytes(percentDecoded(password, whole), USERINFO)}`;
}

function percentDecoded(text: string, whole: string): string {
  if (!text.includes('%')) return text;
  const bad = /%(?![0-9a-fA-F]{2}).{0,2}/.exec(text)?.[0];
  if (bad !== undefined) throw badUrl(whole, `invalid URL escape ${JSON.stringify(bad)}`);
  const bytes = encodeString(text).toString('latin1');
  const plain = bytes.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return decodeString(Buffer.from(plain, 'latin1'));
}

/** A host: of the escapes only those of characters beyond ASCII, and no ASCII that a host cannot have. */
function decodedHost(host: string, whole: string): string {
  const bad = /%[0-7][0-9a-fA-F](?<!%25)|%(?![0-9a-fA-F]{2}).{0,2}|[\0- #/?@\\^`{|}\x7f]/.exec(host)?.[0];
  if (bad === undefined) return percentDecoded(host, whole);
  if (bad.startsWith('%')) throw badUrl(whole, `invalid URL escape ${JSON.stringify(bad)}`);
  throw badUrl(whole, `invalid character ${JSON.stringify(bad)} in host name`);
}

function cut(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function badUrl(text: string, reason: string): GoError {
  return new GoError(`unable to parse url: parse ${JSON.stringify(text)}: ${reason}`);
}
