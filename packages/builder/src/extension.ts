/** What sealer reads from a cluster image: two annotations on its manifest (docs/formats.md, "Annotations"). */

import { KubecrateError } from '@kubecrate/errors';
import { expectArray, expectObject, type Fields, type Platform } from '@kubecrate/oci';

export const EXTENSION_ANNOTATION = 'sealer.image.extension';
export const CONTAINER_IMAGES_ANNOTATION = 'sealer.image.container.images';

/** Whether running the image installs a cluster, or needs one. */
export type ClusterImageType = 'kube-installer' | 'app-installer';

/** How an application is launched; absent where it has commands of its own. */
export type ApplicationType = 'helm' | 'kube' | 'shell';

export interface Application {
  readonly name: string;
  readonly type?: ApplicationType;
  /** Relative to `application/apps/<name>/`. */
  readonly files?: readonly string[];
  readonly version: 'v1';
  readonly env?: Readonly<Record<string, string>>;
  readonly cmds?: readonly string[];
}

export interface Launch {
  readonly cmds?: readonly string[];
  readonly app_names?: readonly string[];
}

export interface Extension {
  readonly buildClient: { readonly sealerVersion: string; readonly buildahVersion: string };
  readonly schemaVersion: 'v1alpha1';
  readonly type: ClusterImageType;
  readonly applications?: readonly Application[];
  readonly env?: Readonly<Record<string, string>>;
  readonly launch: Launch;
}

/** One container image that the cluster image carries. */
export interface ContainerImage {
  /** The whole name: `docker.io/library/mysql:latest`. */
  readonly image: string;
  readonly appName?: string;
  readonly platform?: Platform;
}

/** The annotations of a manifest; what is empty is left out, as sealer does. */
export function extensionAnnotations(
  extension: Extension,
  images: readonly ContainerImage[],
): Readonly<Record<string, string>> {
  return {
    [EXTENSION_ANNOTATION]: JSON.stringify(extension),
    ...(images.length === 0 ? {} : { [CONTAINER_IMAGES_ANNOTATION]: JSON.stringify(images) }),
  };
}

/** What a base image says of itself; nothing for an image that is no cluster image. */
export interface BaseExtension {
  readonly applications: readonly Application[];
  readonly env: Readonly<Record<string, string>>;
  readonly images: readonly ContainerImage[];
}

/** @throws KubecrateError INVALID_MANIFEST where an annotation is there but cannot be read */
export function readExtension(annotations: Readonly<Record<string, string>> | undefined): BaseExtension {
  const extension = readJson(annotations, EXTENSION_ANNOTATION);
  const fields: Fields = extension === undefined ? {} : expectObject(extension, EXTENSION_ANNOTATION);
  const images = readJson(annotations, CONTAINER_IMAGES_ANNOTATION) ?? [];
  return {
    applications: expectArray(fields['applications'] ?? [], 'applications').map(readApplication),
    env: readStrings(fields['env']),
    images: expectArray(images, CONTAINER_IMAGES_ANNOTATION).map(readImage),
  };
}

function readJson(annotations: Readonly<Record<string, string>> | undefined, name: string): unknown {
  const text = annotations?.[name];
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new KubecrateError('INVALID_MANIFEST', `the annotation ${name} of the base image is not JSON`, { cause });
  }
}

function readApplication(value: unknown): Application {
  const { name, type, files, env, cmds } = expectObject(value, 'applications[]');
  if (typeof name !== 'string')
    throw new KubecrateError('INVALID_MANIFEST', 'an application of the base image has no name');
  return {
    name,
    version: 'v1',
    ...(type === 'helm' || type === 'kube' || type === 'shell' ? { type } : {}),
    ...(Array.isArray(files) ? { files: files.map(String) } : {}),
    ...(env === undefined ? {} : { env: readStrings(env) }),
    ...(Array.isArray(cmds) ? { cmds: cmds.map(String) } : {}),
  };
}

function readImage(value: unknown): ContainerImage {
  const { image, appName, platform } = expectObject(value, `${CONTAINER_IMAGES_ANNOTATION}[]`);
  if (typeof image !== 'string')
    throw new KubecrateError('INVALID_MANIFEST', 'a container image of the base image has no name');
  return {
    image,
    ...(typeof appName === 'string' && appName !== '' ? { appName } : {}),
    ...(typeof platform === 'object' && platform !== null
      ? { platform: readPlatform(expectObject(platform, 'platform')) }
      : {}),
  };
}

function readPlatform({ os, architecture, variant }: Fields): Platform {
  const platform = { os: String(os), architecture: String(architecture) };
  return typeof variant === 'string' && variant !== '' ? { ...platform, variant } : platform;
}

function readStrings(value: unknown): Readonly<Record<string, string>> {
  if (value === undefined || value === null) return {};
  return Object.fromEntries(Object.entries(expectObject(value, 'env')).map(([key, text]) => [key, String(text)]));
}
