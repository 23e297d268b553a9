/** The chart that the benchmark of charts renders. */

/** A chart as they are written: labels by `include`, images put together, resources by `toYaml`, loops and conditions. */
export function chartFiles(count: number): Readonly<Record<string, string>> {
  const components = Array.from({ length: count }, (_, i) => `component${i}`);
  return {
    'Chart.yaml': 'apiVersion: v2\nname: bench\nversion: 1.0.0\nappVersion: "2.1"\n',
    'values.yaml': `global: {imageRegistry: registry.example.com}\n${components.map(valuesOf).join('')}`,
    'templates/_helpers.tpl': HELPERS,
    ...Object.fromEntries(components.map((name) => [`templates/${name}.yaml`, templateOf(name)])),
  };
}

function valuesOf(name: string): string {
  return `${name}:
  enabled: true
  replicas: 3
  image: {repository: team/${name}, tag: "1.${name.length}"}
  ports: [{name: http, port: 8080}, {name: metrics, port: 9090}]
  env: {LOG_LEVEL: info, CACHE_SIZE: 512, FEATURES: "a,b,c"}
  resources:
    limits: {cpu: 500m, memory: 512Mi}
    requests: {cpu: 100m, memory: 128Mi}
  nodeSelector: {kubernetes.io/os: linux}
`;
}

const HELPERS = `{{- define "bench.name" -}}
{{- printf "%s-%s" .root.Release.Name .component | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- define "bench.labels" -}}
app.kubernetes.io/name: {{ include "bench.name" . }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}
{{- define "bench.image" -}}
{{- $values := index .root.Values .component -}}
{{- printf "%s/%s:%s" .root.Values.global.imageRegistry $values.image.repository (toString (default "latest" $values.image.tag)) -}}
{{- end -}}
`;

function templateOf(name: string): string {
  return `{{- $component := dict "root" . "component" "${name}" }}
{{- with .Values.${name} }}
{{- if .enabled }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "bench.name" $component }}
  labels: {{- include "bench.labels" $component | nindent 4 }}
  annotations:
    checksum/config: {{ toJson .env | sha256sum }}
spec:
  replicas: {{ .replicas }}
  selector:
    matchLabels: {{- include "bench.labels" $component | nindent 6 }}
  template:
    metadata:
      labels: {{- include "bench.labels" $component | nindent 8 }}
    spec:
      {{- with .nodeSelector }}
      nodeSelector: {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - name: ${name}
          image: {{ include "bench.image" $component | quote }}
          ports:
            {{- range $i, $port := .ports }}
            - name: {{ $port.name }}
              containerPort: {{ $port.port | int }}
            {{- end }}
          env:
            {{- range $key, $value := .env }}
            - name: {{ $key }}
              value: {{ tpl (toString $value) $ | quote }}
            {{- end }}
          resources: {{- toYaml .resources | nindent 12 }}
{{- end }}
{{- end }}
`;
}
