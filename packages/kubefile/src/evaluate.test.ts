// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are variables of a Kubefile, not of JavaScript

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type EvaluateOptions, evaluate, parseKubefile } from './index.ts';

const OPTIONS: EvaluateOptions = { buildArgs: {}, platform: { os: 'linux', architecture: 'amd64' } };

function evaluated(text: string, options: Partial<EvaluateOptions> = {}) {
  const kubefile = parseKubefile(text);
  expect(kubefile.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  return evaluate(kubefile, { ...OPTIONS, ...options });
}

describe('a base', () => {
  test('is learnt first, and its environment used in a second evaluation', () => {
    const text = 'FROM one\nENV A=$B\nFROM two:$TARGETARCH\nENV A=$B\n';
    const first = evaluated(text);
    expect(first.diagnostics).toEqual([]);
    expect(first.stages.map(({ base }) => base?.type === 'image' && base.reference.repository)).toEqual([
      'library/one',
      'library/two',
    ]);
    const baseEnvironments = new Map<number, Record<string, string>>([
      [0, { B: '1' }],
      [1, {}],
    ]);
    const second = evaluated(text, { baseEnvironments });
    expect(second.stages.map(({ environment }) => Object.fromEntries(environment))).toEqual([
      { B: '1', A: '1' },
      { A: '' },
    ]);
    expect(second.diagnostics.map(({ code, range }) => [code, range?.start.line])).toEqual([['undefined-variable', 4]]);
  });

  test('named like a later stage is an image, and like an earlier one that stage', () => {
    const { stages } = evaluated('FROM two\nFROM scratch AS Two\nFROM TWO\n');
    expect(stages.map(({ base }) => base?.type)).toEqual(['image', 'scratch', 'stage']);
  });

  test('is for the platform of FROM where it names one', () => {
    const { stages } = evaluated('ARG P=linux/arm64\nFROM --platform=$P a\nFROM b\n');
    expect(stages.map(({ base }) => base?.type === 'image' && base.platform.architecture)).toEqual(['arm64', 'amd64']);
  });

  test('that is wrong only by its variables is an error of the evaluation', () => {
    const { stages, diagnostics } = evaluated('ARG B=UPPER\nFROM $B\n');
    expect(stages[0]?.base).toBeUndefined();
    expect(diagnostics.map(({ code }) => code)).toEqual(['image-reference']);
  });
});

describe('a variable', () => {
  test('of the automatic ones yields to a build argument', () => {
    const { stages } = evaluated('FROM scratch\nARG TARGETOS\nENV A=$TARGETOS B=$ARCH\n', {
      buildArgs: { TARGETOS: 'plan9', ARCH: 'mips' },
    });
    expect(Object.fromEntries(stages[0]?.environment ?? [])).toEqual({ A: 'plan9', B: 'mips' });
  });

  test('of the build platform has no value where that is not known', () => {
    const { diagnostics } = evaluated('FROM scratch\nENV A=$BUILDARCH\n');
    expect(diagnostics.map(({ code }) => code)).toEqual(['undefined-variable']);
  });

  test('is what the instructions before it say, not those after', () => {
    const { stages } = evaluated('FROM scratch\nENV A=1\nLABEL l=$A\nENV A=2\nLABEL l=$A\n');
    const labels = stages[0]?.instructions.flatMap((each) => (each.keyword === 'LABEL' ? each.labels : []));
    expect(labels?.map(({ value }) => value)).toEqual(['1', '2']);
  });

  test('named like a property of every object is a name like any other', () => {
    const { stages, diagnostics } = evaluated('FROM scratch\nARG constructor\nENV A=$toString$constructor\n');
    expect(stages[0]?.environment.get('A')).toBe('');
    expect(diagnostics.map(({ message }) => message)).toEqual([
      'the variable toString is not set, and is taken as empty',
    ]);
  });

  test('in single quotes survives ENV, LABEL and ARG as it is, whatever the value holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        fc.pre(!/['\n\r]/.test(value));
        const text = `FROM scratch\nARG A='${value}'\nENV B='${value}' C="$A"\n`;
        const environment = evaluated(text).stages[0]?.environment;
        expect(environment?.get('B')).toBe(value);
        expect(environment?.get('C')).toBe(value);
      }),
    );
  });
});

describe('a build argument', () => {
  test('that is taken by no ARG is warned of, with the name that was meant', () => {
    const { diagnostics } = evaluated('FROM scratch\nARG VERSION\n', { buildArgs: { VERSON: '1' } });
    expect(diagnostics).toEqual([
      {
        severity: 'warning',
        code: 'unused-build-arg',
        message: 'nothing uses the build argument "VERSON"',
        hint: 'did you mean "VERSION"?',
      },
    ]);
  });

  test('wins over the default, whose variables then need no value', () => {
    const { stages, diagnostics } = evaluated('FROM scratch\nARG A=${NOPE:?}\nENV B=$A\n', {
      buildArgs: { A: 'given' },
    });
    expect(diagnostics).toEqual([]);
    expect(stages[0]?.environment.get('B')).toBe('given');
  });
});

describe('COPY and ADD', () => {
  test('are checked once their variables are known', () => {
    const text =
      'FROM scratch\nARG U=http://x/y M=9 S=sha1:2 O=a:b:c E=\nCOPY $U a\nCOPY --chmod=$M --chown=$O a b\nADD --checksum=$S $U c\nCOPY $E $E\n';
    const { diagnostics } = evaluated(text);
    expect(diagnostics.map(({ code, range }) => `${range?.start.line}:${range?.start.column} ${code}`)).toEqual([
      '3:6 source',
      '4:14 flag-value',
      '4:25 flag-value',
      '5:16 flag-value',
      '6:6 source',
      '6:9 destination',
    ]);
  });

  test('say where each source is written', () => {
    const [copy] = evaluated('FROM scratch\nCOPY a \\\n  b c/\n').stages[0]?.instructions ?? [];
    if (copy?.keyword !== 'COPY') throw new Error('no COPY');
    const places = copy.sources.map((source) => source.type === 'path' && [source.path, source.range.start]);
    expect(places).toEqual([
      ['a', { line: 2, column: 6 }],
      ['b', { line: 3, column: 3 }],
    ]);
  });
});
