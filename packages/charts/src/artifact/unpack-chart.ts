/** A chart archive as files on disk: what `helm pull --untar` leaves. */

import { access, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileError, isMissing, KubecrateError } from '@kubecrate/errors';
import { ensureDirectory, safeJoin, tempDirectory } from '@kubecrate/files';
import { buildChart } from '../chart/build-chart.ts';
import { createLoadBudget } from '../chart/load-budget.ts';
import { type LoadChartOptions, named } from '../chart/load-chart.ts';
import { readChartArchive } from '../chart/read-archive.ts';

/**
 * Writes the files of an archive into a new directory of `parent` that has the name of the chart, and returns its path: all of them,
 * or none. `archiveName` is what errors call the archive.
 * Throws as `loadChartArchive` does, and `ALREADY_EXISTS` where there is something of that name.
 */
export async function unpackChart(
  archiveName: string,
  archive: Readable | Buffer,
  parent: string,
  options: LoadChartOptions = {},
): Promise<string> {
  return named(archiveName, async () => {
    const files = await readChartArchive(archive, createLoadBudget(options.limits, options.signal));
    const { metadata } = await buildChart(files, createLoadBudget(options.limits, options.signal));
    const destination = join(parent, metadata.name);
    await refuseExisting(destination);
    await using temporary = await tempDirectory(parent);
    const directory = join(temporary.path, metadata.name);
    for (const { name, data } of files) {
      options.signal?.throwIfAborted();
      const path = safeJoin(directory, name);
      await ensureDirectory(dirname(path));
      await writeFile(path, data).catch((error: unknown) => {
        throw fileError(`cannot write ${JSON.stringify(path)}`, error);
      });
    }
    await rename(directory, destination).catch((error: unknown) => {
      throw fileError(`cannot make the directory ${JSON.stringify(destination)}`, error);
    });
    return destination;
  });
}

async function refuseExisting(path: string): Promise<void> {
  try {
    await access(path);
  } catch (error) {
    if (isMissing(error)) return;
    throw fileError(`cannot look at ${JSON.stringify(path)}`, error);
  }
  throw new KubecrateError('ALREADY_EXISTS', `there is a ${JSON.stringify(path)} already`, {
    hint: 'remove it, or choose another directory',
  });
}
