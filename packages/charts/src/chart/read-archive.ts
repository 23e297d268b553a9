/** The files in a chart archive (`.tgz`). */

import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { KubecrateError } from '@kubecrate/errors';
import { decompress, tarEntries } from '@kubecrate/files';
import type { ChartFile } from './chart.ts';
import type { LoadBudget } from './load-budget.ts';
import { withoutByteOrderMark } from './text-file.ts';

/**
 * Reads the files of a chart, whose one directory at the top falls away; links and directories are passed over.
 * Throws `INVALID_CHART`, `INVALID_ARCHIVE`, `UNSAFE_PATH`, `LIMIT_EXCEEDED`.
 */
export async function readChartArchive(archive: Readable | Buffer, budget: LoadBudget): Promise<ChartFile[]> {
  const files: ChartFile[] = [];
  const packed = Buffer.isBuffer(archive) ? Readable.from([archive], { objectMode: false }) : archive;
  const { maxBytes, maxFiles } = budget.limits;
  // Headers and padding come on top of the files, which are counted one by one below.
  const tarBytes = maxBytes + (maxFiles + 2) * 4096;
  const tar = decompress(packed, 'gzip', { maxBytes: tarBytes });
  const options = {
    rules: 'layer',
    limits: { maxEntries: 2 * maxFiles, maxBytes: tarBytes },
    ...(budget.signal === undefined ? {} : { signal: budget.signal }),
  } as const;
  for await (const { header, content } of tarEntries(tar, options)) {
    if (header.type !== 'file') continue;
    const name = nameInChart(header.path);
    budget.file(name, header.size);
    files.push({ name, data: withoutByteOrderMark(Buffer.concat(await content.toArray())) });
  }
  if (files.length === 0) throw new KubecrateError('INVALID_CHART', 'no files in chart archive');
  return files;
}

/** The name below the archive's directory; archives made on Windows have backslashes. */
function nameInChart(path: string): string {
  const parts = path.includes('\\') ? path.split('\\') : path.split('/');
  const name = posix.normalize(parts.slice(1).join('/'));
  if (parts[0] === 'Chart.yaml') throw new KubecrateError('INVALID_CHART', 'chart yaml not in base directory');
  if (name === '.' || name.startsWith('/')) {
    throw new KubecrateError(
      'INVALID_CHART',
      `chart illegally contains content outside the base directory: ${JSON.stringify(path)}`,
    );
  }
  if (name.startsWith('..')) {
    throw new KubecrateError('UNSAFE_PATH', `chart illegally references parent directory: ${JSON.stringify(path)}`);
  }
  if (/^[a-zA-Z]:\//.test(name)) {
    throw new KubecrateError('UNSAFE_PATH', `chart contains illegally named files: ${JSON.stringify(path)}`);
  }
  return name;
}
