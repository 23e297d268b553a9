/** Where Kubernetes' own kinds hold containers and image volumes, and what an object is called. */

import { field, itemsField, joinPath, type Node, textField } from '@kubecrate/documents';
import type { ObjectIdentity } from './discovery.ts';

/** An object of a document, lists taken apart. */
export interface ObjectNode {
  readonly node: Node;
  /** Where it stands in its document: empty, or `items[2]`. */
  readonly path: string;
  readonly identity: ObjectIdentity | undefined;
}

/** The objects of a document: itself, or the items of a `List` (or any other kind that ends so), at any depth. */
export function objectsOf(root: Node): readonly ObjectNode[] {
  const objects: ObjectNode[] = [];
  const open: { node: Node; path: string }[] = [{ node: root, path: '' }];
  // The list grows while it is read.
  for (const { node, path } of open) {
    const items = node.kind === 'list' ? node.items : listItems(node);
    const prefix = node.kind === 'list' ? path : joinPath(path, 'items');
    // An alias can name one list many times over; past the bound the list itself is walked, which is bounded too.
    if (items === undefined || open.length > MAX_OBJECTS) {
      objects.push({ node, path, identity: identityOf(node) });
    } else {
      open.push(...items.map((item, index) => ({ node: item, path: joinPath(prefix, index) })));
    }
  }
  return objects;
}

/** The nodes of an object whose `image` (of a container) or `reference` (of an image volume) Kubernetes itself pulls. */
export interface TypedNodes {
  readonly containers: ReadonlySet<Node>;
  readonly imageVolumes: ReadonlySet<Node>;
}

/** Both are empty for an object that is none of Kubernetes' own workload kinds. */
export function typedNodes(object: Node): TypedNodes {
  const spec = podSpecOf(object);
  const containers = CONTAINER_FIELDS.flatMap((name) => [...itemsField(spec, name)]);
  const volumes = itemsField(spec, 'volumes').flatMap((volume) => field(volume, 'image') ?? []);
  return { containers: new Set(containers), imageVolumes: new Set(volumes) };
}

const CONTAINER_FIELDS = ['containers', 'initContainers', 'ephemeralContainers'];

const MAX_OBJECTS = 100_000;

/** The path to the pod's specification, by kind. */
const POD_SPECS: Readonly<Record<string, readonly string[]>> = {
  Pod: ['spec'],
  PodTemplate: ['template', 'spec'],
  ReplicationController: ['spec', 'template', 'spec'],
  ReplicaSet: ['spec', 'template', 'spec'],
  Deployment: ['spec', 'template', 'spec'],
  StatefulSet: ['spec', 'template', 'spec'],
  DaemonSet: ['spec', 'template', 'spec'],
  Job: ['spec', 'template', 'spec'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
};

const GROUPS = new Set(['', 'apps', 'batch', 'extensions']);

function podSpecOf(object: Node): Node | undefined {
  const apiVersion = textField(object, 'apiVersion') ?? '';
  const slash = apiVersion.indexOf('/');
  if (!GROUPS.has(slash === -1 ? '' : apiVersion.slice(0, slash))) return undefined;
  const steps = POD_SPECS[textField(object, 'kind') ?? ''];
  return steps?.reduce<Node | undefined>((node, step) => field(node, step), object);
}

function listItems(node: Node): readonly Node[] | undefined {
  if (!textField(node, 'kind')?.endsWith('List')) return undefined;
  const items = field(node, 'items');
  return items?.kind === 'list' ? items.items : undefined;
}

function identityOf(node: Node): ObjectIdentity | undefined {
  const kind = textField(node, 'kind');
  if (kind === undefined || field(node, 'apiVersion') === undefined) return undefined;
  const metadata = field(node, 'metadata');
  const name = textField(metadata, 'name', 'generateName') ?? '';
  const namespace = textField(metadata, 'namespace');
  return { kind, name, ...(namespace === undefined ? {} : { namespace }) };
}
