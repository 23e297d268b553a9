import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { hasCode, KubecrateError } from './kubecrate-error.ts';
import { fileError, isMissing, messageOf, reasonOf, systemCode } from './system-error.ts';

describe('fileError', () => {
  it('says what was tried and what to do, and keeps the cause', async () => {
    const cause = await readFile('/nowhere/at/all').catch((error: unknown) => error);
    const error = fileError('cannot read "/nowhere/at/all"', cause);
    expect(isMissing(cause)).toBe(true);
    expect(hasCode(error, 'NOT_FOUND')).toBe(true);
    expect(error).toMatchObject({ hint: 'check the path', cause });
    expect(messageOf(error)).toBe('cannot read "/nowhere/at/all": no such file or directory');
  });

  it('tells a full disk', () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    expect(fileError('cannot write "/x"', full)).toMatchObject({ code: 'NO_SPACE' });
  });

  it('leaves errors of the family, aborts and what is no file error alone', () => {
    const own = new KubecrateError('USAGE', 'x');
    const abort = new DOMException('aborted', 'AbortError');
    const other = new TypeError('x is not a function');
    for (const error of [own, abort, other]) expect(fileError('cannot read', error)).toBe(error);
  });
});

describe('reasonOf', () => {
  it('gives the words of the system without the path and the name of the call', () => {
    const taken = new Error('listen EADDRINUSE: address already in use 127.0.0.1:5000');
    expect(reasonOf(Object.assign(taken, { code: 'EADDRINUSE' }))).toBe('address already in use');
  });

  it('gives the message of what is no failed system call', () => {
    expect(reasonOf(Object.assign(new Error('bad record mac'), { code: 'ERR_SSL' }))).toBe('bad record mac');
    expect(reasonOf('text')).toBe('text');
  });
});

describe('messageOf', () => {
  it('reads errors, groups of errors and other values', () => {
    expect(messageOf(new AggregateError([new Error('a'), new Error('b')]))).toBe('a; b');
    expect(messageOf('text')).toBe('text');
    expect(systemCode('text')).toBeUndefined();
  });
});
