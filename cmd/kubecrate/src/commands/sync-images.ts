/** What `kubecrate sync` does: reads the files, expands the rules, copies, reports; once, or again and again. */

import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_LIMITS, DEFAULT_RETRY, type Limits, type RetryPolicy } from '@kubecrate/content';
import { KubecrateError } from '@kubecrate/errors';
import { checkDestination, writeFileAtomic } from '@kubecrate/files';
import {
  type AuthEntry,
  expandRules,
  formatImages,
  openSyncRegistries,
  parseFilter,
  parseShard,
  planCopies,
  type RuleSet,
  readAuth,
  readConfig,
  readRules,
  rulesOfShard,
  runSync,
  withKnownCredentials,
} from '@kubecrate/sync';
import { parseCount, parseInterval, readNamedFile } from '../arguments.ts';
import type { Context } from '../context.ts';
import { formatError } from '../failure.ts';
import { readRegistryConfig } from '../options.ts';
import { openReporter } from '../reporters/reporter.ts';
import type { SyncOptions } from './sync.ts';
import { refuseUnsynced, reportPlan, reportRun, type SyncOutcome } from './sync-report.ts';

/** @throws KubecrateError PARTIAL_FAILURE where something failed, once everything else is done */
export async function syncImages(options: SyncOptions, context: Context): Promise<void> {
  const settings = readSyncSettings(options);
  for (const file of [options.outputSuccessImages, options.outputFailedImages])
    if (file !== undefined && options.dryRun !== true) await checkDestination(resolve(context.cwd, file));
  let files = await readSyncFiles(options, context);
  if (settings.intervalMs === undefined) return await syncOnce(files, settings, options, context);
  for (;;) {
    await orSay(context, () => syncOnce(files, settings, options, context));
    await sleep(settings.intervalMs, undefined, { signal: context.signal });
    // A file that cannot be read leaves the rules as they were.
    files = (await orSay(context, () => readSyncFiles(options, context))) ?? files;
  }
}

/** Runs `work`; where it fails, says so and goes on. */
async function orSay<T>(context: Context, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    context.signal.throwIfAborted();
    context.stderr.write(formatError(error, context));
    return undefined;
  }
}

interface SyncSettings {
  readonly filter: ReturnType<typeof parseFilter>;
  readonly shard: ReturnType<typeof parseShard> | undefined;
  readonly limits: Limits;
  readonly retry: RetryPolicy;
  readonly intervalMs: number | undefined;
}

/** What the options say, checked before any file is read. @throws KubecrateError USAGE */
function readSyncSettings({ proc, retries, shard, watch, ...filters }: SyncOptions): SyncSettings {
  const atOnce = proc === undefined ? undefined : parseCount('--proc', proc, 1);
  return {
    filter: parseFilter(filters),
    shard: shard === undefined ? undefined : parseShard(shard),
    limits: atOnce === undefined ? DEFAULT_LIMITS : { blobs: atOnce, blobsPerHost: atOnce, requestsPerHost: atOnce },
    retry:
      retries === undefined ? DEFAULT_RETRY : { ...DEFAULT_RETRY, attempts: parseCount('--retries', retries, 0) + 1 },
    intervalMs: watch === undefined ? undefined : parseInterval('--watch', watch),
  };
}

interface SyncFiles extends RuleSet {
  readonly auth: readonly AuthEntry[];
}

/** @throws KubecrateError USAGE where no rules are named, INVALID_CONFIG with file and line */
async function readSyncFiles(options: SyncOptions, { cwd, env }: Context): Promise<SyncFiles> {
  const { images = [], auth, config, registry, namespace } = options;
  if ((images.length === 0) === (config === undefined)) {
    throw new KubecrateError('USAGE', 'give the rules: either --images FILE or --config FILE', {
      hint: 'kubecrate sync --images images.yaml --auth auth.yaml',
    });
  }
  const defaults = {
    registry: registry ?? env['DEFAULT_REGISTRY'] ?? '',
    namespace: namespace ?? env['DEFAULT_NAMESPACE'] ?? '',
  };
  const ruleOptions = { defaults, environment: env };
  const given = auth === undefined ? [] : await readAuth(await readNamedFile(cwd, auth, 'the passwords'), auth, env);
  if (config !== undefined) {
    const read = await readConfig(await readNamedFile(cwd, config, 'the configuration'), config, ruleOptions);
    return { ...read, auth: [...given, ...read.auth] };
  }
  const sets: RuleSet[] = [];
  for (const file of images) sets.push(await readRules(await readNamedFile(cwd, file, 'the rules'), file, ruleOptions));
  return { rules: sets.flatMap(({ rules }) => rules), failed: sets.flatMap(({ failed }) => failed), auth: given };
}

async function syncOnce(
  { auth, ...given }: SyncFiles,
  { filter, shard, limits, retry }: SyncSettings,
  { config: _, ...options }: SyncOptions,
  context: Context,
): Promise<void> {
  const { signal, now } = context;
  using reporter = await openReporter(options.progress, context, { verb: 'synced' });
  const { onEvent } = reporter;
  const config = { ...(await readRegistryConfig(options, context)), retry };
  await using registries = openSyncRegistries(auth, config, { onEvent, now });
  const { rules, failed: wrong } = withKnownCredentials(shard === undefined ? given : rulesOfShard(given, shard), auth);
  const {
    copies,
    failed: unexpanded,
    empty,
  } = await expandRules(rules, (repository) => registries.repository(repository).tags({ signal }), { signal });
  const failed = [...wrong, ...unexpanded];
  const plan = planCopies(copies);
  if (options.dryRun === true) {
    reportPlan({ plan, failed, empty }, options.output, context);
    refuseUnsynced({ results: [], failed });
    return;
  }
  const existing = options.force === true ? 'rewrite' : 'trust';
  const results = await runSync(plan, registries, { filter, existing, limits, retry, signal, onEvent });
  reporter[Symbol.dispose]();
  const outcome = { results, failed, empty };
  reportRun(outcome, options.output, context);
  await writeLists(outcome, options, context);
  refuseUnsynced(outcome);
}

/** Writes the files that `--output-success-images` and `--output-failed-images` name. */
async function writeLists(
  { results, failed }: SyncOutcome,
  options: Pick<SyncOptions, 'outputSuccessImages' | 'outputFailedImages' | 'outputImagesFormat'>,
  { cwd }: Context,
): Promise<void> {
  const { outputSuccessImages: done, outputFailedImages: left, outputImagesFormat: format } = options;
  const copiesOf = (...statuses: readonly string[]) =>
    results.filter(({ status }) => statuses.includes(status)).map(({ copy }) => copy);
  if (done !== undefined)
    await writeFileAtomic(resolve(cwd, done), formatImages(copiesOf('copied', 'unchanged'), format));
  if (left !== undefined)
    await writeFileAtomic(resolve(cwd, left), formatImages(copiesOf('failed'), format, { rules: failed }));
}
