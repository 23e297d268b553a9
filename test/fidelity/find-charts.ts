/** Charts below a directory, with the files of values that come with them. */

import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

export interface FoundChart {
  /** A directory or an archive. */
  readonly path: string;
  /** Files of values, each for a rendering of its own: `ci/*.yaml`, `values-*.yaml`, and what is in the directory `<chart>.values` beside it. */
  readonly values: readonly string[];
}

/** Every Chart.yaml that is not inside of another chart, and every .tgz outside of charts; sorted by path. */
export async function findCharts(root: string): Promise<readonly FoundChart[]> {
  const files = (await readdir(root, { recursive: true })).map((name) => join(root, name)).sort();
  const directories = files.filter((file) => basename(file) === 'Chart.yaml').map(dirname);
  const inside = (file: string, except?: string): boolean =>
    directories.some((directory) => directory !== except && file.startsWith(`${directory}/`));
  const charts = directories.filter((directory) => !inside(directory, directory));
  const archives = files.filter((file) => file.endsWith('.tgz') && !inside(file));
  return [
    ...charts.map((path) => ({ path, values: valuesOf(path, files) })),
    ...archives.map((path) => ({ path, values: valuesOf(path, files) })),
  ];
}

function valuesOf(chart: string, files: readonly string[]): readonly string[] {
  const isOwn = (file: string): boolean => {
    const directory = dirname(file);
    if (directory === `${chart}.values` || directory === join(chart, 'ci')) return true;
    return directory === chart && basename(file).startsWith('values-');
  };
  return files.filter((file) => /\.ya?ml$/.test(file) && isOwn(file));
}
