import { type GoMap, seededRandom, toGo } from '@kubecrate/gotemplate';
import { describe, expect, it } from 'vitest';
import { chartFromFiles } from '../chart/load-chart.ts';
import { type RenderedChart, type RenderOptions, renderChart, renderFiles } from './render-chart.ts';
import { ChartRenderError } from './render-error.ts';
import { templateOutput } from './template-output.ts';

type Files = Readonly<Record<string, string>>;

const CHART_YAML = 'apiVersion: v2\nname: top\nversion: 1.2.3\nappVersion: "4.5"\ntype: application\n';

async function render(files: Files, user: unknown = {}, options: Partial<RenderOptions> = {}): Promise<RenderedChart> {
  const chart = await chartFromFiles({ 'Chart.yaml': CHART_YAML, ...files });
  return renderChart(chart, toGo(user) as GoMap, { random: seededRandom('test'), now: () => new Date(0), ...options });
}

/** What one template prints. */
async function print(template: string, files: Files = {}, options: Partial<RenderOptions> = {}): Promise<string> {
  const chart = await chartFromFiles({ 'Chart.yaml': CHART_YAML, 'templates/t.yaml': template, ...files });
  const rendered = await renderFiles(chart, new Map(), {
    random: seededRandom('test'),
    now: () => new Date(0),
    ...options,
  });
  return rendered.files.get('top/templates/t.yaml') ?? '';
}

async function failure(run: Promise<unknown>): Promise<ChartRenderError> {
  const error = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ChartRenderError) return error;
  throw error ?? new Error('it rendered');
}

describe('the objects of a template', () => {
  it.each<readonly [string, string]>([
    [
      '{{ .Release.Name }} {{ .Release.Namespace }} {{ .Release.Service }} {{ .Release.Revision }}',
      'release-name default Helm 1',
    ],
    ['{{ .Release.IsInstall }} {{ .Release.IsUpgrade }}', 'true false'],
    [
      '{{ .Chart.Name }} {{ .Chart.Version }} {{ .Chart.AppVersion }} {{ .Chart.Type }} {{ .Chart.IsRoot }}',
      'top 1.2.3 4.5 application true',
    ],
    [
      '{{ toYaml .Chart }}',
      'IsRoot: true\napiVersion: v2\nappVersion: "4.5"\nname: top\ntype: application\nversion: 1.2.3',
    ],
    ['{{ .Chart.Annotations.none }}|{{ .Chart.Keywords }}|{{ if .Chart.Maintainers }}x{{ end }}', '|[]|'],
    ['{{ .Template.Name }} {{ .Template.BasePath }}', 'top/templates/t.yaml top/templates'],
    [
      '{{ .Capabilities.KubeVersion }} {{ .Capabilities.KubeVersion.GitVersion }} {{ .Capabilities.KubeVersion.Major }}.{{ .Capabilities.KubeVersion.Minor }}',
      'v1.32.0 v1.32.0 1.32',
    ],
    ['{{ .Capabilities.HelmVersion.Version }}', 'v3.17.2'],
    [
      '{{ .Capabilities.APIVersions.Has "apps/v1" }} {{ .Capabilities.APIVersions.Has "policy/v1beta1" }} {{ .Capabilities.APIVersions.Has "monitoring.coreos.com/v1" }}',
      'true true false',
    ],
    ['{{ typeOf .Values }} {{ kindOf .Chart }} {{ typeOf .Files }}', 'chartutil.Values struct engine.files'],
    ['{{ (.Values.PathValue "a.b") }} {{ (.Values.Table "a").b }}', '1 1'],
    ['{{ .Values.YAML }}', 'a:\n  b: 1\n'],
    ['{{ typeOf $ }} {{ $.AsMap | kindOf }}', 'chartutil.Values map'],
    [
      '{{ quote .Chart }} {{ .Chart.Metadata.Name }}',
      '"{{top  [] 1.2.3  [] []  v2   4.5 false map[]  [] application} true}" top',
    ],
    ['{{ toJson .Chart.Keywords }} {{ toJson .Chart.Annotations }} {{ toYaml .Chart.Dependencies }}', 'null null null'],
    ['{{ quote .Capabilities.KubeVersion }} {{ .Capabilities.KubeVersion }}', '"{v1.32.0 1 32}" v1.32.0'],
    ['{{ with .Capabilities.KubeVersion }}{{ . }}{{ end }}', 'v1.32.0'],
  ])('%s', async (template, expected) => {
    expect(await print(template, { 'values.yaml': 'a: {b: 1}\n' })).toBe(expected);
  });

  it('say what the user chose', async () => {
    const options = {
      releaseName: 'r',
      namespace: 'ns',
      operation: 'upgrade',
      kubeVersion: '1.29',
      apiVersions: ['x/v1'],
    } as const;
    const template =
      '{{ .Release.Name }} {{ .Release.Namespace }} {{ .Release.IsUpgrade }} {{ .Capabilities.KubeVersion }} {{ .Capabilities.APIVersions.Has "x/v1" }}';
    expect(await print(template, {}, options)).toBe('r ns true v1.29.0 true');
    await expect(print('', {}, { kubeVersion: 'new' })).rejects.toMatchObject({
      code: 'USAGE',
      message: "invalid kube version 'new': Invalid Semantic Version",
    });
    const minor = '{{ .Capabilities.KubeVersion }} {{ .Capabilities.KubeVersion.Minor }}';
    expect(await print(minor, {}, { kubeVersion: '1.02-a+b' })).toBe('v1.2.0-a+b 2');
    expect(await print(minor, {}, { kubeVersion: '' })).toBe('v1.32.0 32');
  });
});

