/** Putting the image together: files, container images, and what is said about them. */

import { LAYER_ANNOTATION } from '@kubecrate/image-store';
import { type Descriptor, formatReference, type Platform, parseReference, withDefaultTag } from '@kubecrate/oci';
import { assembleImage, openImageTree, type PackedLayer } from '@kubecrate/packer';
import type { BaseImage } from './base-image.ts';
import type { BuildOptions, BuildTools } from './build-options.ts';
import type { SavedContainerImages } from './container-images.ts';
import { type ContainerImage, type Extension, extensionAnnotations } from './extension.ts';
import { packImages } from './registry-layers.ts';
import type { StageImage } from './stage-image.ts';

export interface AssembleParts {
  readonly image: StageImage;
  readonly saved: SavedContainerImages;
  readonly base: BaseImage | undefined;
  readonly platform: Platform;
}

const BASE_NAME = 'org.opencontainers.image.base.name';
const BASE_DIGEST = 'org.opencontainers.image.base.digest';

/** Packs the container images, and pushes configuration and manifest. */
export async function assemble(parts: AssembleParts, options: BuildOptions, tools: BuildTools): Promise<Descriptor> {
  const { image, saved, base, platform } = parts;
  const { store, temporary, signal } = tools;
  const layers = image.layers.map(({ descriptor }) => descriptor);
  await using rootfs = await openImageTree(store, layers, { tempDirectory: temporary, signal });
  const packed = await packImages(
    [...saved.charts, ...saved.saved],
    rootfs,
    { framed: saved.framed, layersBelow: layers.length },
    tools,
  );
  const labels = { ...image.labels, 'io.sealer.version': `kubecrate ${options.version}`, ...options.labels };
  const annotations = {
    ...extensionAnnotations(extensionOf(image, options), containerImages(parts)),
    ...(base === undefined ? {} : { [BASE_NAME]: base.name, [BASE_DIGEST]: base.descriptor.digest }),
    ...options.annotations,
  };
  return assembleImage(
    {
      platform,
      layers: [...image.layers, ...packed.map(annotated)],
      created: options.sourceDateEpoch,
      ...(image.author === undefined ? {} : { author: image.author }),
      container: {
        Env: Object.entries(image.containerEnvironment).map(([name, value]) => `${name}=${value}`),
        Labels: labels,
      },
      history: [...image.history, ...packed.map(() => ({ created_by: 'kubecrate: container images' }))],
      annotations,
    },
    store,
    { signal },
  );
}

/** A layer of the registry directory says so, for stores that keep its blobs and not its bytes. */
function annotated({ descriptor, diffId }: PackedLayer): PackedLayer {
  return { descriptor: { ...descriptor, annotations: { [LAYER_ANNOTATION]: 'registry' } }, diffId };
}

function extensionOf(image: StageImage, { type, version }: BuildOptions): Extension {
  const { applications, environment, launch } = image;
  return {
    buildClient: { sealerVersion: `kubecrate ${version}`, buildahVersion: '' },
    schemaVersion: 'v1alpha1',
    type,
    ...(applications.size === 0 ? {} : { applications: [...applications.values()] }),
    ...(Object.keys(environment).length === 0 ? {} : { env: environment }),
    launch,
  };
}

/** The images of the base and those of this build; one name once, the newer of two. */
function containerImages({ image, saved, platform }: AssembleParts): readonly ContainerImage[] {
  const all = new Map(image.images.map((known) => [known.image, known]));
  for (const { image: name, found } of saved.images) {
    const appName = found.find((place) => place.appName !== undefined)?.appName;
    const whole = formatReference(withDefaultTag(parseReference(name)));
    all.set(whole, { image: whole, ...(appName === undefined ? {} : { appName }), platform });
  }
  return [...all.values()].sort((a, b) => (a.image < b.image ? -1 : 1));
}
