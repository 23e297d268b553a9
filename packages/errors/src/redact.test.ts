import { describe, expect, it } from 'vitest';
import { redact, redactName, redactUrl } from './redact.ts';

describe('redact', () => {
  it.each([
    ['https://user:secret@host/v2/', 'https://***@host/v2/'],
    ['Authorization: Basic dXNlcjpzZWNyZXQ=', 'Authorization: Basic ***'],
    ['Bearer eyJhbGciOi.abc.def', 'Bearer ***'],
    ['{"password":"hunter2","username":"x"}', '{"password":"***","username":"x"}'],
    ['token=abcdef&scope=x', 'token=***&scope=x'],
    ['nothing to hide', 'nothing to hide'],
    ['t.yaml:1: task "auth": pull docker.io/x', 't.yaml:1: task "auth": pull docker.io/x'],
    ['rule "auth": destination', 'rule "auth": destination'],
    ['rule "auth:1": destination', 'rule "auth:1": destination'],
    ['error: "auth": hunter2', 'error: "auth": ***'],
    ['"password" : "hunter2"', '"password" : "***"'],
    ['name "ada:hunter2@q.io:5000/a" and ada:hunter2@q.io', 'name "***@q.io:5000/a" and ***@q.io'],
    ['q.io/a:1@sha256:00 and q.io:5000/a@sha256:00', 'q.io/a:1@sha256:00 and q.io:5000/a@sha256:00'],
    ['the path "../etc/passwd": it has a ".." part', 'the path "../etc/passwd": it has a ".." part'],
  ])('%s', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });
});

describe('redactName', () => {
  it.each([
    ['ada:hunter2@127.0.0.1:5603', '***@127.0.0.1:5603'],
    ['https://ada:hun@ter/2@q.io/a:1', 'https://***@q.io/a:1'],
    [`ada:hunter2@q.io/a:1@sha256:00`, '***@q.io/a:1@sha256:00'],
    ['q.io/a:1@sha256:00', 'q.io/a:1@sha256:00'],
    ['q.io:5000/a:1', 'q.io:5000/a:1'],
  ])('%s', (name, expected) => {
    expect(redactName(name)).toBe(expected);
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
