/** Discovery over files that a test writes down. */

import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openDirectoryTree, tempDirectory } from '@kubecrate/files';
import { type DiscoverOptions, discoverImages } from '../discover-images.ts';
import type { Discovery } from '../discovery.ts';

/** Finds the images of a root file system with these files. */
export async function discoverFiles(
  files: Readonly<Record<string, string | Buffer>>,
  options: DiscoverOptions = {},
): Promise<Discovery> {
  await using directory = await tempDirectory(tmpdir());
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory.path, path)), { recursive: true });
    await writeFile(join(directory.path, path), content);
  }
  return await discoverImages(openDirectoryTree(directory.path), options);
}
