/** Building the image of one platform: the stages one after the other, then the container images. */

import type { Discovery } from '@kubecrate/discovery';
import { toldWith } from '@kubecrate/errors';

import {
  checkApplications,
  type Diagnostic,
  type EvaluatedStage,
  evaluate,
  type Kubefile,
  throwOnErrors,
} from '@kubecrate/kubefile';
import type { Descriptor, Digest, Platform } from '@kubecrate/oci';
import type { SavedImage } from '@kubecrate/saver';
import { requireLaunchable } from './application.ts';
import { applyInstruction } from './apply-instruction.ts';
import { assemble } from './assemble.ts';
import { type BaseImage, loadBase } from './base-image.ts';
import type { BuildOptions, BuildTools } from './build-options.ts';
import { type SavedContainerImages, saveContainerImages } from './container-images.ts';
import type { SavedChart } from './save-charts.ts';
import { openStageContext } from './stage-context.ts';
import { SCRATCH, type StageImage } from './stage-image.ts';

export interface BuiltPlatform {
  readonly platform: Platform;
  readonly descriptor: Descriptor;
  readonly discovery: Discovery;
  /** The names that this build saved; those that the base carries are in it already. */
  readonly saved: readonly SavedName[];
  /** The charts of `charts/` that this build put into the registry; `image` is the path of the archive. */
  readonly charts: readonly SavedName[];
}

/** A name that the registry of the image serves. */
export interface SavedName {
  /** As it was found. */
  readonly image: string;
  readonly repository: string;
  /** Absent where the image is known by its digest alone. */
  readonly tag?: string;
  readonly digest: Digest;
}

export async function buildPlatform(
  kubefile: Kubefile,
  platform: Platform,
  options: BuildOptions,
  tools: BuildTools,
): Promise<BuiltPlatform> {
  const { image, base, stages } = await buildStages(kubefile, platform, options, tools);
  requireLaunchables(image, stages, options.kubefile.file);
  const saved: SavedContainerImages = await saveContainerImages(image, platform, options, tools);
  const descriptor = await assemble({ image, saved, base, platform }, options, tools);
  return {
    platform,
    descriptor,
    discovery: saved.discovery,
    saved: saved.saved.flatMap(savedName),
    charts: saved.charts.flatMap(savedChart),
  };
}

interface BuiltStages {
  readonly image: StageImage;
  /** The image that the last stage began with. */
  readonly base: BaseImage | undefined;
  readonly stages: readonly EvaluatedStage[];
}

/** The files and the configuration of the last stage. */
export async function buildStages(
  kubefile: Kubefile,
  platform: Platform,
  options: BuildOptions,
  tools: BuildTools,
): Promise<BuiltStages> {
  const bases = await loadBases(kubefile, platform, options, tools);
  const stages = evaluateStages(kubefile, platform, bases, options);
  const images = new Map<number, StageImage>();
  await using context = await openStageContext({ platform, images, options, tools });
  for (const stage of neededStages(stages)) {
    let image = startOf(stage, images, bases);
    for (const instruction of stage.instructions) {
      tools.signal?.throwIfAborted();
      image = await applyInstruction(image, instruction, context).catch((error: unknown) => {
        throw toldWith(`${options.kubefile.file}:${instruction.range.start.line}`, error);
      });
    }
    images.set(stage.index, image);
  }
  const last = stages.at(-1);
  const image = (last === undefined ? undefined : images.get(last.index)) ?? SCRATCH;
  return { image, base: last?.base?.type === 'image' ? bases.get(last.index) : undefined, stages };
}

/** Every application that this file defines; what the base has is not for it to mend. */
function requireLaunchables(image: StageImage, stages: readonly EvaluatedStage[], file: string): void {
  for (const instruction of stages.flatMap(({ instructions }) => instructions)) {
    if (instruction.keyword !== 'APP' && instruction.keyword !== 'CNI' && instruction.keyword !== 'CSI') continue;
    const application = image.applications.get(instruction.application);
    if (application !== undefined) requireLaunchable(application, `${file}:${instruction.range.start.line}`);
  }
}

/** The images that stages begin with, by the number of the stage; only those that the result needs. */
async function loadBases(
  kubefile: Kubefile,
  platform: Platform,
  options: BuildOptions,
  tools: BuildTools,
): Promise<ReadonlyMap<number, BaseImage>> {
  const { stages } = evaluate(kubefile, { platform, buildArgs: options.buildArgs });
  const bases = new Map<number, BaseImage>();
  for (const { index, base } of neededStages(stages)) {
    if (base?.type !== 'image') continue;
    bases.set(index, await loadBase(base, base.platform, { ...tools, pull: options.pull }));
  }
  return bases;
}

/** Expands the file again, now with the environment and the applications of the bases. */
function evaluateStages(
  kubefile: Kubefile,
  platform: Platform,
  bases: ReadonlyMap<number, BaseImage>,
  { buildArgs, kubefile: { text, file } }: BuildOptions,
): readonly EvaluatedStage[] {
  const baseEnvironments = new Map([...bases].map(([index, { image }]) => [index, image.containerEnvironment]));
  const { stages, diagnostics } = evaluate(kubefile, { platform, buildArgs, baseEnvironments });
  const applications = kubefile.stages.flatMap((stage): readonly Diagnostic[] => {
    const base = bases.get(stage.index);
    return base === undefined ? [] : checkApplications(stage, base.image.applications.keys());
  });
  throwOnErrors([...diagnostics, ...applications], text, file);
  return stages;
}

/** The last stage and those it is built on or copies from, in the order of the file. */
function neededStages(stages: readonly EvaluatedStage[]): readonly EvaluatedStage[] {
  const needed = new Set<number>();
  const add = (index: number): void => {
    const stage = stages[index];
    if (stage === undefined || needed.has(index)) return;
    needed.add(index);
    if (stage.base?.type === 'stage') add(stage.base.index);
    for (const instruction of stage.instructions) {
      if (instruction.keyword === 'COPY' && instruction.from?.type === 'stage') add(instruction.from.index);
    }
  };
  add(stages.length - 1);
  return stages.filter(({ index }) => needed.has(index));
}

function startOf(
  { index, base }: EvaluatedStage,
  images: ReadonlyMap<number, StageImage>,
  bases: ReadonlyMap<number, BaseImage>,
): StageImage {
  if (base?.type === 'stage') return images.get(base.index) ?? SCRATCH;
  return bases.get(index)?.image ?? SCRATCH;
}

function savedName({ named: { image, repository, tag }, result }: SavedImage): readonly SavedName[] {
  if (result.status === 'failed') return [];
  return [{ image, repository, ...(tag === undefined ? {} : { tag }), digest: result.descriptor.digest }];
}

function savedChart({ path, named: { repository }, result }: SavedChart): readonly SavedName[] {
  const { digest } = result.descriptor;
  return result.job.tags.map((tag) => ({ image: path, repository, tag, digest }));
}
