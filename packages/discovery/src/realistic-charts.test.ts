// Charts as they are published: one with a common library, an operator, an umbrella. Every image of theirs is found, and where.

import { describe, expect, test } from 'vitest';
import type { Discovery } from './discovery.ts';
import { discoverFiles } from './testing/discover-files.ts';

const shown = ({ images }: Discovery): readonly string[] =>
  images.map(({ image, confidence }) => `${image} ${confidence}`);

const LIBRARY = {
  'charts/common/Chart.yaml': 'apiVersion: v2\nname: common\nversion: 2.0.0\ntype: library\n',
  'charts/common/templates/_images.tpl': `{{- define "common.images.image" -}}
{{- $registry := default .imageRoot.registry ((.global).imageRegistry) -}}
{{- $separator := ":" -}}
{{- $end := .imageRoot.tag | toString -}}
{{- if .imageRoot.digest }}
  {{- $separator = "@" -}}
  {{- $end = .imageRoot.digest -}}
{{- end -}}
{{- printf "%s/%s%s%s" $registry .imageRoot.repository $separator $end -}}
{{- end -}}
{{- define "common.render" -}}
{{- tpl (typeIs "string" .value | ternary .value (.value | toYaml)) .context -}}
{{- end -}}
`,
};

const DIGEST = `sha256:${'a'.repeat(64)}`;

const DATABASE = {
  ...LIBRARY,
  'Chart.yaml': `apiVersion: v2
name: redis
version: 20.0.0
appVersion: "7.4"
annotations:
  images: |
    - name: sentinel
      image: docker.io/bitnami/redis-sentinel:7.4.1
dependencies: [{name: common, version: 2.x.x, repository: "oci://registry.example.com/charts"}]
`,
  'values.yaml': `global: {imageRegistry: ""}
image: {registry: docker.io, repository: bitnami/redis, tag: 7.4.1, digest: ""}
metrics: {enabled: false, image: {registry: docker.io, repository: bitnami/exporter, tag: "1.66"}}
sysctl: {image: {registry: docker.io, repository: bitnami/os-shell, tag: "12", digest: "${DIGEST}"}}
initContainers:
- name: wait
  image: '{{ include "common.images.image" (dict "imageRoot" .Values.sysctl.image "global" .Values.global) }}'
extra:
- apiVersion: v1
  kind: List
  items:
  - apiVersion: batch/v1
    kind: Job
    metadata: {name: once}
    spec: {template: {spec: {containers: [{name: a, image: "quay.io/team/{{ .Release.Name }}:{{ .Chart.AppVersion }}"}]}}}
`,
  'templates/statefulset.yaml': `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: redis}
spec:
  template:
    spec:
      initContainers: {{- include "common.render" (dict "value" .Values.initContainers "context" $) | nindent 8 }}
      containers:
        - name: redis
          image: {{ include "common.images.image" (dict "imageRoot" .Values.image "global" .Values.global) }}
{{- range .Values.extra }}
---
{{ include "common.render" (dict "value" . "context" $) }}
{{- end }}
`,
};

const OPERATOR = {
  'Chart.yaml': `apiVersion: v2
name: operator
version: 1.0.0
annotations:
  artifacthub.io/images: |
    - name: runner
      image: quay.io/oper/runner:v3
`,
  'values.yaml': `image: {repository: quay.io/oper/operator, tag: v1}
proxy: {registry: quay.io, repository: oper/proxy, tag: v4}
`,
  'crds/cluster.yaml': `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: clusters.example.com}
spec:
  image: {type: string, description: "the image, as nginx:1"}
`,
  'templates/operator.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: operator}
spec:
  template:
    spec:
      containers:
      - name: operator
        image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
        args:
        - --config-reloader-image=quay.io/oper/reloader:v1
        - -kubectl-image
        - docker.io/oper/kubectl:1.30
        env:
        - {name: RELATED_IMAGE_DB, value: "quay.io/oper/db@${DIGEST}"}
        - {name: IMAGE_REPO, value: quay.io/oper}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: injection}
data:
  template: |
    containers:
    - name: proxy
      image: {{ .Values.proxy.registry }}/{{ .Values.proxy.repository }}:{{ .Values.proxy.tag }}
  config.json: '{"sidecar": {"image": "quay.io/oper/sidecar:v5"}}'
---
apiVersion: example.com/v1
kind: Cluster
metadata: {name: db}
spec:
  imageName: ghcr.io/oper/postgres:16.4
  monitoring: {image: {repository: quay.io/oper/monitor, tag: v2}}
  images: {query: "docker.io/oper/query:2"}
