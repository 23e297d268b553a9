/** Every folder of `testdata`: a Kubefile, and what a person or a builder sees of it. */

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parsePlatform } from '@kubecrate/oci';
import { describe, expect, test } from 'vitest';
import { type EvaluateOptions, evaluate, formatDiagnostics, parseKubefile } from './index.ts';

const testdata = fileURLToPath(new URL('../testdata', import.meta.url));

describe('a Kubefile that is right', () => {
  test.each(readdirSync(`${testdata}/positive`))('%s is read, expanded, and at most warned of', (name) => {
    const folder = `${testdata}/positive/${name}`;
    const text = readFileSync(`${folder}/Kubefile`, 'utf8');
    const kubefile = parseKubefile(text);
    const { stages, diagnostics } = evaluate(kubefile, readOptions(folder));
    const all = [...kubefile.diagnostics, ...diagnostics];
    expect(all.filter(({ severity }) => severity === 'error')).toEqual([]);
    const warnings = all.map(({ code, range }) => `${range?.start.line ?? '-'}:${range?.start.column ?? '-'} ${code}`);
    expect(plain({ warnings, stages })).toEqual(JSON.parse(readFileSync(`${folder}/expected.json`, 'utf8')));
  });
});

describe('a Kubefile that is wrong', () => {
  test.each(readdirSync(`${testdata}/negative`))('%s is refused with the text that is expected', (name) => {
    const folder = `${testdata}/negative/${name}`;
    const text = readFileSync(`${folder}/Kubefile`, 'utf8');
    const kubefile = parseKubefile(text);
    const isRead = kubefile.diagnostics.every(({ severity }) => severity === 'warning');
    const diagnostics = [
      ...kubefile.diagnostics,
      ...(isRead ? evaluate(kubefile, readOptions(folder)).diagnostics : []),
    ];
    expect(diagnostics.some(({ severity }) => severity === 'error')).toBe(true);
    const expected = readFileSync(`${folder}/expected.txt`, 'utf8');
    expect(`${formatDiagnostics(diagnostics, text, 'Kubefile')}\n`).toBe(expected);
  });
});

function readOptions(folder: string): EvaluateOptions {
  const hasOptions = readdirSync(folder).includes('options.json');
  const options = hasOptions ? JSON.parse(readFileSync(`${folder}/options.json`, 'utf8')) : {};
  const { buildArgs = {}, platform = 'linux/amd64', buildPlatform, baseEnvironments = {} } = options;
  return {
    buildArgs,
    platform: parsePlatform(platform),
    ...(buildPlatform === undefined ? {} : { buildPlatform: parsePlatform(buildPlatform) }),
    baseEnvironments: new Map(
      Object.entries<Record<string, string>>(baseEnvironments).map(([stage, env]) => [Number(stage), env]),
    ),
  };
}

/** As JSON: maps as objects, and places left out, for they have tests of their own. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, item: unknown) => {
      if (key === 'range') return undefined;
      return item instanceof Map ? Object.fromEntries(item) : item;
    }),
  );
}
