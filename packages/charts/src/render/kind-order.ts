/** The order in which Helm 3.17 installs kinds of objects. */

/** Compares two kinds; those that the list does not have come last, by name. */
export function compareKinds(a: string, b: string): number {
  const first = PLACES.get(a);
  const second = PLACES.get(b);
  if (first === undefined && second === undefined) return a < b ? -1 : a > b ? 1 : 0;
  if (first === undefined) return 1;
  return second === undefined ? -1 : first - second;
}

const INSTALL_ORDER = [
  'PriorityClass',
  'Namespace',
  'NetworkPolicy',
  'ResourceQuota',
  'LimitRange',
  'PodSecurityPolicy',
  'PodDisruptionBudget',
  'ServiceAccount',
  'Secret',
  'SecretList',
  'ConfigMap',
  'StorageClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'CustomResourceDefinition',
  'ClusterRole',
  'ClusterRoleList',
  'ClusterRoleBinding',
  'ClusterRoleBindingList',
  'Role',
  'RoleList',
  'RoleBinding',
  'RoleBindingList',
  'Service',
  'DaemonSet',
  'Pod',
  'ReplicationController',
  'ReplicaSet',
  'Deployment',
  'HorizontalPodAutoscaler',
  'StatefulSet',
  'Job',
  'CronJob',
  'IngressClass',
  'Ingress',
  'APIService',
];

const PLACES: ReadonlyMap<string, number> = new Map(INSTALL_ORDER.map((kind, place) => [kind, place]));
