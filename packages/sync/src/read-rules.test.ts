import { hasCode, type KubecrateError } from '@kubecrate/errors';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatImages } from './format-images.ts';
import { readRules } from './read-rules.ts';
import type { Rule } from './rule.ts';

const OPTIONS = {
  defaults: { registry: 'hub.example.com', namespace: 'mirror' },
  environment: { TEAM: 'blue' },
};

const readSet = (text: string, options: Parameters<typeof readRules>[2] = OPTIONS) =>
  readRules(text, 'images.yaml', options);

async function read(text: string): Promise<readonly Rule[]> {
  return (await readSet(text)).rules;
}

/** Why the file is refused, or its first rule failed, and what to do. */
async function faultOf(text: string, options?: Parameters<typeof readRules>[2]): Promise<string> {
  try {
    const { failed } = await readSet(text, options);
    const [{ error } = expect.unreachable()] = failed;
    const { message, hint = '' } = error as KubecrateError;
    return `${message}; ${hint}`;
  } catch (error) {
    expect(hasCode(error, 'INVALID_CONFIG')).toBe(true);
    return (error as Error).message;
  }
}

function shown({ line, source, destination }: Rule): string {
  const { selector } = source;
  const what = {
    all: () => '*',
    tags: () => (selector.kind === 'tags' ? selector.tags.join(',') : ''),
    pattern: () => (selector.kind === 'pattern' ? `/${selector.text}/` : ''),
    digest: () => (selector.kind === 'digest' ? `${selector.tag ?? ''}@${selector.digest.slice(7, 10)}` : ''),
  }[selector.kind]();
  const from = `${source.repository.domain}/${source.repository.repository} ${what}`;
  const to = `${destination.repository.domain}/${destination.repository.repository}`;
  return `${line}: ${from} -> ${to}${destination.tags === undefined ? '' : ` ${destination.tags.join(',')}`}`;
}

const D = `sha256:${'0'.repeat(64)}`;
const OTHER = `sha256:${'1'.repeat(64)}`;

/** The example of the README of image-sync-config, with its comments and without braces. */
const EXAMPLE = `# Rules of image synchronization, each rule is a kv pair of source(key) and destination(value). 

# The source of each rule should not be empty string.

"quay.io/coreos/kube-rbac-proxy": "quay.io/ruohe/kube-rbac-proxy",
"xxxx":"xxxxx",
"xxx/xxx/xx:tag1,tag2,tag3":"xxx/xxx/xx"

# at this moment, if the destination doesn't include a tag, synchronized image will keep the same tag.
# e.g., "a/b/c:1,2,3":"x/y/z".
`;