describe('.Files', () => {
  const files = {
    'cfg/a.txt': 'one\ntwo\n',
    'cfg/b.txt': 'B',
    'cfg/deep/c.yaml': 'c: 1',
    'empty.txt': '',
    'values.yaml': '',
  };

  it.each<readonly [string, string]>([
    ['{{ .Files.Get "cfg/a.txt" }}|{{ .Files.Get "none" }}', 'one\ntwo\n|'],
    ['{{ .Files.GetBytes "cfg/b.txt" }}', '[66]'],
    ['{{ range .Files.Lines "cfg/a.txt" }}<{{ . }}>{{ end }}{{ .Files.Lines "none.txt" }}', '<one><two>[]'],
    ['{{ range $path, $_ := .Files.Glob "cfg/*" }}{{ $path }} {{ end }}', 'cfg/a.txt cfg/b.txt '],
    ['{{ range $path, $_ := .Files.Glob "cfg/**" }}{{ $path }} {{ end }}', 'cfg/a.txt cfg/b.txt cfg/deep/c.yaml '],
    ['{{ range $path, $_ := .Files.Glob "**.{yaml,yml}" }}{{ $path }} {{ end }}', 'cfg/deep/c.yaml '],
    ['{{ range $path, $_ := .Files.Glob "cfg/[!a].t?t" }}{{ $path }} {{ end }}', 'cfg/b.txt '],
    ['{{ (.Files.Glob "cfg/*").AsConfig }}', 'a.txt: |\n  one\n  two\nb.txt: B'],
    ['{{ (.Files.Glob "cfg/*").AsSecrets }}', 'a.txt: b25lCnR3bwo=\nb.txt: Qg=='],
    ['{{ (.Files.Glob "none/*").AsConfig }}', '{}'],
    ['{{ .Files.Get "values.yaml" }}{{ .Files.Get "Chart.yaml" }}{{ .Files.Get "templates/t.yaml" }}', ''],
  ])('%s', async (template, expected) => {
    expect(await print(template, files)).toBe(expected);
  });
});

