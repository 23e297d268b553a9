import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bodyLength, contentStart, endOfHead, parseHead, type ResponseHead, staysOpen } from './response-head.ts';

function head(...lines: readonly string[]): ResponseHead {
  return parseHead(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'));
}

describe('parseHead', () => {
  test('reads a status and headers in lower case', () => {
    expect(head('HTTP/1.1 200 OK', 'Content-Length: 5', 'ETag:"a:b"', 'X:  y  ', 'Empty:')).toEqual({
      status: 200,
      version: '1.1',
      headers: expect.objectContaining({ 'content-length': '5', etag: '"a:b"', x: 'y', empty: '' }),
    });
    expect(head('HTTP/1.0 404').version).toBe('1.0');
  });

  test('joins headers of one name, and takes a length that is said twice the same way', () => {
    expect(head('HTTP/1.1 401 X', 'A: 1', 'a: 2').headers['a']).toBe('1, 2');
    expect(bodyLength(head('HTTP/1.1 200 OK', 'Content-Length: 5', 'content-length: 5'))).toBe(5);
  });

  test.each([
    ['two lengths', ['HTTP/1.1 200 OK', 'Content-Length: 5', 'Content-Length: 6']],
    ['a length and chunks', ['HTTP/1.1 200 OK', 'Content-Length: 5', 'Transfer-Encoding: chunked']],
    ['a folded header', ['HTTP/1.1 200 OK', 'A: 1', ' 2']],
    ['a blank before the colon', ['HTTP/1.1 200 OK', 'Content-Length : 5']],
    ['a header without a name', ['HTTP/1.1 200 OK', ': 5']],
    ['a header without a colon', ['HTTP/1.1 200 OK', 'nothing']],
    ['a line feed alone', ['HTTP/1.1 200 OK', 'A: 1\nB: 2']],
    ['a carriage return alone', ['HTTP/1.1 200 OK', 'A: 1\rB: 2']],
    ['a zero byte', ['HTTP/1.1 200 OK', 'A: \0']],
    ['HTTP/2', ['HTTP/2 200 OK']],
    ['no number', ['HTTP/1.1 OK']],
    ['a number out of range', ['HTTP/1.1 999 X']],
    ['no HTTP', ['SSH-2.0-OpenSSH_9.2']],
  ])('refuses %s', (_what, lines) => expect(() => head(...lines)).toThrow());

  test.each(['-1', '1e3', '0x10', '1 2', '9'.repeat(30), '+5'])('refuses the length %s', (length) => {
    expect(() => bodyLength(head('HTTP/1.1 200 OK', `Content-Length: ${length}`))).toThrow();
  });

  test('does not take header names for properties of objects', () => {
    const { headers } = head('HTTP/1.1 200 OK', '__proto__: x', 'constructor: y');
    expect(Object.entries(headers)).toContainEqual(['__proto__', 'x']);
    expect(headers['toString']).toBeUndefined();
  });

  test('reads a head or throws, for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\n'), bytes, Buffer.from('\r\n\r\n')]);
        const end = endOfHead(text);
        expect(end).toBeGreaterThan(0);
        try {
          const { status } = parseHead(text.subarray(0, end));
          expect(status).toBe(200);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });
});

describe('contentStart', () => {
  const whole = ['HTTP/1.1 200 OK', 'Content-Length: 100'];
  const part = ['HTTP/1.1 206 Partial Content', 'Content-Length: 60', 'Content-Range: bytes 40-99/100'];

  test('is where plain content begins', () => {
    expect(contentStart(head(...whole), { size: 100, have: 0 })).toBe(0);
    expect(contentStart(head(...whole), { size: 100, have: 40 })).toBe(0);
    expect(contentStart(head(...part), { size: 100, have: 40 })).toBe(40);
    expect(
      contentStart(head('HTTP/1.1 206 X', 'Content-Length: 60', 'Content-Range: bytes 40-99/*'), {
        size: 100,
        have: 40,
      }),
    ).toBe(40);
  });

  test.each([
    ['another length', ['HTTP/1.1 200 OK', 'Content-Length: 99']],
    ['no length', ['HTTP/1.1 200 OK']],
    ['chunks', ['HTTP/1.1 200 OK', 'Transfer-Encoding: chunked']],
    ['an encoding', [...whole, 'Content-Encoding: gzip']],
    ['a web page', [...whole, 'Content-Type: Text/HTML; charset=utf-8']],
    ['another status', ['HTTP/1.1 404 X', 'Content-Length: 100']],
    ['another part', ['HTTP/1.1 206 X', 'Content-Length: 60', 'Content-Range: bytes 41-100/101']],
    ['a part of something else', ['HTTP/1.1 206 X', 'Content-Length: 60', 'Content-Range: bytes 40-99/101']],
    ['several parts', ['HTTP/1.1 206 X', 'Content-Length: 60', 'Content-Type: multipart/byteranges; boundary=x']],
  ])('is nothing for %s', (_what, lines) => {
    expect(contentStart(head(...lines), { size: 100, have: 40 })).toBeUndefined();
  });
});

test('a connection stays open by the rules of its version', () => {
  expect(staysOpen(head('HTTP/1.1 200 OK'))).toBe(true);
  expect(staysOpen(head('HTTP/1.1 200 OK', 'Connection: x, Close'))).toBe(false);
  expect(staysOpen(head('HTTP/1.0 200 OK'))).toBe(false);
  expect(staysOpen(head('HTTP/1.0 200 OK', 'Connection: keep-alive'))).toBe(true);
});
