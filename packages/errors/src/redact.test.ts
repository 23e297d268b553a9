import { describe, expect, it } from 'vitest';
import { redact, redactUrl } from './redact.ts';

describe('redact', () => {
  it.each([
    ['https://user:secret@host/v2/', 'https://***@host/v2/'],
    ['Authorization: Basic dXNlcjpzZWNyZXQ=', 'Authorization: Basic ***'],
    ['Bearer eyJhbGciOi.abc.def', 'Bearer ***'],
    ['{"password":"hunter2","username":"x"}', '{"password":"***","username":"x"}'],
    ['token=abcdef&scope=x', 'token=***&scope=x'],
    ['nothing to hide', 'nothing to hide'],
    ['the path "../etc/passwd": it has a ".." part', 'the path "../etc/passwd": it has a ".." part'],
  ])('%s', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });
});

describe('redactUrl', () => {
  it('hides the user, the password and signatures, and keeps what the distribution API says', () => {
    const url = 'https://u:p@cdn.example/x?X-Amz-Signature=abc&digest=sha256:1&service=s';
    expect(redactUrl(url)).toBe('https://***@cdn.example/x?X-Amz-Signature=***&digest=sha256%3A1&service=s');
  });

  it('redacts text that is no URL', () => {
    expect(redactUrl('password=x')).toBe('password=***');
  });
});
