/** What each instruction of a Kubefile does to the image of its stage. */

import { posix } from 'node:path';
import { KubecrateError, toldWith } from '@kubecrate/errors';
import type { FileTree, IgnoreMatcher, TarInput, TreeOptions } from '@kubecrate/files';
import type {
  ExpandedAdd,
  ExpandedApplication,
  ExpandedCopy,
  ExpandedInstruction,
  ExpandedRun,
  InlineSource,
  PathSource,
  UrlSource,
} from '@kubecrate/kubefile';
import { applicationDirectory, detectApplication } from './application.ts';
import { type CopyRequest, copyEntries } from './copy-entries.ts';
import type { Application } from './extension.ts';
import type { CopyFrom } from './find-entries.ts';
import { findSource } from './find-source.ts';
import { resolveOwner } from './owner.ts';
import type { Layer, StageImage } from './stage-image.ts';

/** What an instruction needs of the build it is part of. */
export interface StageContext extends TreeOptions {
  readonly context: FileTree;
  readonly ignore: IgnoreMatcher | undefined;
  /** Seconds since 1970, of every entry that is made. */
  readonly mtime: number;
  /** The root file system as it is after the layers so far. */
  rootfs(image: StageImage): Promise<FileTree>;
  /** The root file system of another stage or image. */
  from(source: NonNullable<ExpandedCopy['from']>): Promise<FileTree>;
  /** A downloaded file, as a tree that holds it alone. */
  download(url: string, checksum: string | undefined): Promise<{ readonly tree: FileTree; readonly name: string }>;
  /** The content of a local tar archive; undefined where the file is none. */
  archive(tree: FileTree, path: string): Promise<FileTree | undefined>;
  pack(entries: readonly TarInput[]): Promise<Layer>;
  run(image: StageImage, instruction: ExpandedRun): Promise<Layer | undefined>;
}

const NETWORK_PLUGINS = { CNI: 'cluster.alpha.sealer.io/kube-cni-', CSI: 'cluster.alpha.sealer.io/kube-csi-' };
const KUBE_VERSION_LABEL = 'app.alpha.sealer.io/supported-kube-version';

/** Applies one instruction; ARG has done its work when variables were expanded. */
export async function applyInstruction(
  image: StageImage,
  instruction: ExpandedInstruction,
  stage: StageContext,
): Promise<StageImage> {
  switch (instruction.keyword) {
    case 'ARG':
      return image;
    case 'ENV': {
      const variables = Object.fromEntries(instruction.variables.map(({ name, value }) => [name, value]));
      return {
        ...image,
        environment: { ...image.environment, ...variables },
        containerEnvironment: { ...image.containerEnvironment, ...variables },
        history: [...image.history, { created_by: `ENV ${Object.keys(variables).join(' ')}`, empty_layer: true }],
      };
    }
    case 'LABEL':
      return withLabels(image, Object.fromEntries(instruction.labels.map(({ name, value }) => [name, value])), 'LABEL');
    case 'KUBEVERSION':
      return withLabels(image, { [KUBE_VERSION_LABEL]: instruction.versions }, 'KUBEVERSION');
    case 'MAINTAINER':
      return { ...image, author: instruction.maintainer };
    case 'CMD':
      return { ...image, launch: { ...image.launch, cmds: [...(image.launch.cmds ?? []), instruction.command] } };
    case 'CMDS':
      return { ...image, launch: { ...image.launch, cmds: [...(image.launch.cmds ?? []), ...instruction.commands] } };
    case 'LAUNCH':
      return { ...image, launch: { ...image.launch, app_names: instruction.applications } };
    case 'APPCMDS':
      return withApplication(image, instruction.application, (application) => ({
        ...application,
        cmds: instruction.commands,
      }));
    case 'APPENV': {
      const env = Object.fromEntries(instruction.variables.map(({ name, value }) => [name, value]));
      return withApplication(image, instruction.application, (application) => ({
        ...application,
        env: { ...application.env, ...env },
      }));
    }
    case 'APP':
    case 'CNI':
    case 'CSI':
      return applyApplication(image, instruction, stage);
    case 'COPY':
    case 'ADD':
      return applyCopy(image, instruction, stage);
    case 'RUN': {
      const layer = await stage.run(image, instruction);
      const { command } = instruction;
      const text =
        command.form === 'exec'
          ? JSON.stringify(command.arguments)
          : command.form === 'shell'
            ? command.command
            : 'a script';
      if (layer !== undefined) return withLayer(image, layer, `RUN ${text}`);
      return { ...image, history: [...image.history, { created_by: `RUN ${text}`, empty_layer: true }] };
    }
  }
}

