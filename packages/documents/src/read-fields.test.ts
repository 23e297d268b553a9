import { expect, test } from 'vitest';
import { Faults } from './faults.ts';
import type { MapNode } from './node.ts';
import { parseDocument, splitDocuments } from './parse-documents.ts';
import { checkKeys, readBoolean, readMap, readText } from './read-fields.ts';

async function map(text: string): Promise<MapNode> {
  const [document] = splitDocuments(text);
  const { root } = await parseDocument(document ?? expect.unreachable());
  return root?.kind === 'map' ? root : expect.unreachable();
}

test('faults come together in one error, in their order, with the nearest known key', async () => {
  const faults = new Faults('f.yaml');
  const root = await map('nmae: x\nname: 1\nname: true\nflag: maybe\nsecret: [hunter2]\nlist: hunter3\n');
  checkKeys(root, ['name', 'flag', 'secret', 'list'], faults);
  const entry = (key: string, nth = 0) => root.entries.filter((e) => e.key === key)[nth] ?? expect.unreachable();
  expect(readText(entry('name'), faults)).toBe('1');
  expect(readText(entry('name', 1), faults)).toBeUndefined();
  expect(readBoolean(entry('flag'), faults)).toBeUndefined();
  expect(readText(entry('secret'), faults)).toBeUndefined();
  expect(readMap(entry('list').value, 'list', faults)).toBeUndefined();
  expect(() => faults.throwIfAny('INVALID_CONFIG', 'cannot read it')).toThrowError(
    expect.objectContaining({
      code: 'INVALID_CONFIG',
      message: [
        'cannot read it:',
        '  f.yaml:1: unknown key "nmae"; did you mean "name"?',
        '  f.yaml:3: "name" is given twice, on line 2 too',
        '  f.yaml:3: name should be a text, and is a boolean',
        '  f.yaml:4: flag should be true or false, and is a text',
        '  f.yaml:5: secret should be a text, and is a list',
        '  f.yaml:6: list should be a map, and is a text',
      ].join('\n'),
    }),
  );
});

test('no faults, no error; booleans are read quoted too', async () => {
  const faults = new Faults('f');
  const root = await map('a: "true"\nb: False\n');
  expect(root.entries.map((entry) => readBoolean(entry, faults))).toEqual([true, false]);
  faults.throwIfAny('INVALID_CONFIG', 'x');
  expect(faults.count).toBe(0);
});