describe('Helm’s functions', () => {
  it.each<readonly [string, string]>([
    ['{{ include "h" "x" | upper }}', '<X>'],
    ['{{ tpl "{{ .Values.a }}-{{ include \\"h\\" 1 }}" . }}', '{1}-<1>'.replace('{1}', 'map[b:1]')],
    ['{{ tpl "{{ define \\"q\\" }}Q{{ . }}{{ end }}{{ include \\"q\\" 1 }}{{ template \\"q\\" 2 }}" . }}', 'Q1Q2'],
    ['{{ tpl "{{ tpl \\"\\" . }}x{{ tpl \\"{{ . }}\\" 1 }}" . }}', 'x1'],
    ['{{ tpl "{{ .Values.none }}" . }}', ''],
    ['{{ required "need" .Values.a.b }}{{ required "need" false }}', '1false'],
    ['{{ lookup "v1" "Secret" "ns" "n" }}{{ (lookup "v1" "Secret" "ns" "n").data }}', 'map[]'],
    ['{{ getHostByName "localhost" }}', ''],
    ['{{ toYaml (dict "a" (list 1 "x" nil)) }}', 'a:\n- 1\n- x\n- null'],
    ['{{ toYamlPretty (dict "a" (list 1 "x")) }}', 'a:\n  - 1\n  - x'],
    ['{{ mustToYaml 1 }} {{ toYaml (float64 "1e300") }}', '1 1e+300'],
    ['{{ (fromYaml "a: [x, 1]").a }} {{ fromYamlArray "- 1\\n- b" }}', '[x 1] [1 b]'],
    [
      '{{ (fromYaml "- a").Error }}',
      'error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}',
    ],
    [
      '{{ fromYamlArray "a: b: c" }}',
      '[error converting YAML to JSON: yaml: mapping values are not allowed in this context]',
    ],
    ['{{ toJson (dict "a" "<b>&" "c" 1.5) }}', '{"a":"\\u003cb\\u003e\\u0026","c":1.5}'],
    ['{{ mustToJson (list 1 nil) }} {{ (fromJson "{\\"a\\":[1]}").a }}', '[1,null] [1]'],
    ['{{ (fromJson "[1]").Error }}', 'json: cannot unmarshal array into Go value of type map[string]interface {}'],
    [
      '{{ (fromJson "{").Error }} {{ fromJsonArray "x" }}',
      "unexpected end of JSON input [invalid character 'x' looking for beginning of value]",
    ],
    [
      '{{ toToml (dict "b" 1 "a" (dict "c" "x\\"y" "d" (list 1.0 2)) "e" (list (dict "f" true))) }}',
      'b = 1\n\n[a]\n  c = "x\\"y"\n  d = [1.0, 2]\n\n[[e]]\n  f = true\n',
    ],
    [
      '{{ toToml 1 }} {{ toToml (list 1.0 "a") }} {{ toToml (list (dict "a" 1)) }}',
      '1 [1.0, "a"] toml: top-level values must be Go maps or structs',
    ],
    ['{{ toJson (fromJsonArray "null") }}', 'null'],
    ['{{ (fromToml "a = 1\\n[b]\\nc = 1.5").b.c }} {{ kindOf (fromToml "a = 1").a }}', '1.5 int64'],
    ['{{ hasKey (fromToml "a =") "Error" }}', 'true'],
    ['{{ toToml (dict "a" (list (list nil))) }}', 'toml: cannot encode array with nil element'],
    [
      '{{ toJson .Chart.Maintainers }}{{ toJson .Capabilities.KubeVersion }}',
      'null{"Version":"v1.32.0","Major":"1","Minor":"32"}',
    ],
    ['{{ .Values.none }}{{ printf "%v" .Values.none }}', '%!v(<nil>)'.replace('%!v(<nil>)', '<nil>')],
  ])('%s', async (template, expected) => {
    const files = { 'values.yaml': 'a: {b: 1}\n', 'templates/_h.tpl': '{{ define "h" }}<{{ . }}>{{ end }}' };
    expect(await print(template, files)).toBe(expected);
  });

  it('do not reach the environment', async () => {
    expect((await failure(print('{{ env "PATH" }}'))).helmMessage).toBe(
      'parse error at (top/templates/t.yaml:1): function "env" not defined',
    );
  });

  it('give the same keys and passwords for the same seed', async () => {
    const template = '{{ randAlphaNum 20 }}{{ uuidv4 }}';
    expect(await print(template)).toBe(await print(template));
    expect(await print(template)).not.toBe(await print(template, {}, { random: seededRandom('other') }));
  });
});

