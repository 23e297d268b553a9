/** Makes the program of few modules out of what the compiler made: Node takes half a millisecond for each module that it loads. */

import { build } from 'rolldown';

await build({
  cwd: import.meta.dirname,
  input: { kubecrate: 'dist/main.js' },
  platform: 'node',
  // Packages of others are loaded as they are, from where they are installed.
  external: (id) => !/^([./]|@kubecrate\/)/.test(id),
  output: { dir: 'dist/bundle', format: 'esm', cleanDir: true },
});
