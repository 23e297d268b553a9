/**
 * A chart of 50 templates, rendered after start-up: the code is loaded, nothing has been rendered yet.
 *
 *   npm run build && npx tsc -b test/bench && node test/bench/dist/charts.js [--runs 5] [--templates 50]
 *
 * Every run is a process of its own, so that its first rendering is as cold as that of a command; the later ones show the engine warm.
 * To reach: the first rendering, loading of the chart included, in under 100 ms.
 */

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { chartFromFiles, renderChart, templateOutput } from '@kubecrate/charts';
import { seededRandom } from '@kubecrate/gotemplate';
import { chartFiles } from './chart-corpus.ts';
import { median } from './measure.ts';

/** Milliseconds of one rendering: on the clock, and of processor time, which a busy machine does not lengthen much. */
interface Time {
  readonly wall: number;
  /** Of the thread that renders: what the clock would show on an idle machine. */
  readonly thread: number;
  /** Of all threads: those that compile and collect garbage meanwhile too. */
  readonly cpu: number;
}

interface Times {
  /** The first rendering of a process. */
  readonly first: Time;
  /** The median of ten more. */
  readonly warm: Time;
}

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    templates: { type: 'string', default: '50' },
    /** Renders in this process and prints its times. */
    once: { type: 'boolean', default: false },
  },
});
const templates = Number(values.templates);
if (values.once) console.log(JSON.stringify(await renderingTimes(templates)));
else await report(Number(values.runs), templates);

async function report(runs: number, count: number): Promise<void> {
  const times: Times[] = [];
  for (let run = 0; run < runs; run += 1) {
    const args = [fileURLToPath(import.meta.url), '--once', '--templates', String(count)];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    times.push(JSON.parse(stdout) as Times);
  }
  const row = (name: keyof Times): string => {
    const wall = times.map((time) => time[name].wall);
    const range = `${Math.min(...wall).toFixed(0)} to ${Math.max(...wall).toFixed(0)}`;
    const [thread, cpu] = (['thread', 'cpu'] as const).map((of) =>
      median(times.map((time) => time[name][of])).toFixed(0),
    );
    return `| ${count} templates, ${name} | under 100 | ${median(wall).toFixed(0)} (${range}) | ${thread} | ${cpu} |`;
  };
  console.log('| rendering | to reach, ms | ms | processor, its thread, ms | processor, all threads, ms |');
  console.log('| --- | --- | --- | --- | --- |');
  console.log([row('first'), row('warm')].join('\n'));
  console.log(`${cpus().length} processors (${cpus()[0]?.model}), load ${loadavg()[0]?.toFixed(1)}`);
}

async function renderingTimes(count: number): Promise<Times> {
  const files = chartFiles(count);
  const first = await renderingTime(files);
  const later: Time[] = [];
  for (let run = 0; run < 10; run += 1) later.push(await renderingTime(files));
  const middle = (of: keyof Time): number => median(later.map((time) => time[of]));
  return { first, warm: { wall: middle('wall'), thread: middle('thread'), cpu: middle('cpu') } };
}

async function renderingTime(files: Readonly<Record<string, string>>): Promise<Time> {
  const start = performance.now();
  const before = process.cpuUsage();
  const threadBefore = threadTime();
  const chart = await chartFromFiles(files);
  const rendered = await renderChart(chart, new Map(), {
    random: seededRandom('bench'),
    now: () => new Date(0),
  });
  const output = templateOutput(rendered);
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  const thread = threadTime() - threadBefore;
  const objects = output.split('# Source: ').length - 1;
  if (objects !== Object.keys(files).filter((name) => /\d/.test(name)).length) throw new Error(`${objects} objects`);
  return { wall, thread, cpu: (user + system) / 1000 };
}

/** Milliseconds that this thread has had a processor, as Linux counts them. */
function threadTime(): number {
  const [nanoseconds] = readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ');
  return Number(nanoseconds) / 1e6;
}