describe('templates of several charts', () => {
  const files: Files = {
    'Chart.yaml': `${CHART_YAML}dependencies:\n- {name: sub, version: "*"}\n- {name: lib, version: "*"}\n`,
    'values.yaml': 'sub: {x: from parent}\nglobal: {g: 1}\n',
    'templates/a.yaml': 'k: {{ include "name" . }}\ns: {{ .Subcharts.sub.Values.x }}\n',
    'templates/_a.tpl': '{{ define "name" }}top{{ end }}',
    'charts/sub/Chart.yaml': 'apiVersion: v2\nname: sub\nversion: 0.1.0\n',
    'charts/sub/values.yaml': 'x: own\n',
    'charts/sub/templates/b.yaml':
      'k: {{ include "name" . }}\nx: {{ .Values.x }}\ng: {{ .Values.global.g }}\nroot: {{ .Chart.IsRoot }}\n',
    'charts/sub/templates/_b.tpl': '{{ define "name" }}sub{{ end }}',
    'charts/lib/Chart.yaml': 'apiVersion: v2\nname: lib\nversion: 0.1.0\ntype: library\n',
    'charts/lib/templates/_l.tpl': '{{ define "lib.x" }}lib{{ end }}',
    'charts/lib/templates/not-rendered.yaml': 'x: {{ fail "a library is not rendered" }}',
  };

  it('share their definitions, of which that of the outermost chart wins', async () => {
    const { files: rendered } = await render(files);
    expect([...rendered]).toEqual([
      ['top/charts/sub/templates/b.yaml', 'k: top\nx: from parent\ng: 1\nroot: false\n'],
      ['top/templates/a.yaml', 'k: top\ns: from parent\n'],
    ]);
  });

  it('see what a template sets in their values', async () => {
    const { files: rendered } = await render({
      ...files,
      'charts/sub/templates/b.yaml': '{{ $_ := set .Values "x" "changed" }}a: {{ .Values.x }}',
    });
    expect(rendered.get('top/templates/a.yaml')).toBe('k: top\ns: changed\n');
  });
});

