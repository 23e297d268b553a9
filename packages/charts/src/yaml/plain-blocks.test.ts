import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAnyYaml, parseYaml } from './parse.ts';
import { readPlainBlocks } from './plain-blocks.ts';
import { YamlError } from './yaml-error.ts';

const MANIFEST = `# a comment
apiVersion: apps/v1
kind: Deployment
metadata:
  name: "web" # the name
  labels:
    app.kubernetes.io/name: 'web'
  annotations: {}
spec:
  replicas: 3
  template:
    spec:
      containers:
      - name: main
        image: registry.example.com/web:1.2
        args: ["--a=b", '--c']
        command:
        - sh
        - -c
        - |
          echo "a: b"

            deeper # no comment
        env:
        -   name: A
            value: a:b

        - name: EMPTY
          value:
      nodeSelector: {kubernetes.io/os: linux}
  list:
    - - a
      - b: 1
        c: ~
    -
      d: 2
    -
`;

describe('plain blocks', () => {
  it('are read by themselves, and are what the whole parser makes of them', () => {
    const tree = readPlainBlocks(MANIFEST);
    expect(tree).toBeDefined();
    expect(tree).toEqual(parseAnyYaml(MANIFEST));
  });

  it.each([
    ['a plain scalar over two lines', 'a: b\n  c\n'],
    ['an anchor', 'a: &x b\n'],
    ['an alias', 'a: *x\n'],
    ['a tag', 'a: !!str 1\n'],
    ['a merge', '<<: {a: 1}\n'],
    ['an explicit key', '? a\n: b\n'],
    ['a folded scalar', 'a: >\n  b\n'],
    ['a literal with an indentation', 'a: |2\n   b\n'],
    ['a flow over two lines', 'a: {b: 1,\n  c: 2}\n'],
    ['a flow as a key', 'a: {b: 1}: c\n'],
    ['an escape', 'a: "\\n"\n'],
    ['a mark of a document', '---\na: 1\n'],
    ['a mark of a document behind', 'a: 1\n---\nb: 1\n'],
    ['a tab', 'a:\tb\n'],
    ['a scalar alone', 'a\n'],
    ['two values', 'a: b: c\n'],
    ['a key that is not aligned', 'a:\n    b: 1\n  c: 1\n'],
    ['an item that is not aligned', '- a\n - b\n'],
    ['an item behind a key', 'a: - b\n'],
    ['nothing', '# nothing\n'],
  ])('leave %s to the whole parser', (_, text) => {
    expect(readPlainBlocks(text)).toBeUndefined();
  });

  it('agree with the whole parser on every text, its errors included', () => {
    const piece = fc.constantFrom(
      ...['a', 'b:', 'key: ', ': ', ':', '- ', '-', '? ', '#', ' #', ' # c', '"', "'", '"q"', "'q'", '"q": ', '\\'],
      ...['|', '|-', '|+', '|\n', '|-\n', '>', '{', '}', '[', ']', ', ', '{}', '[]', '{a: b}', '[a, b]', '&x ', '*x'],
      ...['!t ', '<<: ', '---', '...', '%', '@', '`', '1', '1.5', '~', 'é', '.', '/', '$', '<', '=', '!', '\t'],
      ...[' ', '  ', '    ', '\n', '\n', '\n ', '\n  ', '\n    ', '\n- ', '\n  - ', '\n\n', '\nkey: ', '\n  key: '],
    );
    const lines = fc.array(piece, { maxLength: 24 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(lines, (text) => {
        expect(outcome(() => parseYaml(text))).toEqual(outcome(() => parseAnyYaml(text)));
      }),
      { numRuns: 20_000 },
    );
  });

  it('agree with the whole parser on texts of whole lines', () => {
    const indent = fc.constantFrom('', '', '  ', '  ', '    ', '      ', ' ');
    const dash = fc.constantFrom('', '', '', '- ', '- - ', '-   ');
    const key = fc.constantFrom('a:', 'b:', 'c: ', '"d": ', "'e': ", '1: ', 'on: ', '', '');
    const value = fc.constantFrom(
      ...[
        '',
        '',
        'x',
        '"x"',
        "'x y'",
        'x y',
        'x # c',
        '1',
        '{a: 1}',
        '[x, {y: z}]',
        '|',
        '|-',
        '|+',
        '>',
        'x: y',
        'x:y',
      ],
      ...['-x', '- x', '#c', '"x" y', '{} x', '[', '*a', '&a x', 'x#y', "x'y", 'a, b', '\\', '(x)', '$x', '-', ''],
    );
    const line = fc.tuple(indent, dash, key, value).map((parts) => parts.join(''));
    const text = fc
      .tuple(fc.array(line, { maxLength: 9 }), fc.constantFrom('', '\n', '\n\n', '\n  \n'))
      .map(([all, end]) => all.join('\n') + end);
    fc.assert(
      fc.property(text, (all) => {
        expect(outcome(() => parseYaml(all))).toEqual(outcome(() => parseAnyYaml(all)));
      }),
      { numRuns: 20_000 },
    );
  });
});

describe('brackets on a line', () => {
  it('agree with the whole parser on every text', () => {
    const piece = fc.constantFrom(
      ...[
        '{',
        '}',
        '[',
        ']',
        ', ',
        ',',
        ':',
        ': ',
        ' ',
        'a',
        'b c',
        'a: ',
        '"q": ',
        '"q":',
        "'s'",
        '"d"',
        '1',
        '-',
        '- ',
      ],
      ...['#', ' #', '{}', '[]', '{a: b}', '[a, b]', '?', '&a ', '*a', '!t', 'a:b', '"', "'", '\\', '~', '/', '=', '@'],
    );
    const text = fc
      .tuple(fc.constantFrom('a: {', 'a: [', 'a: '), fc.array(piece, { maxLength: 12 }))
      .map(([head, pieces]) => head + pieces.join(''));
    const closed = fc.tuple(text, fc.constantFrom('}', ']', '', '} # c')).map((parts) => parts.join(''));
    fc.assert(
      fc.property(closed, (line) => {
        expect(outcome(() => parseYaml(line))).toEqual(outcome(() => parseAnyYaml(line)));
      }),
      { numRuns: 20_000 },
    );
  });

  it.each([
    '{}',
    '[] # nothing',
    '{cpu: 500m, memory: 128Mi}',
    '[{name: http, port: 8080}, {name: "x", tags: [a b, c]}]',
    '{"a":1,"b":[true,null]}',
    "['--a', -1, ]",
  ])('hold %s', (line) => {
    expect(parseYaml(`a: ${line}`)).toEqual(parseAnyYaml(`a: ${line}`));
  });
});

function outcome(parse: () => unknown): unknown {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    return error.message;
  }
}
