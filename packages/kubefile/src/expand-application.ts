/** Expanding APP, CNI, CSI and KUBEVERSION, and the rules about their values. */

import { quote } from './diagnostic.ts';
import { type ExpandContext, type Expanded, expand } from './expand.ts';
import type { ExpandedApplication, ExpandedKubeVersion, PathSource, UrlSource } from './expanded-instruction.ts';
import type { ApplicationInstruction, KubeVersionInstruction } from './instruction.ts';
import { isVersionRange } from './kube-version.ts';
import { leavesContext } from './source-path.ts';

export function expandApplication(instruction: ApplicationInstruction, context: ExpandContext): ExpandedApplication {
  const { keyword, range, application } = instruction;
  const sources = instruction.sources.map((word): PathSource | UrlSource => {
    const expanded = expand(word, context);
    if (expanded.check === 'due') checkSource(expanded, context);
    const { text, range: place } = expanded;
    if (!text.startsWith(LOCAL)) return { type: 'url', url: text, range: place };
    return { type: 'path', path: text.slice(LOCAL.length), range: place };
  });
  return { keyword, range, application: application.text, sources };
}

export function expandKubeVersion(instruction: KubeVersionInstruction, context: ExpandContext): ExpandedKubeVersion {
  const { text, range, check } = expand(instruction.versions, context);
  if (check === 'due' && !isVersionRange(text)) {
    const hint = 'for example >=1.19.0 <1.26.0, ~1.22, 1.20.x || 1.22 - 1.24';
    context.report({ code: 'kube-version', message: `${quote(text)} is not a range of versions`, range, hint });
  }
  return { keyword: 'KUBEVERSION', range: instruction.range, versions: text };
}

const LOCAL = 'local://';

function checkSource({ text, range }: Expanded, { report }: ExpandContext): void {
  const code = 'application-source';
  if (text.startsWith(LOCAL)) {
    const path = text.slice(LOCAL.length);
    if (path === '') report({ code, message: `no path follows ${LOCAL}`, range });
    else if (leavesContext(path)) report({ code, message: `${quote(path)} is outside of the context`, range });
  } else if (!/^https?:\/\//.test(text)) {
    const hint = /^[^:]+:\/\//.test(text) ? SCHEMES : `for a path in the context write ${LOCAL}${text}`;
    report({ code, message: `${quote(text)} does not begin with local://, http:// or https://`, range, hint });
  } else if (!URL.canParse(text)) {
    report({ code, message: `${quote(text)} is not a URL`, range });
  }
}

const SCHEMES = 'local:// is a path in the context; http:// and https:// are downloaded';
