/** `kubecrate images`: lists the images of the store. */

import { Command } from 'commander';
import { collect } from '../arguments.ts';
import type { Context } from '../context.ts';
import { embeddedReport, embeddedRow, openEmbedded } from '../embedded.ts';
import { readFilters } from '../image-filters.ts';
import { reportOf } from '../image-report.ts';
import { formatImageTable, type ImageRow, rowOf, shortId } from '../image-table.ts';
import { type OutputOptions, openStore, type StoreOptions, withOutput, withStoreOption } from '../options.ts';
import { writeJson } from '../text.ts';

interface Options extends StoreOptions, OutputOptions {
  readonly quiet?: boolean;
  readonly filter?: readonly string[];
}

export function imagesCommand(context: Context): Command {
  const command = new Command('images')
    .description('List the images of the store, the newest first.')
    .option('-q, --quiet', 'print names alone (the id of an image without a name)')
    .option(
      '-f, --filter <NAME=VALUE>',
      'list some: before, dangling, label, reference, since; may be repeated',
      collect,
    );
  return withOutput(withStoreOption(command)).action((options: Options) => listImages(options, context));
}

async function listImages(options: Options, context: Context): Promise<void> {
  const store = await openStore(options, context);
  const { signal } = context;
  const isListed = await readFilters(options.filter ?? [], (name) => store.image(name, { signal }));
  const images = (await store.images({ signal })).filter(isListed);
  // Embedded images have nothing that a filter looks at.
  const embedded = options.filter === undefined ? await (await openEmbedded(store)).images({ signal }) : [];
  if (options.output === 'json') {
    writeJson(context.stdout, [...images.map(reportOf), ...embedded.map(embeddedReport)].sort(newestFirst));
    return;
  }
  const rows: readonly ImageRow[] = [...images.map(rowOf), ...embedded.map(embeddedRow)].sort(newestFirst);
  if (options.quiet === true) {
    const names = rows.flatMap((row) => (row.names.length === 0 ? [shortId(row)] : row.names));
    context.stdout.write(names.map((name) => `${name}\n`).join(''));
  } else {
    context.stdout.write(formatImageTable(rows));
  }
}

/** An image without a time is last. */
function newestFirst(a: Pick<ImageRow, 'created'>, b: Pick<ImageRow, 'created'>): number {
  const [first, second] = [Date.parse(a.created ?? ''), Date.parse(b.created ?? '')];
  return (Number.isNaN(second) ? -Infinity : second) - (Number.isNaN(first) ? -Infinity : first) || 0;
}