`,
};

function at(directory: string, files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [`${directory}/${name}`, text]));
}

describe('charts as they are published', () => {
  test('one with a common library: composed names, digests, tpl, jobs in lists, annotations', async () => {
    const result = await discoverFiles(at('charts/redis', DATABASE));
    expect(shown(result)).toEqual([
      'docker.io/bitnami/exporter:1.66 possible',
      `docker.io/bitnami/os-shell:12@${DIGEST} possible`,
      `docker.io/bitnami/os-shell@${DIGEST} certain`,
      'docker.io/bitnami/redis-sentinel:7.4.1 likely',
      'docker.io/bitnami/redis:7.4.1 certain',
      'quay.io/team/release-name:7.4 certain',
    ]);
    expect(result.images[5]?.found).toEqual([
      {
        file: 'charts/redis/templates/statefulset.yaml',
        line: 24,
        document: 1,
        rule: 'container',
        confidence: 'certain',
        object: { kind: 'Job', name: 'once' },
        path: 'items[0].spec.template.spec.containers[0].image',
        chart: { name: 'redis', version: '20.0.0' },
      },
    ]);
  });

  test('a registry for all images is seen, and what is switched on', async () => {
    const text = 'global: {imageRegistry: mirror.example.com}\n';
    const result = await discoverFiles({ ...at('charts/redis', DATABASE), 'charts/redis.values.yaml': text });
    expect(shown(result)).toContain('mirror.example.com/bitnami/redis:7.4.1 certain');
    expect(shown(result)).toContain('docker.io/bitnami/redis:7.4.1 possible');
  });

  test('an operator: arguments, environment, configuration, custom resources, and nothing of schemas', async () => {
    expect(shown(await discoverFiles(at('charts/operator', OPERATOR)))).toEqual([
      'docker.io/oper/kubectl:1.30 likely',
      'docker.io/oper/query:2 likely',
      'ghcr.io/oper/postgres:16.4 likely',
      `quay.io/oper/db@${DIGEST} likely`,
      'quay.io/oper/monitor:v2 likely',
      'quay.io/oper/operator:v1 certain',
      'quay.io/oper/proxy:v4 likely',
      'quay.io/oper/reloader:v1 likely',
      'quay.io/oper/runner:v3 likely',
      'quay.io/oper/sidecar:v5 likely',
    ]);
  });

  test('an umbrella: charts that are on, with what their publishers say; none of a chart that is off', async () => {
    const umbrella = (enabled: boolean): Record<string, string> => ({
      'charts/all/Chart.yaml':
        'apiVersion: v2\nname: all\nversion: 1.0.0\ndependencies:\n- {name: operator, version: 1.0.0, condition: operator.enabled}\n',
      'charts/all/values.yaml': `operator: {enabled: ${enabled}}\n`,
      ...at('charts/all/charts/operator', OPERATOR),
    });
    const on = await discoverFiles(umbrella(true));
    expect(shown(on)).toContain('quay.io/oper/runner:v3 likely');
    expect(on.images.find(({ image }) => image === 'quay.io/oper/runner:v3')?.found).toMatchObject([
      { file: 'charts/all/charts/operator/Chart.yaml', path: 'annotations["artifacthub.io/images"]' },
    ]);
    expect(on.images.find(({ image }) => image === 'quay.io/oper/operator:v1')?.found).toMatchObject([
      { file: 'charts/all/charts/operator/templates/operator.yaml', line: 9 },
      { file: 'charts/all/values.yaml', path: 'operator.image.repository' },
    ]);
    const off = shown(await discoverFiles(umbrella(false)));
    expect(off.filter((line) => !line.endsWith(' possible'))).toEqual([]);
  });

  test('the list of the tree has the last word', async () => {
    const list = '!docker.io/bitnami/redis-sentinel:7.4.1\ndocker.io/bitnami/exporter:1.66\nextra:1\n';
    const result = await discoverFiles({ ...at('charts/redis', DATABASE), 'manifests/imageList': list });
    expect(shown(result)).toContain('docker.io/bitnami/exporter:1.66 certain');
    expect(shown(result)).toContain('docker.io/library/extra:1 certain');
    expect(shown(result).some((line) => line.includes('sentinel'))).toBe(false);
    expect(result.leftOut).toMatchObject([{ image: 'docker.io/bitnami/redis-sentinel:7.4.1', by: { line: 1 } }]);
  });
});
