/** APP, CNI and CSI: from an instruction to a layer with the files of an application, and what the image says of it. */

import { posix } from 'node:path';
import type { FileTree } from '@kubecrate/files';
import type { ExpandedApplication } from '@kubecrate/kubefile';
import { applicationDirectory, detectApplication } from './application.ts';
import { type CopyRequest, copyEntries } from './copy-entries.ts';
import { findSource } from './find-source.ts';
import type { StageContext } from './stage-context.ts';
import { type StageImage, withLayer } from './stage-image.ts';

const NETWORK_PLUGINS = { CNI: 'cluster.alpha.sealer.io/kube-cni-', CSI: 'cluster.alpha.sealer.io/kube-csi-' };

/** The image with the application in it. @throws KubecrateError, NotFoundError for a source that cannot be copied */
export async function applyApplication(
  image: StageImage,
  instruction: ExpandedApplication,
  stage: StageContext,
): Promise<StageImage> {
  const { application: name, keyword, sources } = instruction;
  const found = await Promise.all(
    sources.map(async (source): Promise<{ tree: FileTree; path: string }> => {
      if (source.type === 'url') {
        const file = await stage.download(source.url, undefined);
        return { tree: file.tree, path: file.name };
      }
      const entry = await findSource(stage.context, posix.normalize(source.path).replace(/^\/+/, ''), stage);
      return { tree: stage.context, path: entry.path };
    }),
  );
  const request: CopyRequest = {
    sources: found.map(({ tree, path }) => ({
      kind: 'path',
      tree,
      path,
      ignore: tree === stage.context ? stage.ignore : undefined,
    })),
    destination: `${applicationDirectory(name)}/`,
    excludes: [],
    owner: undefined,
    mode: undefined,
    mtime: stage.mtime,
    rootfs: await stage.rootfs(image),
  };
  const layer = await stage.pack(await copyEntries(request, stage));
  const application = await detectApplication(name, found, stage);
  const label = keyword === 'APP' ? {} : { [`${NETWORK_PLUGINS[keyword]}${name}`]: 'true' };
  const packed = withLayer(image, layer, `${keyword} ${name}`);
  return {
    ...packed,
    applications: new Map(image.applications).set(name, application),
    labels: { ...image.labels, ...label },
  };
}
