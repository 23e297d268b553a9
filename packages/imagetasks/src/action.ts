/** Actions with everything rendered and checked: what a task does, and what the same flags of the command line say. */

import type { Platform, Reference } from '@kubecrate/oci';
import type { RE2JS } from 're2js';

/** How a registry is reached. */
export interface RegistryAccess {
  /** `docker.io`, `hub.example.com:5000`; with a path behind it, for the repositories below that path. */
  readonly registry: string;
  readonly login?: { readonly username: string; readonly password: string };
  /** `verified` TLS, TLS without checking the certificate, or plain http. */
  readonly security: 'verified' | 'unverified' | 'plain-http';
  /** Files of the authority that signed the registry's certificate, and of the certificate shown to it. */
  readonly authorityFile?: string;
  readonly certificateFile?: string;
  readonly keyFile?: string;
}

/** Which platforms are moved: all of them where `platforms` is absent. */
export interface PlatformChoice {
  readonly platforms?: readonly Platform[];
  /** What an image is that lacks one of them: an error, or a warning and that platform less. */
  readonly policy: 'strict' | 'warn';
}

/** From registries into a directory. */
export interface PullAction extends PlatformChoice {
  readonly kind: 'pull';
  readonly directory: string;
  readonly images: readonly Reference[];
  /** Only images in whose name it is found. */
  readonly pattern?: RE2JS;
  /** Where an image is fetched from, if not by its own name. @throws KubecrateError INVALID_TEMPLATE, INVALID_REFERENCE */
  readonly sourceOf?: (image: Reference) => Reference;
  readonly access: readonly RegistryAccess[];
  /** For registries without an entry of `access`. */
  readonly security: RegistryAccess['security'];
}

/** From a directory to registries. */
export interface PushAction extends PlatformChoice {
  readonly kind: 'push';
  readonly directory: string;
  /** Every image of the directory where it is absent. */
  readonly images?: readonly Reference[];
  /** Found, unanchored, in `registry/repository:reference`; every image where it is absent. */
  readonly pattern?: RE2JS;
  /** The reference that an image gets. @throws KubecrateError INVALID_TEMPLATE, INVALID_REFERENCE */
  readonly destinationOf: (image: Reference) => Reference;
  readonly access: readonly RegistryAccess[];
  readonly login?: { readonly username: string; readonly password: string };
  readonly security: RegistryAccess['security'];
}

/** From a directory into another one, names unchanged. */
export interface CopyAction extends PlatformChoice {
  readonly kind: 'copy';
  readonly from: string;
  readonly to: string;
  /** Every image of the directory where it is absent. */
  readonly images?: readonly Reference[];
  readonly pattern?: RE2JS;
}

/** From registries to registries. */
export interface TransferAction extends PlatformChoice {
  readonly kind: 'transfer';
  readonly images: readonly Reference[];
  readonly pattern?: RE2JS;
  /** Both as {@link PullAction.sourceOf} and {@link PushAction.destinationOf}. */
  readonly sourceOf: (image: Reference) => Reference;
  readonly destinationOf: (image: Reference) => Reference;
  readonly access: readonly RegistryAccess[];
  readonly security: RegistryAccess['security'];
}

export type Action = PullAction | PushAction | CopyAction | TransferAction;
