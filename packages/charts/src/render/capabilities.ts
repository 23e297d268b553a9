/** `.Capabilities`: the version of Kubernetes and the API versions that a chart is rendered for. */

import { KubecrateError } from '@kubecrate/errors';
import {
  formatVersion,
  GoError,
  type GoMethod,
  type GoType,
  type GoValue,
  parseVersion,
  Typed,
} from '@kubecrate/gotemplate';
import { encodeFields, type JsonField } from '../json/json-struct.ts';

/** The version of Helm whose behaviour is followed; templates see it as `.Capabilities.HelmVersion`. */
const HELM_VERSION = 'v3.17.2';

/** The Kubernetes that Helm 3.17 renders for when nothing else is said. */
export const DEFAULT_KUBE_VERSION = 'v1.32.0';

export interface CapabilityOptions {
  /** As `--kube-version`: `1.31`, `v1.31.2`. */
  readonly kubeVersion?: string;
  /** As `--api-versions`: added to those that Helm knows. */
  readonly apiVersions?: readonly string[];
}

export interface KubeVersion {
  /** With a `v` in front. */
  readonly version: string;
  readonly major: string;
  readonly minor: string;
}

/** The version to render for; an empty text says nothing. Throws `USAGE` with Helm's message. */
export function parseKubeVersion(text: string): KubeVersion {
  try {
    const version = parseVersion(text || DEFAULT_KUBE_VERSION);
    return { version: `v${formatVersion(version)}`, major: `${version.major}`, minor: `${version.minor}` };
  } catch (error) {
    if (!(error instanceof GoError)) throw error;
    throw new KubecrateError('USAGE', `invalid kube version '${text}': ${error.message}`, {
      hint: 'give a version such as 1.32.0',
      cause: error,
    });
  }
}

/** The object that templates see. */
export function capabilitiesObject(kubeVersion: KubeVersion, apiVersions: readonly string[]): Typed {
  const known = [...DEFAULT_API_VERSIONS, ...apiVersions];
  return new Typed(
    CAPABILITIES,
    new Map<string, GoValue>([
      ['KubeVersion', kubeVersionObject(kubeVersion)],
      ['APIVersions', new Typed(VERSION_SET, known)],
      ['HelmVersion', HELM_BUILD],
    ]),
  );
}

function kubeVersionObject({ version, major, minor }: KubeVersion): Typed {
  return new Typed(
    KUBE_VERSION,
    new Map<string, GoValue>([
      ['Version', version],
      ['Major', major],
      ['Minor', minor],
    ]),
  );
}

/** The groups that Helm's client of Kubernetes 1.32 knows, in its order, which a template that prints them shows. */
const DEFAULT_API_VERSIONS: readonly string[] = [
  'v1',
  'admissionregistration.k8s.io/v1',
  'admissionregistration.k8s.io/v1alpha1',
  'admissionregistration.k8s.io/v1beta1',
  'internal.apiserver.k8s.io/v1alpha1',
  'apps/v1',
  'apps/v1beta1',
  'apps/v1beta2',
  'authentication.k8s.io/v1',
  'authentication.k8s.io/v1alpha1',
  'authentication.k8s.io/v1beta1',
  'authorization.k8s.io/v1',
  'authorization.k8s.io/v1beta1',
  'autoscaling/v1',
  'autoscaling/v2',
  'autoscaling/v2beta1',
  'autoscaling/v2beta2',
  'batch/v1',
  'batch/v1beta1',
  'certificates.k8s.io/v1',
  'certificates.k8s.io/v1beta1',
  'certificates.k8s.io/v1alpha1',
  'coordination.k8s.io/v1alpha2',
  'coordination.k8s.io/v1beta1',
  'coordination.k8s.io/v1',
  'discovery.k8s.io/v1',
  'discovery.k8s.io/v1beta1',
  'events.k8s.io/v1',
  'events.k8s.io/v1beta1',
  'extensions/v1beta1',
  'flowcontrol.apiserver.k8s.io/v1',
  'flowcontrol.apiserver.k8s.io/v1beta1',
  'flowcontrol.apiserver.k8s.io/v1beta2',
  'flowcontrol.apiserver.k8s.io/v1beta3',
  'networking.k8s.io/v1',
  'networking.k8s.io/v1alpha1',
  'networking.k8s.io/v1beta1',
  'node.k8s.io/v1',
  'node.k8s.io/v1alpha1',
  'node.k8s.io/v1beta1',
  'policy/v1',
  'policy/v1beta1',
  'rbac.authorization.k8s.io/v1',
  'rbac.authorization.k8s.io/v1beta1',
  'rbac.authorization.k8s.io/v1alpha1',
  'resource.k8s.io/v1beta1',
  'resource.k8s.io/v1alpha3',
  'scheduling.k8s.io/v1alpha1',
  'scheduling.k8s.io/v1beta1',
  'scheduling.k8s.io/v1',
  'storage.k8s.io/v1beta1',
  'storage.k8s.io/v1',
  'storage.k8s.io/v1alpha1',
  'storagemigration.k8s.io/v1alpha1',
  'apiextensions.k8s.io/v1beta1',
  'apiextensions.k8s.io/v1',
];

const VERSION_SET: GoType = {
  name: 'chartutil.VersionSet',
  kind: 'slice',
  elem: 'string',
  methods: new Map<string, GoMethod>([
    [
      'Has',
      { params: ['string'], run: (self, [wanted]) => Array.isArray(self.value) && self.value.includes(wanted ?? '') },
    ],
  ]),
};

const KUBE_VERSION: GoType = {
  name: 'chartutil.KubeVersion',
  kind: 'struct',
  pointerText: versionOf,
  methods: new Map<string, GoMethod>([
    ['String', { params: [], run: versionOf }],
    ['GitVersion', { params: [], run: versionOf }],
  ]),
  encoded: encodeFields(sameNames(['Version', 'Major', 'Minor'])),
};

const BUILD_INFO: GoType = {
  name: 'version.BuildInfo',
  kind: 'struct',
  encoded: encodeFields([
    { field: 'Version', name: 'version', empty: 'omitted' },
    { field: 'GitCommit', name: 'git_commit', empty: 'omitted' },
    { field: 'GitTreeState', name: 'git_tree_state', empty: 'omitted' },
    { field: 'GoVersion', name: 'go_version', empty: 'omitted' },
  ]),
};

const CAPABILITIES: GoType = {
  name: '*chartutil.Capabilities',
  kind: 'ptr',
  methods: new Map<string, GoMethod>([['Copy', { params: [], run: (self) => self }]]),
  encoded: encodeFields(sameNames(['KubeVersion', 'APIVersions', 'HelmVersion'])),
};

const HELM_BUILD: Typed = new Typed(
  BUILD_INFO,
  new Map<string, GoValue>([
    ['Version', HELM_VERSION],
    ['GitCommit', 'cc0bbbd6d6276b83880042c1ecb34087e84d41eb'],
    ['GitTreeState', 'clean'],
    ['GoVersion', 'go1.23.7'],
  ]),
);

function versionOf(self: Typed): string {
  return self.value instanceof Map ? String(self.value.get('Version')) : '';
}

function sameNames(fields: readonly string[]): JsonField[] {
  return fields.map((field) => ({ field, name: field, empty: 'kept' }));
}
