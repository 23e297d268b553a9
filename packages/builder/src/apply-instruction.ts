/** What each instruction of a Kubefile does to the image of its stage. */

import { KubecrateError } from '@kubecrate/errors';
import type { ExpandedInstruction } from '@kubecrate/kubefile';
import { applyApplication } from './apply-application.ts';
import { applyCopy } from './apply-copy.ts';
import type { Application } from './extension.ts';
import type { StageContext } from './stage-context.ts';
import { type StageImage, withLayer } from './stage-image.ts';

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