describe('readRules', () => {
  test('reads the example that people have, as it is', async () => {
    expect((await read(EXAMPLE)).map(shown)).toEqual([
      '5: quay.io/coreos/kube-rbac-proxy * -> quay.io/ruohe/kube-rbac-proxy',
      '6: docker.io/library/xxxx * -> docker.io/library/xxxxx',
      '7: docker.io/xxx/xxx/xx tag1,tag2,tag3 -> docker.io/xxx/xxx/xx',
    ]);
  });

  test.each([
    ['nginx:1: q.io/b/x', '1: docker.io/library/nginx 1 -> q.io/b/x'],
    ['q.io/a/x: q.io/b/x', '1: q.io/a/x * -> q.io/b/x'],
    ['q.io/a/x:1: q.io/b/y:2', '1: q.io/a/x 1 -> q.io/b/y 2'],
    ['q.io/a/x:1,2: q.io/b/x', '1: q.io/a/x 1,2 -> q.io/b/x'],
    ['"q.io/a/x:1, 2": q.io/b/x:a,b', '1: q.io/a/x 1,2 -> q.io/b/x a,b'],
    ['q.io/a/x: q.io/b/x:1', '1: q.io/a/x * -> q.io/b/x 1'],
    ['localhost:5000/x:1: localhost:5001/y', '1: localhost:5000/x 1 -> localhost:5001/y'],
    ['q.io/a/b/c:1: ""', '1: q.io/a/b/c 1 -> hub.example.com/mirror/b/c'],
    ['nginx: ""', '1: docker.io/library/nginx * -> hub.example.com/mirror/nginx'],
    [`x@${D}: y`, '1: docker.io/library/x @000 -> docker.io/library/y'],
    [`x:1@${D}: y`, '1: docker.io/library/x 1@000 -> docker.io/library/y'],
    [`x@${D}: y@${D}`, '1: docker.io/library/x @000 -> docker.io/library/y'],
    [`x@${D}: y:t`, '1: docker.io/library/x @000 -> docker.io/library/y t'],
    ['x:/a+/: y', '1: docker.io/library/x /a+/ -> docker.io/library/y'],
    ['localhost:5000/x:/^v1\\.(\\d+)$/: y', '1: localhost:5000/x /^v1\\.(\\d+)$/ -> docker.io/library/y'],
    ['x:/v1/,/v2/: y', '1: docker.io/library/x /v1/,/v2/ -> docker.io/library/y'],
    [`x:1: "q.io/\${TEAM}/x"`, '1: docker.io/library/x 1 -> q.io/blue/x'],
    [
      '{"a:1": "b", // comment\n "c:2": "d" /* more\n lines */, }',
      '1: docker.io/library/a 1 -> docker.io/library/b\n2: docker.io/library/c 2 -> docker.io/library/d',
    ],
    ['\t{"a:1":"b"}', '1: docker.io/library/a 1 -> docker.io/library/b'],
    [
      'x:1:\n- y\n- z\n- y',
      '1: docker.io/library/x 1 -> docker.io/library/y\n1: docker.io/library/x 1 -> docker.io/library/z',
    ],
  ])('reads %s', async (text, expected) => {
    expect((await read(text)).map(shown).join('\n')).toBe(expected);
  });

  test.each([
    ['x:1: y:a,b', 'the source has one tag and the destination 2 tags'],
    ['x:1,2: y:a', 'the source has 2 tags and the destination one tag'],
    ['x:1,,2: y', 'one of its tags is empty'],
    ['"x:1,": y', 'one of its tags is empty'],
    ['x,y: z', 'a list of tags needs a colon before it'],
    ['x:a b: y', '"a b" is no tag'],
    ['q.io/x:1:2: y', 'it has two tags'],
    ['a/Foo:1: y', 'must be lower case'],
    ['q.io/x/*: y', 'is no repository name'],
    ['https://q.io/x: y', 'it has a scheme'],
    ['x:1: https://q.io/y', 'it has a scheme'],
    ['x:/re: y', 'begins and ends with "/"; did you mean "/re/"?'],
    ['x:/(/: y', 'cannot read the expression /(/'],
    [`x@${D}: y@${OTHER}`, 'different digests'],
    [`x:t: y@${D}`, 'the destination has a digest and the source has none'],
    ['x:1: []', 'its list of destinations is empty'],
    ['x:1: [""]', 'a destination in its list is empty'],
    ['x:1:', 'a destination is a text or a list of texts'],
    ['x:1: 1', 'a destination is a text or a list of texts'],
    ['x:1: [1]', 'a destination is a text or a list of texts'],
    [`x:1: "q.io/\${NOBODY}/x"`, 'variable NOBODY is not set; set it: export NOBODY=...'],
    ['a:1: b\na:1: c', 'images.yaml:2: the source "a:1" is given twice, on line 1 too'],
    ['- a', 'expected "key: value" lines, found a list'],
    ['a: b\n---\nc: d', 'images.yaml:2: a second document'],
    ['a: [', 'images.yaml:1:'],
    ['"": y', 'it is empty'],
  ])('refuses %j', async (text, reason) => {
    expect(await faultOf(text)).toContain(reason);
  });

  test('a rule that is wrong by itself leaves the others right', async () => {
    const { rules, failed } = await readSet('x:1,: y\nok:1: [z, 1,\n "q.io/w:a,b", v]\na/B: y\nx:/(/: [y]\n');
    expect(rules.map(({ text, destinationText }) => `${text} ${destinationText}`)).toEqual(['ok:1 z', 'ok:1 v']);
    expect(failed.map(({ rule: { line, text, destinationText } }) => [line, text, destinationText])).toEqual([
      [1, 'x:1,', 'y'],
      [2, 'ok:1', undefined],
      [3, 'ok:1', 'q.io/w:a,b'],
      [4, 'a/B', 'y'],
      [5, 'x:/(/', 'y'],
    ]);
    const left = formatImages([], 'yaml', { rules: failed });
    expect((await readSet(left)).failed.map(({ rule }) => rule.text)).toEqual(['x:1,', 'ok:1', 'a/B', 'x:/(/']);
  });

  test.each([
    '"ada:hunter2@q.io/x:1": y\n"ada:hunter2@q.io/x:1": z',
    '"ada:hunter2@q.io/x:1": y',
    '"ada:hunter2@q.io/x,y": z',
    'x: "ada:hunter2@q.io/y"',
  ])('shows no password that stands in a name: %j', async (text) => {
    const fault = await faultOf(text);
    expect(fault).toContain('***@q.io/');
    expect(fault).not.toContain('hunter2');
  });

  test('an empty destination needs a default one', async () => {
    expect(await faultOf('x:1: ""', { defaults: {}, environment: {} })).toContain(
      'there is no default one; give --registry and --namespace',
    );
  });

  test.each(['', '# nothing\n', '{}'])('a file without rules is refused: %j', async (text) => {
    await expect(read(text)).rejects.toThrow('images.yaml:1: no rules');
  });

  test('any text gives rules or INVALID_CONFIG', async () => {
    const piece = fc.constantFrom(
      '"a:1"',
      'q.io/x',
      ':',
      ': ',
      ',',
      '\n',
      '"',
      "'",
      '//',
      '/*',
      '*/',
      '#',
      '{',
      '}',
      '[',
      ']',
      '- ',
      '/',
      '@',
      'sha256:',
      `\${A}`,
      '\\',
      '\t',
      '---\n',
      '&a ',
      '*a',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (pieces) => {
        try {
          await read(pieces.join(''));
        } catch (error) {
          expect(hasCode(error, 'INVALID_CONFIG')).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});