describe('errors', () => {
  it.each<readonly [string, string]>([
    ['{{ fail "no\\nway" }}', 'execution error at (top/templates/t.yaml:1:3): no\nway'],
    ['\n  {{ required "need it" .Values.x }}', 'execution error at (top/templates/t.yaml:2:5): need it'],
    ['{{ required "up to 100% of %s" .Values.x }}', 'execution error at (top/templates/t.yaml:1:3): up to 100% of %s'],
    ['{{ include "h" . }}', 'execution error at (top/templates/t.yaml:1:3): deep'],
    [
      '{{ .Values.a.b.c }}',
      'template: top/templates/t.yaml:1:10: executing "top/templates/t.yaml" at <.Values.a.b.c>: nil pointer evaluating interface {}.b',
    ],
    [
      '{{ include "none" . }}',
      'template: top/templates/t.yaml:1:3: executing "top/templates/t.yaml" at <include "none" .>: error calling include: template: no template "none" associated with template "gotpl"',
    ],
    [
      '{{ tpl "{{ .a.b.c }}" (dict) }}',
      'template: top/templates/t.yaml:1:3: executing "top/templates/t.yaml" at <tpl "{{ .a.b.c }}" (dict)>: error calling tpl: error during tpl function execution for "{{ .a.b.c }}": template: gotpl:1:5: executing "gotpl" at <.a.b.c>: nil pointer evaluating interface {}.b',
    ],
    [
      '{{ tpl "{{ if }}" . }}',
      'template: top/templates/t.yaml:1:3: executing "top/templates/t.yaml" at <tpl "{{ if }}" .>: error calling tpl: cannot parse template "{{ if }}": template: gotpl:1: missing value for if',
    ],
    [
      '{{ range 3 }}{{ end }}',
      `template: top/templates/t.yaml:1:9: executing "top/templates/t.yaml" at <3>: range can't iterate over 3`,
    ],
    [
      '{{ .Files.Lines "empty.txt" }}',
      'template: top/templates/t.yaml:1:9: executing "top/templates/t.yaml" at <.Files.Lines>: error calling Lines: runtime error: index out of range [-1]',
    ],
    ['{{ if }}', 'parse error at (top/templates/t.yaml:1): missing value for if'],
    ['x\n{{ nope }}', 'parse error at (top/templates/t.yaml:2): function "nope" not defined'],
    [
      '{{ toToml nil }}',
      'template: top/templates/t.yaml:1:3: executing "top/templates/t.yaml" at <toToml nil>: error calling toToml: reflect: call of reflect.Value.Type on zero Value',
    ],
    [
      '{{ mustToJson (float64 "inf") }}',
      'template: top/templates/t.yaml:1:3: executing "top/templates/t.yaml" at <mustToJson (float64 "inf")>: error calling mustToJson: json: unsupported value: +Inf',
    ],
  ])('%j has Helm’s message', async (template, expected) => {
    const error = await failure(
      print(template, { 'empty.txt': '', 'templates/_h.tpl': '{{ define "h" }}\n{{ fail "deep" }}{{ end }}' }),
    );
    expect(error.helmMessage).toBe(expected);
    expect(error).toMatchObject({ code: 'INVALID_TEMPLATE', chart: 'top', failure: { file: 'top/templates/t.yaml' } });
    // Helm leaves the action out where `fail` and `required` speak; a person looks for it.
    const action = expected.startsWith('execution error') ? `, at <${error.failure?.action}>` : '';
    expect(error.message).toBe(`cannot render chart "top": ${expected}${action}`);
  });

  it('say where, down to the action', async () => {
    const error = await failure(print('a\n b: {{ .Values.x | required "x!" }}'));
    expect(error.failure).toMatchObject({ line: 2, column: 19, action: 'required "x!"' });
  });

  it('of rendered text that is no YAML name the file', async () => {
    expect((await failure(render({ 'templates/t.yaml': 'a: b: c' }))).helmMessage).toBe(
      'YAML parse error on top/templates/t.yaml: error converting YAML to JSON: yaml: mapping values are not allowed in this context',
    );
    expect((await failure(render({ 'templates/t.yaml': 'a: -.inf' }))).helmMessage).toBe(
      'YAML parse error on top/templates/t.yaml: error converting YAML to JSON: json: unsupported value: -Inf',
    );
    expect((await render({ 'templates/t.yaml': 'kind: .inf' })).manifests).toHaveLength(1);
    expect((await failure(render({ 'templates/t.yaml': '- a' }))).helmMessage).toContain(
      'YAML parse error on top/templates/t.yaml: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type releaseutil.SimpleHead',
    );
  });

  it.each([
    ['metadata: {annotations: {a: [1]}}', 'array into Go struct field .metadata.annotations of type string'],
    ['metadata: {name: {a: 1}}', 'object into Go struct field .metadata.name of type string'],
    ['kind: [a]\nmetadata: x', 'array into Go struct field SimpleHead.kind of type string'],
    [
      'metadata: x',
      'string into Go struct field SimpleHead.metadata of type struct { Name string "json:\\"name\\""; Annotations map[string]string "json:\\"annotations\\"" }',
    ],
  ])('of an object that is none name the field: %j', async (template, expected) => {
    expect((await failure(render({ 'templates/t.yaml': template }))).helmMessage).toBe(
      `YAML parse error on top/templates/t.yaml: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${expected}`,
    );
  });

  it('tell of a cluster that is too old, of a library, and of what is missing', async () => {
    const old = render({ 'Chart.yaml': `${CHART_YAML}kubeVersion: ">=1.33.0-0"\n` });
    expect((await failure(old)).helmMessage).toBe(
      'chart requires kubeVersion: >=1.33.0-0 which is incompatible with Kubernetes v1.32.0',
    );
    await expect(render({ 'Chart.yaml': 'name: l\nversion: 1.0.0\ntype: library\n' })).rejects.toThrow(
      'library charts are not installable',
    );
    const missing = {
      'Chart.yaml': `${CHART_YAML}dependencies: [{name: a, version: ^1, repository: "https://x"}, {name: b, version: 2.x}]\n`,
    };
    await expect(render(missing)).rejects.toMatchObject({
      code: 'INVALID_CHART',
      message: 'chart "top": found in Chart.yaml, but missing in charts/ directory: a, b',
      hint: expect.stringContaining('a ^1 from https://x; b 2.x from no repository'),
    });
  });

  it('of the schema come before the templates', async () => {
    const files = { 'values.schema.json': '{"required":["x"]}', 'templates/t.yaml': '{{ fail "too late" }}' };
    expect((await failure(render(files))).helmMessage).toContain('top:\n- (root): x is required');
    await expect(render(files, {}, { schemas: 'ignored' })).rejects.toThrow('too late');
  });
});