/** The image with one more layer. */
export function withLayer(image: StageImage, layer: Layer, createdBy: string): StageImage {
  return { ...image, layers: [...image.layers, layer], history: [...image.history, { created_by: createdBy }] };
}

function withLabels(image: StageImage, labels: Readonly<Record<string, string>>, keyword: string): StageImage {
  const history = [...image.history, { created_by: `${keyword} ${Object.keys(labels).join(' ')}`, empty_layer: true }];
  return { ...image, labels: { ...image.labels, ...labels }, history };
}

function withApplication(
  image: StageImage,
  name: string,
  change: (application: Application) => Application,
): StageImage {
  const application = image.applications.get(name);
  if (application === undefined) {
    throw new KubecrateError('INVALID_KUBEFILE', `the application ${JSON.stringify(name)} is not in the image`, {
      hint: `define it before this line: APP ${name} local://PATH`,
    });
  }
  return { ...image, applications: new Map(image.applications).set(name, change(application)) };
}

async function applyCopy(
  image: StageImage,
  instruction: ExpandedCopy | ExpandedAdd,
  stage: StageContext,
): Promise<StageImage> {
  const { keyword, destination, sources, excludes, chown, chmod } = instruction;
  const from = keyword === 'COPY' ? instruction.from : undefined;
  const tree = from === undefined ? stage.context : await stage.from(from);
  const ignore = from === undefined ? stage.ignore : undefined;
  const rootfs = await stage.rootfs(image);
  const request: CopyRequest = {
    sources: await Promise.all(
      sources.map((source) =>
        copyFrom(source, { tree, ignore, stage, add: keyword === 'ADD' ? instruction : undefined }),
      ),
    ),
    destination,
    excludes,
    owner: chown === undefined ? undefined : await resolveOwner(chown, rootfs, stage),
    mode: chmod,
    mtime: stage.mtime,
    rootfs,
  };
  const entries = await copyEntries(request, stage);
  const names = sources.map((source) =>
    source.type === 'path' ? source.path : source.type === 'url' ? source.url : `<<${source.name}`,
  );
  return withLayer(image, await stage.pack(entries), `${keyword} ${[...names, destination].join(' ')}`);
}

async function copyFrom(
  source: PathSource | UrlSource | InlineSource,
  {
    tree,
    ignore,
    stage,
    add,
  }: { tree: FileTree; ignore: IgnoreMatcher | undefined; stage: StageContext; add: ExpandedAdd | undefined },
): Promise<CopyFrom> {
  if (source.type === 'inline') return { kind: 'inline', name: source.name, bytes: Buffer.from(source.content) };
  if (source.type === 'url') {
    const file = await stage.download(source.url, add?.checksum);
    return { kind: 'path', tree: file.tree, path: file.name, ignore: undefined };
  }
  // ADD unpacks local archives; COPY never does.
  const unpacked = add === undefined ? undefined : await unpack(tree, source.path, stage);
  if (unpacked !== undefined) return { kind: 'path', tree: unpacked, path: '', ignore: undefined };
  return { kind: 'path', tree, path: source.path, ignore };
}

async function unpack(tree: FileTree, path: string, stage: StageContext): Promise<FileTree | undefined> {
  if (/[*?[]/.test(path)) return undefined;
  const entry = await findSource(tree, path.replace(/^\/+/, ''), stage);
  if (entry.type !== 'file') return undefined;
  try {
    return await stage.archive(tree, entry.path);
  } catch (error) {
    throw toldWith(`cannot unpack ${JSON.stringify(path)}`, error);
  }
}

async function applyApplication(
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
