import { describe, expect, it } from 'vitest';
import { KubecrateError, NotFoundError } from './kubecrate-error.ts';
import { toldWith } from './told-with.ts';

describe('toldWith', () => {
  it('puts the place before the message and keeps code, hint and cause', () => {
    const cause = new KubecrateError('DENIED', 'no', { hint: 'ask' });
    expect(toldWith('Kubefile:2', cause)).toMatchObject({
      code: 'DENIED',
      message: 'Kubefile:2: no',
      hint: 'ask',
      cause,
    });
    expect(toldWith('here', new NotFoundError('gone'))).toBeInstanceOf(NotFoundError);
  });

  it('leaves an error of another kind as it is', () => {
    const defect = new TypeError('x');
    expect(toldWith('here', defect)).toBe(defect);
  });
});
