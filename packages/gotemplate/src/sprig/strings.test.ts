import { describe, expect, it } from 'vitest';
import { encodeString } from '../go-string.ts';
import { failure, render } from '../testing/render.ts';

const data = { uni: 'héllo wörld ☃', l: ['a', 'b', 'c'], nums: [3, 1, 2], big: 1000000, n: null };

describe('strings', () => {
  it.each([
    [
      '{{hello}} {{trim "  x\\n\\u00a0"}} {{trimAll "-x" "--a-b-x"}} {{trimall "$" "$5"}} {{trimPrefix "he" "hello"}} {{trimSuffix "lo" "hello"}}',
      'Hello! x a-b 5 llo hel',
    ],
    [
      '{{upper "aé ß"}} {{lower "AÉ İΣ"}} {{title "hello wORLD-foo_bar 9a"}} {{untitle "Hello World"}} {{swapcase "aBc Éé"}}',
      'AÉ ß aé iσ Hello WORLD-Foo_bar 9a hello world AbC éÉ',
    ],
    [
      '{{snakecase "FirstName"}} {{snakecase "HTTPServerID2"}} {{snakecase "GO_PATH"}} {{snakecase "GO-PATH x"}} {{snakecase "Bld4Floor"}} {{snakecase "HTTP2xx"}}',
      'first_name http_server_id2 go_path go_path_x bld4_floor http_2xx',
    ],
    [
      '{{kebabcase "FirstName"}} {{kebabcase "My HTTPServer"}} {{kebabcase "a__b"}} {{kebabcase ""}}',
      'first-name my-http-server a--b ',
    ],
    [
      '{{camelcase "http_server"}} {{camelcase "foo-bar_baz"}} {{camelcase "_complex__case_"}} {{camelcase "no_https"}} {{camelcase "a"}} {{camelcase "HELLO_WORLD"}}',
      'HttpServer FooBarBaz _Complex_Case_ NoHttps A HelloWorld',
    ],
    ['{{nospace " a b\\tc "}} {{nospace "é"}} {{initials "First Try"}} {{initials "Bob  van der"}}', 'abc é FT Bvd'],
    [
      '{{contains "cat" "concatenate"}} {{contains "dog" "cat"}} {{hasPrefix "a" "ab"}} {{hasSuffix "a" "ab"}} {{contains "" "x"}}',
      'true false true false true',
    ],
    ['{{replace "l" "$&L" "hello"}} {{replace "" "-" "aé"}} {{replace "x" "y" "abc"}}', 'he$&L$&Lo -a-é- abc'],
    ['{{repeat 3 "ab"}}|{{repeat 0 "ab"}}|{{"x" | repeat 2}}', 'ababab||xx'],
    [
      '{{substr 1 3 "hello"}} {{substr -1 3 "hello"}} {{substr 2 -1 "hello"}} {{substr 0 99 "hello"}} {{substr 5 9 "hello"}}|',
      'el hel llo hello |',
    ],
    [
      '{{trunc 3 "hello"}} {{trunc -3 "hello"}} {{trunc 9 "hello"}} {{trunc -9 "hello"}} {{trunc 0 "hello"}}|',
      'hel llo hello hello |',
    ],
    [
      '{{abbrev 6 "hello world"}} {{abbrev 3 "hello"}} {{abbrev 20 "hello"}} {{abbrevboth 5 10 "1234 5678 9123"}}',
      'hel... hello hello ...5678...',
    ],
    [
      '{{wrap 5 "aaa bbb ccc"}}|{{wrapWith 3 "-" "abcdefgh"}}|{{wrap 3 "abcdef gh"}}|{{wrap 80 "x"}}|{{wrap 5 ""}}',
      'aaa\nbbb\nccc|abc-def-gh|abcdef\ngh|x|',
    ],
    ['{{wrapWith 5 "\\t" "Hello World"}}', 'Hello\tWorld'],
    ['{{indent 2 "a\\nb"}}|{{nindent 2 "a\\n\\nb"}}|{{indent 0 "a"}}', '  a\n  b|\n  a\n  \n  b|a'],
    ['{{plural "one" "many" 1}} {{plural "one" "many" 0}} {{len .l | plural "one" "many"}}', 'one many many'],
    [
      '{{quote "a\\"b\\\\c\\n☃"}} {{quote .big nil true 1}} {{quote .n}}|{{squote "it\'s" .big nil}}',
      `"a\\"b\\\\c\\n☃" "1e+06" "true" "1" |'it's' '1e+06'`,
    ],
    ['{{cat "a" 1 nil "b" .l}}|{{cat}}|{{cat "100%"}}', 'a 1 b [a b c]||100%'],
    ['{{toString .big}} {{toString .l}} {{toString nil}} {{"\\xff" | toString | b64enc}}', '1e+06 [a b c] <nil> /w=='],
    [
      '{{toStrings (list 1 nil "a" 2.5)}} {{toStrings 5}} {{toStrings nil}} {{typeOf (toStrings .l)}}',
      '[1 a 2.5] [5] [] []string',
    ],
    [
      '{{join "," .l}} {{join "-" .nums}} {{join "," "x"}} {{join "," nil}}|{{list 1 nil 2 | join "+"}}',
      'a,b,c 3-1-2 x |1+2',
    ],
    [
      '{{(split "." "a.b.c")._1}} {{splitList "," "a,b"}} {{(splitn "." 2 "a.b.c")._1}} {{splitList "" "aé"}} {{len (splitList "," "")}}',
      'b [a b] b.c [a é] 1',
    ],
    ['{{typeOf (split "." "a")}} {{typeOf (splitList "." "a")}}', 'map[string]string []string'],
    [
      '{{sortAlpha .l}} {{sortAlpha .nums}} {{sortAlpha "x"}} {{sortAlpha (list "b" "B" "a" nil 1)}}',
      '[a b c] [1 2 3] [x] [1 B a b]',
    ],
    [
      '{{b64enc "héllo"}} {{b64dec "aGk="}} {{b32enc "héllo"}} {{b32dec "NDB2S3DMN4======"}}',
      'aMOpbGxv hi NDB2S3DMN4====== héllo',
    ],
    ['{{len .uni}} {{.uni | len}}', '17 17'],
  ])('%s', (text, expected) => {
    expect(render(text, data)).toBe(expected);
  });

  it.each([
    [
      '{{substr 0 -1 "é" | len}} {{substr 1 0 "abc"}}',
      'error calling substr: runtime error: slice bounds out of range [1:0]',
    ],
    ['{{substr -1 9 "abc"}}', 'error calling substr: runtime error: slice bounds out of range [:9] with length 3'],
    ['{{substr 9 -1 "abc"}}', 'error calling substr: runtime error: slice bounds out of range [9:3]'],
    ['{{repeat -1 "a"}}', 'error calling repeat: strings: negative Repeat count'],
    ['{{indent -1 "a"}}', 'error calling indent: strings: negative Repeat count'],
    ['{{b64enc 1}}', 'expected string; found 1'],
  ])('%s fails', (text, expected) => {
    expect(failure(text, data)).toContain(expected);
  });

  it('cut characters into bytes that come together again', () => {
    const output = render('{{trunc 2 .uni}}{{substr 2 6 .uni}}', data);
    expect(encodeString(output).toString()).toBe('héllo');
    expect(render('{{trunc 2 .uni | b64enc}}', data)).toBe('aMM=');
  });

  it.each([
    ['{{b64dec "!!"}}', 'illegal base64 data at input byte 0'],
    ['{{b64dec "aGk"}}', 'illegal base64 data at input byte 0'],
    ['{{b64dec "aGk=x"}}', 'illegal base64 data at input byte 4'],
    ['{{b64dec "a=k="}}', 'illegal base64 data at input byte 1'],
    ['{{b64dec "aG\\nk="}}', 'hi'],
    ['{{b32dec "8"}}', 'illegal base32 data at input byte 0'],
  ])('say where %s is wrong', (text, expected) => {
    expect(render(text)).toBe(expected);
  });
});
