import { KubecrateError } from '@kubecrate/errors';
import { expect, test } from 'vitest';
import { formatDiagnostics, parseKubefile, throwOnErrors } from './index.ts';

function thrownBy(text: string): KubecrateError {
  try {
    throwOnErrors(parseKubefile(text).diagnostics, text, 'dir/Kubefile');
  } catch (error) {
    if (error instanceof KubecrateError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

test('one error shows all that is wrong, and no warnings', () => {
  const text = 'FROM scratch\nCPOY a b\nCMD x\nCOPY a\n';
  const errors = parseKubefile(text).diagnostics.filter(({ severity }) => severity === 'error');
  const { code, message } = thrownBy(text);
  expect(errors).toHaveLength(2);
  expect(code).toBe('INVALID_KUBEFILE');
  expect(message).toBe(`dir/Kubefile has 2 errors:\n\n${formatDiagnostics(errors, text, 'dir/Kubefile')}`);
});

test('a single error is not counted', () => {
  expect(thrownBy('').message).toBe(
    'dir/Kubefile has an error:\n\ndir/Kubefile: error: there is no instruction in this file\n' +
      '  hint: it needs at least FROM: FROM scratch, or FROM IMAGE',
  );
});

test('what is too much to read is counted', () => {
  const { message } = thrownBy(`FROM scratch\n${'NOPE\n'.repeat(60)}`);
  expect(message.match(/unknown instruction/g)).toHaveLength(50);
  expect(message).toMatch(/^dir\/Kubefile has 60 errors:/);
  expect(message).toMatch(/and 10 more$/);
});

test('warnings alone throw nothing', () => {
  const text = 'FROM scratch\nCMD x\n';
  const { diagnostics } = parseKubefile(text);
  expect(diagnostics).toHaveLength(1);
  throwOnErrors(diagnostics, text, 'Kubefile');
});