describe('a template without end', () => {
  it.each<readonly [string, string]>([
    ['that includes itself', '{{ define "r" }}{{ include "r" . }}{{ end }}{{ include "r" . }}'],
    ['that is its own template', '{{ define "r" }}{{ template "r" . }}{{ end }}{{ template "r" . }}'],
    ['that is text of itself', '{{ $t := "{{ tpl .t . }}" }}{{ tpl $t (dict "t" $t) }}'],
    ['that loops', '{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}'],
    ['that grows', '{{ $x := "x" }}{{ range until 64 }}{{ $x = printf "%s%s" $x $x }}{{ end }}{{ $x }}'],
    ['whose values hold themselves', '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ mustToYaml $d }}'],
    ['whose values unfold', '{{ $d := list 1 }}{{ range until 64 }}{{ $d = list $d $d }}{{ end }}{{ toYaml $d }}'],
  ])('%s fails', async (_, template) => {
    const error = await failure(
      print(template, {}, { limits: { milliseconds: 5000, outputBytes: 1_000_000, iterations: 200_000 } }),
    );
    expect(['LIMIT_EXCEEDED', 'INVALID_TEMPLATE']).toContain(error.code);
    expect(error.message).toContain('cannot render chart "top"');
  });
});

describe('the order of objects', () => {
  const files: Files = {
    'templates/z.yaml':
      'kind: ServiceAccount\nmetadata: {name: z}\n---\nkind: Custom\nmetadata: {name: c}\n---\n# only a note\n',
    'templates/a.yaml': 'kind: Deployment\nmetadata: {name: a}\n---\nkind: Service\nmetadata: {name: a}\n',
    'templates/h.yaml':
      'kind: Job\nmetadata: {name: after, annotations: {helm.sh/hook: "post-install, Post-Upgrade", helm.sh/hook-weight: "-5"}}\n---\nkind: ConfigMap\nmetadata: {name: before, annotations: {helm.sh/hook: pre-install}}\n',
    'templates/tests/t.yaml': 'kind: Pod\nmetadata: {name: t, annotations: {helm.sh/hook: test}}\n',
    'templates/unknown.yaml': 'kind: Pod\nmetadata: {name: u, annotations: {helm.sh/hook: "test, crd-install"}}\n',
    'templates/NOTES.txt': 'Hello {{ .Release.Name }}',
    'templates/empty.yaml': '{{ if false }}x{{ end }}\n  ',
    'crds/c.yaml': 'kind: CustomResourceDefinition',
    'crds/readme.md': 'x',
  };

  it('is by kind, then by file, hooks apart', async () => {
    const { manifests, hooks, notes, warnings } = await render(files);
    expect(manifests.map(({ kind, name }) => `${kind}/${name}`)).toEqual([
      'ServiceAccount/z',
      'Service/a',
      'Deployment/a',
      '/',
      'Custom/c',
    ]);
    expect(hooks).toMatchObject([
      { name: 'before', hooks: ['pre-install'], hookWeight: 0 },
      { name: 't', hooks: ['test'] },
      { name: 'after', hooks: ['post-install', 'post-upgrade'], hookWeight: -5, source: 'top/templates/h.yaml' },
    ]);
    expect(notes).toBe('Hello release-name');
    expect(warnings).toEqual(['skipping unknown hook: "test, crd-install" in top/templates/unknown.yaml']);
  });

  it('has its warnings told also where it fails', async () => {
    const heard: string[] = [];
    const chart = { 'values.yaml': 'a: {b: 1}\n', 'templates/t.yaml': '{{ fail "x" }}' };
    const warn = (message: string): void => void heard.push(message);
    const rendering = render(chart, { a: { b: { c: 1 } } }, { warn });
    await expect(rendering).rejects.toMatchObject({ code: 'INVALID_TEMPLATE' });
    expect(heard).toEqual(['destination for top.a.b is a table. Ignoring non-table value (1)']);
  });

  it('is that of what helm template prints', async () => {
    const rendered = await render({
      'templates/a.yaml': files['templates/a.yaml'] ?? '',
      'templates/h.yaml': files['templates/h.yaml'] ?? '',
      'crds/c.yaml': 'kind: X\n',
    });
    const service = '---\n# Source: top/templates/a.yaml\nkind: Service\nmetadata: {name: a}\n';
    const deployment = '---\n# Source: top/templates/a.yaml\nkind: Deployment\nmetadata: {name: a}\n';
    const output = templateOutput(rendered);
    expect(output.startsWith(service + deployment)).toBe(true);
    expect(output.slice((service + deployment).length)).toMatch(
      /^---\n# Source: top\/templates\/h.yaml\nkind: ConfigMap\n[\s\S]*---\n# Source: top\/templates\/h.yaml\nkind: Job\n/,
    );
    expect(templateOutput(rendered, { hooks: 'none' })).toBe(service + deployment);
    expect(templateOutput(rendered, { hooks: 'none', crds: 'included' })).toBe(
      `---\n# Source: top/crds/c.yaml\nkind: X\n\n${service}${deployment}`,
    );
  });

  it('leaves tests and other files out when told to', async () => {
    const rendered = await render(files);
    expect(templateOutput(rendered)).toContain('templates/tests/t.yaml');
    expect(templateOutput(rendered, { hooks: 'without-tests' })).not.toContain('templates/tests/t.yaml');
    expect(templateOutput(rendered, { showOnly: ['templates/a.yaml'] })).toBe(
      '---\n# Source: top/templates/a.yaml\nkind: Service\nmetadata: {name: a}\n---\n# Source: top/templates/a.yaml\nkind: Deployment\nmetadata: {name: a}\n',
    );
    expect(
      templateOutput(rendered, { showOnly: ['templates/tests/*', 'templates/z.yaml'] }).match(/# Source: .*/g),
    ).toEqual([
      '# Source: top/templates/tests/t.yaml',
      '# Source: top/templates/z.yaml',
      '# Source: top/templates/z.yaml',
      '# Source: top/templates/z.yaml',
    ]);
    expect(() => templateOutput(rendered, { showOnly: ['templates/none.yaml'] })).toThrow(
      'could not find template templates/none.yaml in chart',
    );
  });

  it('of a chart that renders nothing is one empty line', async () => {
    expect(templateOutput(await render({ 'templates/a.yaml': '' }))).toBe('\n');
  });

  it('is of documents as Helm divides them, which keeps the second of two lines of dashes', async () => {
    const { manifests } = await render({
      'templates/a.yaml': '\n\n--- # first\nkind: A\n  \n---\n\n---\nkind: B\n---   \n',
    });
    expect(manifests.map(({ content }) => content)).toEqual(['# first\nkind: A', '---\nkind: B']);
  });
});

it('a run that is aborted stops', async () => {
  await expect(
    render({ 'templates/a.yaml': '' }, {}, { signal: AbortSignal.abort(new Error('enough')) }),
  ).rejects.toThrow('enough');
});
