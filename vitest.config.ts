import { defineConfig } from 'vitest/config';

// Tests run on the TypeScript sources of every package: the condition `source` of each package.json.
const conditions = ['source'];
const shared = {
  resolve: { conditions },
  ssr: { resolve: { conditions } },
};

// Continuous integration counts the tests of each run.
const report = process.env['KUBECRATE_TEST_REPORT'];

export default defineConfig({
  test: {
    // Tests wait for servers and child processes more than they compute.
    maxWorkers: 3,
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    projects: [
      { ...shared, test: { name: 'unit', include: ['{packages,cmd}/*/src/**/*.test.ts'], testTimeout: 20_000 } },
      {
        ...shared,
        test: {
          name: 'cross',
          include: ['test/**/*.test.ts'],
          exclude: ['test/interop/**'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        ...shared,
        test: {
          name: 'interop',
          include: ['test/interop/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
