import { type GoMap, int64, seededRandom } from '@kubecrate/gotemplate';
import { describe, expect, it } from 'vitest';
import { chartFromFiles } from '../chart/load-chart.ts';
import { type RenderOptions, renderFiles } from './render-chart.ts';
import { ChartRenderError } from './render-error.ts';

const CHART_YAML = 'apiVersion: v2\nname: top\nversion: 1.2.3\n';

async function print(
  template: string,
  user: GoMap = new Map(),
  options: Partial<RenderOptions> = {},
): Promise<string | undefined> {
  const files = {
    'Chart.yaml': CHART_YAML,
    'values.yaml': 'num: 7\n',
    'cfg.txt': 'text',
    'templates/t.yaml': template,
  };
  const chart = await chartFromFiles(files);
  const sources = { random: seededRandom('test'), now: () => new Date(0) };
  const rendered = await renderFiles(chart, user, { ...sources, ...options });
  return rendered.files.get('top/templates/t.yaml');
}

/** A template that calls itself until it is `depth` deep, and prints `end` there. */
function recursion(call: 'include' | 'template', depth: number, end = 'end'): string {
  const next = `${call} "r" (dict "at" (add1 .at) "top" .top)`;
  const body = `{{ if lt (int .at) ${depth} }}{{ ${next} }}{{ else }}${end}{{ end }}`;
  return `{{ define "r" }}${body}{{ end }}{{ include "r" (dict "at" 0 "top" $) }}`;
}

describe('templates within templates', () => {
  it.each([
    ['include', 100],
    ['include', 1000],
    ['template', 20_000],
  ] as const)('are as deep as Helm lets them be: %s %d times', async (call, depth) => {
    expect(await print(recursion(call, depth))).toBe('end');
  });

  it('deeper than that fail with the message of Helm', async () => {
    await expect(print(recursion('include', 1001))).rejects.toMatchObject({
      code: 'INVALID_TEMPLATE',
      helmMessage: expect.stringMatching(
        /^template: top\/templates\/t.yaml:1:.*error calling include: rendering template has a nested reference name: r: unable to execute template$/,
      ),
      failure: { template: 'top/templates/t.yaml', line: 1 },
    });
  });

  it('that include themselves without end fail with the first and the last levels of it', async () => {
    const endless = print('{{ define "r" }}{{ include "r" . }}{{ end }}{{ include "r" . }}');
    const error: unknown = await endless.catch((thrown: unknown) => thrown);
    if (!(error instanceof ChartRenderError)) throw error;
    expect(error.message.length).toBeLessThan(2000);
    expect(error.message).toMatch(
      /^cannot render chart "top": template: top\/templates\/t.yaml:1:47: .*\.\.\. \d+ more levels \.\.\..*nested reference name: r: unable to execute template$/,
    );
    const levels = error.helmMessage.split('error calling include: ').length;
    const left = Number(/(\d+) more levels/.exec(error.message)?.[1]);
    expect(error.message.split('error calling include: ').length + left).toBe(levels);
    expect(levels).toBeGreaterThan(1000);
  });

  it('that never end fail with the message of Go', async () => {
    await expect(print('{{ define "r" }}{{ template "r" . }}{{ end }}{{ template "r" . }}')).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
      helmMessage:
        'template: top/templates/t.yaml:1:28: executing "r" at <{{template "r" .}}>: exceeded maximum template depth (100000)',
    });
  });

  it('see deep down what they see elsewhere', async () => {
    const end =
      '{{ .top.Values.num }} {{ typeOf .top.Values.user }} {{ .top.Files.Get "cfg.txt" }} {{ .top.Capabilities.KubeVersion }} {{ .top.Chart.Name }} {{ randAlphaNum 5 | len }} {{ now | date "2006" }}';
    expect(await print(recursion('include', 900, end), new Map([['user', int64(5n)]]))).toBe(
      '7 int64 text v1.32.0 top 5 1970',
    );
  });

  it('do not see there what an attempt before them changed', async () => {
    const once = '{{ if hasKey .Values "seen" }}twice{{ end }}{{ $_ := set .Values "seen" true }}';
    expect(await print(`${once}${recursion('include', 900)}`)).toBe('end');
  });

  it('are random in the same way for the same seed', async () => {
    const template = recursion('include', 900, '{{ randAlphaNum 20 }}');
    expect(await print(template)).toBe(await print(template));
  });

  it('stop when they are told to', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const run = print(recursion('template', 90_000), new Map(), { signal: controller.signal });
    setTimeout(() => controller.abort(reason), 200);
    await expect(run).rejects.toBe(reason);
  });
});
