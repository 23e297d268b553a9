import { NotFoundError } from '@kubecrate/errors';
import { fromGo } from '@kubecrate/gotemplate';
import { describe, expect, it } from 'vitest';
import { readUserValues, type UserValueSources } from './user-values.ts';

const FILES: Readonly<Record<string, string>> = {
  'a.yaml': 'a: 1\nm: {x: 1, k: {z: 1}}\nl: [1, 2]\ns: keep\n',
  'b.yaml': 'm: {k: {w: 2}}\nl: [3]\ns: null\n',
  'bad.yaml': 'a: b: c',
  'list.yaml': '- a',
  'ca.pem': 'line 1\nline 2\n',
};

async function readFile(path: string): Promise<Buffer> {
  const text = FILES[path];
  if (text === undefined) throw new NotFoundError(`cannot read ${path}`);
  return Buffer.from(text);
}

async function valuesOf(sources: UserValueSources): Promise<unknown> {
  return fromGo(await readUserValues(sources, readFile));
}

describe('values of the user', () => {
  it('are those of the files, later ones on top, tables joined', async () => {
    expect(await valuesOf({ files: ['a.yaml', 'b.yaml'] })).toEqual({
      a: 1,
      m: { x: 1, k: { z: 1, w: 2 } },
      l: [3],
      s: null,
    });
  });

  it('take JSON first, then --set, --set-string, --set-file and --set-literal, whatever their order on the command line', async () => {
    const values = await valuesOf({
      setLiteral: ['e=a,b=c\\d'],
      setFile: ['d.pem=ca.pem'],
      setString: ['c=1', 'b=text'],
      set: ['b=2', 'a=set'],
      setJson: ['a={"x":1}', '{"j":{"k":[1]}}'],
      files: ['a.yaml'],
    });
    expect(values).toMatchObject({
      a: 'set',
      b: 'text',
      c: '1',
      d: { pem: 'line 1\nline 2\n' },
      e: 'a,b=c\\d',
      j: { k: [1] },
    });
  });

  it('of a file that is put in do not disturb what is there', async () => {
    expect(await valuesOf({ files: ['a.yaml'], setFile: ['m.k.pem=ca.pem'] })).toMatchObject({
      m: { x: 1, k: { z: 1, pem: 'line 1\nline 2\n' } },
    });
  });

  it.each<readonly [UserValueSources, string]>([
    [{ files: ['bad.yaml'] }, 'failed to parse bad.yaml: error converting YAML to JSON: yaml: mapping values are not'],
    [{ files: ['list.yaml'] }, 'failed to parse list.yaml: error unmarshaling JSON: while decoding JSON: json: cannot'],
    [{ set: ['a'] }, 'failed parsing --set data: key "a" has no value'],
    [{ setString: ['a'] }, 'failed parsing --set-string data: key "a" has no value'],
    [{ setJson: ['a={'] }, 'failed parsing --set-json data a={'],
    [{ setLiteral: ['a'] }, 'failed parsing --set-literal data: key "a" has no value'],
  ])('that are wrong (%j) are refused with Helm’s words', async (sources, message) => {
    await expect(valuesOf(sources)).rejects.toMatchObject({
      code: sources.files === undefined ? 'USAGE' : 'INVALID_ARGUMENT',
      message: expect.stringContaining(message),
    });
  });

  it('whose file is missing fail as the reader does', async () => {
    await expect(valuesOf({ files: ['none.yaml'] })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(valuesOf({ setFile: ['a=none'] })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
