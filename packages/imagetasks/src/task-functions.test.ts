/** What the functions of KubeKey give, seen through templates. */

import { type GoMap, seededRandom } from '@kubecrate/gotemplate';
import { describe, expect, test } from 'vitest';
import { renderText } from './render.ts';
import { taskFunctions } from './task-functions.ts';
import { readVariables } from './variables.ts';

const FUNCTIONS = await taskFunctions({
  now: () => new Date(0),
  random: seededRandom('x'),
  fileExists: (path) => path === '/there',
});

const VARIABLES: GoMap = await readVariables(
  `list: [a, b, 3]
args: {v: 2, feature-gates: A=true}
lists: {some: [x, y]}
nested: {b: [1, 2], a: {c: text}}
`,
  'vars.yaml',
);

const render = (text: string): string =>
  renderText(text, VARIABLES, { file: 'tasks.yaml', line: 3, field: 'push.dest' }, FUNCTIONS);

describe('a function of KubeKey', () => {
  test.each([
    ['{{ .nested.a | toYaml }}', 'c: text'],
    ['{{ (fromYaml "a: [1, 2]").a | toJson }}', '[1,2]'],
    ['{{ dict "a" 1 | toToml }}', 'a = 1'],
    ['{{ (fromTOML "[x]\\ny = 2").x.y }}', '2'],
    ['{{ ipInCIDR "10.0.0.0/30" | join "," }}', '10.0.0.1,10.0.0.2'],
    ['{{ ipInCIDR "10.0.0.9/255.255.255.248,10.1.0.1-10.1.0.3, 1.2.3.4" | len }}', '10'],
    ['{{ index (ipInCIDR "10.233.0.0/18") 9 }}', '10.233.0.10'],
    ['{{ ipInCIDR "10.0.0.7/32" | first }} {{ ipInCIDR "10.0.0.6/31" | len }}', '10.0.0.7 0'],
    ['{{ ipFamily "10.0.0.0/8" }} {{ ipFamily "fd00::1" }}', 'IPv4 IPv6'],
    ['{{ isIP "10.0.0.1" }} {{ isIP "10.0.0.0/8" }} {{ isIP "host" }}', 'true false false'],
    ['{{ pow 2 10 }}', '1024'],
    ['{{ subtractList .list (list "a" 3) | toJson }}', '["b"]'],
    ['{{ fileExists "/there" }} {{ fileExist "/gone" }}', 'true false'],
    ['{{ unquote "\\"a\\\\tb\\"" }} {{ unquote "\'a\'" }} {{ unquote "a" }}', "a\tb 'a' a"],
    ['{{ getStringSlice .lists "some" | join "+" }} {{ getStringSlice .lists "none" | len }}', 'x+y 0'],
    ['{{ "5Mi" | toLowerByteUnit }} {{ "10G" | toLowerByteUnit }}', '5m 10g'],
    [
      '{{ .args | mapToNamedStringArgs | toJson }}',
      '[{"name":"feature-gates","value":"A=true"},{"name":"v","value":"2"}]',
    ],
    ['{{ toBool "1" }} {{ toBool "False" }} {{ toBool 42 }} {{ toBool 0 }}', 'true false true false'],
    ['{{ define "x" }}<{{ . }}>{{ end }}{{ include "x" 7 | upper }}', '<7>'],
    ['{{ tpl "{{ .nested.a.c }}" . }}', 'text'],
  ])('%s gives %s', (template, expected) => {
    expect(render(template)).toBe(expected);
  });

  test.each([
    ['{{ ipInCIDR "10.0.0.0/8" }}', 'more than 65536 addresses'],
    ['{{ ipInCIDR "10.0.0/24" }}', '"10.0.0" is no IPv4 address'],
    ['{{ ipInCIDR "10.0.0.0/33" }}', '10.0.0.0/33 is no network'],
    ['{{ ipFamily "x" }}', 'x is not ip or cidr'],
    ['{{ toBool "yes" }}', 'toBool takes'],
    ['{{ toBool .nested }}', 'toBool takes'],
    ['{{ subtractList "a" .list }}', 'subtractList takes two lists'],
    ['{{ fromYaml "a: [" }}', 'fromYaml'],
    ['{{ fromTOML "a" }}', 'fromTOML'],
    ['{{ tpl "{{ .nobody }}" . }}', 'nobody'],
    ['{{ tpl "{{" . }}', 'tpl'],
    ['{{ define "x" }}{{ include "x" . }}{{ end }}{{ include "x" . }}', 'include'],
    ['{{ env "HOME" }}', 'function "env" not defined'],
    ['{{ expandenv "$HOME" }}', 'function "expandenv" not defined'],
  ])('%s is refused with the place', (template, reason) => {
    expect(() => render(template)).toThrow(reason);
    expect(() => render(template)).toThrow(/^tasks\.yaml:3: /);
  });
});
