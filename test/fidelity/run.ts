/**
 * How faithfully charts are rendered: kubecrate beside Helm itself, on charts of your choice.
 *
 *   npm run fidelity -- DIR... [--helm helm] [--verbose]
 *
 * Renders every chart below the directories with its own values, and once more with each file of values beside it (find-charts.ts).
 * Exit code 1 where a rendering is not the same byte for byte, or one program fails where the other does not.
 */

import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Comparison, compareRendering } from './compare-rendering.ts';
import { findCharts } from './find-charts.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    helm: { type: 'string', default: 'helm' },
    verbose: { type: 'boolean', default: false },
  },
});
if (positionals.length === 0) throw new Error('name a directory with charts: npm run fidelity -- DIR...');
const program = join(import.meta.dirname, '..', '..', '..', 'cmd', 'kubecrate', 'bin', 'kubecrate.js');
const programs = { helm: [values.helm], ours: [process.execPath, program, 'chart'] };
const counts: Record<Comparison['verdict'], number> = { same: 0, 'both-fail': 0, different: 0 };
let [charts, lines, random] = [0, 0, 0];
for (const directory of positionals) {
  for (const chart of await findCharts(directory)) {
    charts += 1;
    for (const file of [undefined, ...chart.values]) {
      const args = ['release', chart.path, '--namespace', 'space', '--include-crds'];
      const result = await compareRendering(programs, file === undefined ? args : [...args, '-f', file]);
      counts[result.verdict] += 1;
      lines += result.lines;
      random += result.random;
      if (result.verdict === 'same' && !values.verbose) continue;
      console.log(`${result.verdict}  ${chart.path} ${basename(file ?? '')}  ${result.detail ?? ''}`);
    }
  }
}
console.log(
  `${charts} charts: ${counts.same} renderings the same (${lines} lines, and ${random} that Helm makes at random), ` +
    `${counts['both-fail']} that fail in both, ${counts.different} different`,
);
if (counts.different > 0) process.exitCode = 1;
