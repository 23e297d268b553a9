import { describe, expect, it } from 'vitest';
import { digestOf } from './digest.ts';
import { parseImageConfig, platformOfConfig } from './image-config.ts';

const parse = (value: unknown): ReturnType<typeof parseImageConfig> =>
  parseImageConfig(Buffer.from(JSON.stringify(value)));

describe('parseImageConfig', () => {
  it('reads platform, container configuration, diff ids and history', () => {
    const config = parse({
      architecture: 'arm64',
      os: 'linux',
      variant: 'v8',
      created: '2024-01-01T00:00:00Z',
      config: { Env: ['A=b'], Cmd: null, Entrypoint: '/bin/sh', Labels: { a: 1 }, WorkingDir: '/', User: '' },
      rootfs: { type: 'layers', diff_ids: [digestOf('x')] },
      history: [{ created_by: 'COPY', empty_layer: true }],
    });
    expect(config).toMatchObject({
      created: '2024-01-01T00:00:00Z',
      config: { Env: ['A=b'], Entrypoint: ['/bin/sh'], Labels: { a: '1' }, WorkingDir: '/' },
      rootfs: { diff_ids: [digestOf('x')] },
      history: [{ created_by: 'COPY', empty_layer: true }],
    });
    expect(platformOfConfig(config)).toEqual({ os: 'linux', architecture: 'arm64' });
  });

  it('gives no platform for the configuration of an artifact', () => {
    expect(platformOfConfig(parse({}))).toBeUndefined();
  });

  it('refuses diff ids that are no digests', () => {
    expect(() => parse({ rootfs: { diff_ids: ['x'] } })).toThrow('cannot parse digest "x"');
    expect(() => parse({ rootfs: { diff_ids: [1] } })).toThrow('not a string');
  });
});
