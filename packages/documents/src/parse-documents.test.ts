import { describe, expect, test } from 'vitest';
import { Faults } from './faults.ts';
import { field, itemsField, joinPath, type Node, textField } from './node.ts';
import { parseDocument, splitDocuments } from './parse-documents.ts';

async function parse(text: string): Promise<Node | undefined> {
  const [document] = splitDocuments(text);
  return document === undefined ? undefined : (await parseDocument(document)).root;
}

/** The value as plain data, each scalar as `line:text`. */
function outline(node: Node | undefined): unknown {
  if (node === undefined) return undefined;
  if (node.kind === 'scalar') return `${node.line}:${node.text}`;
  if (node.kind === 'list') return node.items.map(outline);
  return node.entries.map(({ key, line, value }) => [`${line}:${key}`, outline(value)]);
}

describe('splitDocuments', () => {
  test('cuts at markers, counts lines, leaves out pieces without content', () => {
    const text = '# only this\n---\n%YAML 1.2\n--- # one\na: 1\n---\n---\nb: |\n  --- no\n ---\n--- c\n';
    expect(splitDocuments(text).map(({ index, line, text }) => [index, line, text.trim()])).toEqual([
      [1, 4, '# one\na: 1'],
      [2, 7, 'b: |\n  --- no\n ---'],
      [3, 11, 'c'],
    ]);
  });
});

describe('parseDocument', () => {
  test('keeps numbers as they are written, keys in order and repeated ones', async () => {
    expect(outline(await parse('a: 1.20\nb:\n- x\n- {c: "d", e: }\na: 0x1F\n'))).toEqual([
      ['1:a', '1:1.20'],
      [
        '2:b',
        [
          '3:x',
          [
            ['4:c', '4:d'],
            ['4:e', '4:'],
          ],
        ],
      ],
      ['5:a', '5:0x1F'],
    ]);
  });

  test('counts lines on from the start of the document in its file', async () => {
    const documents = splitDocuments('a: 1\n---\n\nb:\n  c: 2\n');
    const parsed = await parseDocument(documents[1] ?? expect.unreachable());
    expect(outline(parsed.root)).toEqual([['4:b', [['5:c', '5:2']]]]);
  });

  test('an alias is the node of its anchor; the nearest of two anchors counts; merged keys come last', async () => {
    const root = await parse('a: &x {k: 1}\nb: *x\na2: &x {k: 2, l: 3}\nc:\n  <<: *x\n  l: own\n');
    expect(field(root, 'b')).toBe(field(root, 'a'));
    expect(outline(field(root, 'c'))).toEqual([
      ['6:l', '6:own'],
      ['3:k', '3:2'],
    ]);
  });

  test.each([
    ['a: [', 1],
    ['ok: 1\nb: c: d\n', 2],
    [`x: ${'['.repeat(10_000)}`, 1],
    [
      `a: &a\n${Array.from({ length: 2_000 }, (_, i) => `  k${i}: 1\n`).join('')}b:\n  <<: [${'*a,'.repeat(2_000)}]\n`,
      1,
    ],
  ])('gives a problem with a line for %j', async (text, line) => {
    const [document] = splitDocuments(text);
    const { root, problem } = await parseDocument(document ?? expect.unreachable());
    expect(root).toBeUndefined();
    expect(problem?.message).not.toBe('');
    expect(problem?.line).toBe(line);
  });
});

describe('the place of a problem', () => {
  test.each([
    ['a: [', 1, 5],
    ['a: [\n', 1, 5],
    ['a: [\n\n\n', 1, 5],
    ['{"a": "b"', 1, 10],
    ['{"a": "b"\r\n', 1, 10],
    ['ok: 1\nb: c: d\n', 2, 4],
    ['ok: 1\n--- {a: [\n', 2, 10],
    ['ok: 1\n---\nb: x\na: *list\n', 4, 4],
    ['a: 1\n<<: *base\n', 2, 5],
  ])('in %j is line %i, column %i', async (text, line, column) => {
    const { problem } = await parseDocument(splitDocuments(text).at(-1) ?? expect.unreachable());
    expect(problem).toMatchObject({ line, column });
    expect(problem?.message).not.toMatch(/line \d/);
  });

  test('of an alias names it', async () => {
    const { problem } = await parseDocument(splitDocuments('a: *list\nb: &list [1]\n').at(-1) ?? expect.unreachable());
    expect(problem?.message).toBe('unknown alias "list": no &list stands before it');
  });

  test('faults show it behind the file', () => {
    const faults = new Faults('a.yaml');
    faults.at({ line: 2, column: 9 }, 'wrong');
    faults.at(3, 'wrong too');
    expect(() => faults.throwIfAny('INVALID_CONFIG', 'cannot read')).toThrow(
      'cannot read:\n  a.yaml:2:9: wrong\n  a.yaml:3: wrong too',
    );
  });
});

describe('reading nodes', () => {
  test('field, textField and itemsField give nothing for what is absent or of another kind', async () => {
    const root = await parse('a: {b: c}\nl: [1]\nn: null\ne: ""\n');
    expect(textField(field(root, 'a'), 'x', 'b')).toBe('c');
    expect([textField(root, 'a'), textField(root, 'n'), textField(root, 'e'), field(undefined, 'a')]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(itemsField(root, 'l')).toHaveLength(1);
    expect(itemsField(root, 'a')).toEqual([]);
  });

  test('paths quote keys that are no words', () => {
    expect(joinPath(joinPath(joinPath('', 'data'), 'a.yaml'), 0)).toBe('data["a.yaml"][0]');
  });
});
