import { expect, test } from 'vitest';
import { applicationsOf, checkApplications, parseKubefile, type Stage } from './index.ts';

const TEXT = `FROM base
APPENV inherited A=1
APP own local://own
APPCMDS own ["x"]
APPCMDS later ["x"]
CNI later local://later
LAUNCH own inherited later other
`;

function stageOf(text: string): Stage {
  const { stages, diagnostics } = parseKubefile(text);
  expect(diagnostics).toEqual([]);
  const [stage] = stages;
  if (stage === undefined) throw new Error('no stage');
  return stage;
}

test('applications of an image as base are not judged when the file is read, and are when they are known', () => {
  const found = checkApplications(stageOf(TEXT), ['inherited']);
  expect(found.map(({ message, range, hint }) => [range?.start.line, message, hint])).toEqual([
    [5, 'the application "later" is not defined before this line', 'move APPCMDS below it'],
    [7, 'the application "other" is not defined', 'define it with APP other local://PATH'],
  ]);
  expect(found.every(({ severity, code }) => severity === 'error' && code === 'unknown-application')).toBe(true);
});

test('a near miss names the application that was meant', () => {
  const found = checkApplications(stageOf('FROM base\nLAUNCH ngnix\n'), ['nginx', 'mysql']);
  expect(found.map(({ hint }) => hint)).toEqual(['did you mean "nginx"?']);
});

test('the applications of a stage are those of its base and its own', () => {
  expect([...applicationsOf(stageOf(TEXT), ['inherited'])]).toEqual(['inherited', 'own', 'later']);
});
