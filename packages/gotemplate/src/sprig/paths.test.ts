import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failure, render } from '../testing/render.ts';

describe('paths', () => {
  it.each([
    ['{{base "/a/b.txt"}} {{base ""}} {{base "/"}} {{base "a/b/"}} {{base "//"}}', 'b.txt . / b /'],
    ['{{dir "/a/b.txt"}} {{dir "a"}} {{dir "/"}} {{dir "a/b/../c"}} {{dir ""}}', '/a . / a .'],
    ['{{ext "a.tar.gz"}} {{ext "a"}}|{{ext "a.b/c"}}|{{ext ".x"}}', '.gz ||.x'],
    [
      '{{clean "/a/../b//c"}} {{clean ""}} {{clean "../a/./.."}} {{clean "/.."}} {{clean "a/b/../../.."}}',
      '/b/c . .. / ..',
    ],
    [
      '{{isAbs "/a"}} {{isAbs "a"}} {{osBase "/a/b"}} {{osDir "/a/b"}} {{osClean "a//b"}} {{osExt "a.b"}} {{osIsAbs "/"}}',
      'true false b /a a/b .b true',
    ],
  ])('%s', (text, expected) => {
    expect(render(text)).toBe(expected);
  });
});

describe('URLs', () => {
  it.each([
    [
      '{{urlParse "http://u:p@h.com:80/p%20q?q=1#f"}}',
      'map[fragment:f host:h.com:80 hostname:h.com opaque: path:/p q query:q=1 scheme:http userinfo:u:p]',
    ],
    [
      '{{(urlParse "HTTP://[::1]:8080/").hostname}} {{(urlParse "HTTP://[::1]:8080/").host}} {{(urlParse "HTTP://x").scheme}}',
      '::1 [::1]:8080 http',
    ],
    [
      '{{(urlParse "mailto:a@b.c").opaque}} {{(urlParse "/a?b").path}} {{(urlParse "//h/p").host}} {{(urlParse "x").path}} {{(urlParse "").scheme}}|',
      'a@b.c /a h x |',
    ],
    [
      '{{urlJoin (dict "scheme" "http" "host" "h:80" "path" "/p q" "query" "q=1" "fragment" "f" "userinfo" "u:p@")}}',
      'http://u:p%40@h:80/p%20q?q=1#f',
    ],
    [
      '{{urlJoin (dict "host" "h" "path" "p")}} {{urlJoin (dict "scheme" "mailto" "opaque" "a@b")}} {{urlJoin (dict "path" "a:b")}} {{urlJoin (dict)}}|',
      '//h/p mailto:a@b ./a:b |',
    ],
  ])('%s', (text, expected) => {
    expect(render(text)).toBe(expected);
  });

  it.each([
    ['{{urlParse "http://[::1#f"}}', 'unable to parse url: parse "http://[::1": missing \']\' in host'],
    ['{{urlParse "http://x y"}}', 'invalid character " " in host name'],
    ['{{urlParse "http://h%20x"}}', 'invalid URL escape "%20"'],
    ['{{urlParse "http://h[::1]A/"}}', 'invalid port ":1]A" after host'],
    ['{{urlParse "http://a b@h"}}', 'net/url: invalid userinfo'],
    ['{{urlParse ":x"}}', 'missing protocol scheme'],
    ['{{urlParse "a:b:c/%zz"}}|{{urlParse "/%zz"}}', 'invalid URL escape "%zz"'],
    ['{{urlParse "1a:b"}}', 'first path segment in URL cannot contain colon'],
    ['{{urlParse "http://h:x/"}}', 'invalid port ":x" after host'],
    ['{{urlParse "a\\u0001"}}', 'net/url: invalid control character in URL'],
    [
      '{{urlJoin (dict "host" 1)}}',
      'error calling urlJoin: unable to parse host key, must be of type string, but int found',
    ],
  ])('%s fails', (text, expected) => {
    expect(failure(text)).toContain(expected);
  });

  it('come back from their parts', () => {
    fc.assert(
      fc.property(fc.webUrl({ withFragments: true, withQueryParameters: true }), (url) => {
        const joined = render('{{urlJoin (urlParse .)}}', url);
        const again = render('{{urlJoin (urlParse .)}}', joined);
        expect(again).toBe(joined);
        expect(render('{{(urlParse .).host}}', url)).toBe(new URL(url).host);
      }),
    );
  });
});
