/** Finds the images of one file's text, whatever state the text is in. */

import { type DocumentText, type ParsedDocument, parseDocument, splitDocuments } from '@kubecrate/documents';
import type { Confidence, ObjectIdentity } from './discovery.ts';
import { lowerConfidence } from './discovery.ts';
import { type Finding, type Findings, type Remark, reportCandidate } from './finding.ts';
import { mayNameImage } from './image-value.ts';
import { objectsOf } from './kubernetes.ts';
import { type EmbeddedText, findObjectImages, type WalkBudget, walkBudget } from './object-images.ts';
import { scanLines } from './scan-lines.ts';
import { holdsAction, maskActions } from './template-actions.ts';

/** Where the findings of a document go; `document` counts from 1. */
export interface TextFindings {
  image(finding: Finding, document: number): void;
  remark(remark: Remark): void;
}

export interface TextOptions {
  /** `json`: one document, whatever `---` stands in it. */
  readonly format: 'yaml' | 'json';
  readonly signal?: AbortSignal;
}

/**
 * Reads every document of a text. A document that does not parse is remarked on and read line by line; one with Go template actions
 * is read around them.
 */
export async function findTextImages(text: string, findings: TextFindings, options: TextOptions): Promise<void> {
  const masked = maskActions(text);
  const documents: readonly DocumentText[] =
    options.format === 'json' ? [{ index: 1, text: masked, line: 1 }] : splitDocuments(masked);
  for (const document of documents) {
    options.signal?.throwIfAborted();
    const into: Findings = {
      image: (finding) => findings.image(finding, document.index),
      remark: (remark) => findings.remark(remark),
    };
    await readDocument(document, into, walkBudget());
  }
}

const MAX_EMBEDDING = 3;

/** The schema of a custom resource speaks of images and names none, unless as a default. */
const CUSTOM_RESOURCE = /^kind:[ \t]*["']?CustomResourceDefinition\b/m;
const SCHEMA_DEFAULT = /default:[ \t]*["']?([a-z0-9.-]+(?::\d+)?\/[\w./-]+[:@][\w.:-]+)["']?[ \t]*$/gm;

async function readDocument(document: DocumentText, findings: Findings, budget: WalkBudget): Promise<void> {
  if (!mayNameImage(document.text)) return;
  if (CUSTOM_RESOURCE.test(document.text)) {
    readDefaults(document, findings);
    return;
  }
  const { root, problem } = await parseBounded(document);
  if (root === undefined) {
    const isTemplate = holdsAction(document.text);
    const what = isTemplate ? 'this template cannot be read as YAML' : 'this document does not parse';
    findings.remark({
      severity: 'warning',
      line: problem?.line ?? document.line,
      message: `${what} (${problem?.message ?? 'it is empty'}): it was searched line by line`,
    });
    scanLines(document.text, findings, { line: document.line, confidence: 'likely' });
    return;
  }
  for (const object of objectsOf(root)) {
    const { embedded, outcome } = findObjectImages(object, findings, budget);
    if (outcome === 'incomplete') {
      findings.remark({
        severity: 'warning',
        line: document.line,
        message: 'this document is too deep or its aliases stand for too many values: it was searched line by line',
      });
      scanLines(document.text, findings, { line: document.line, confidence: 'likely' });
      return;
    }
    for (const text of embedded) await readEmbedded(text, findings, budget, 1);
  }
}

/** The tree of a text takes many times its size in memory; the largest object that Kubernetes stores has 1.5 MiB. */
const MAX_TREE_TEXT = 8 * 1024 * 1024;

async function parseBounded(document: DocumentText): Promise<Pick<ParsedDocument, 'root' | 'problem'>> {
  if (document.text.length <= MAX_TREE_TEXT) return await parseDocument(document);
  return { root: undefined, problem: { message: 'it is larger than 8 MiB', line: document.line, column: 1 } };
}

function readDefaults(document: DocumentText, findings: Findings): void {
  for (const match of document.text.matchAll(SCHEMA_DEFAULT)) {
    const line = document.line + document.text.slice(0, match.index).split('\n').length - 1;
    reportCandidate({ text: match[1] ?? '', line, rule: 'line', confidence: 'possible' }, findings);
  }
}

/** Text in a field: objects where it is YAML, lines where it is not. */
async function readEmbedded(
  embedded: EmbeddedText,
  findings: Findings,
  budget: WalkBudget,
  depth: number,
): Promise<void> {
  const into = within(embedded, findings);
  for (const part of splitDocuments(embedded.text)) {
    const document = { ...part, line: part.line + embedded.line - 1 };
    const { root } = await parseBounded(document);
    const isStructured = root !== undefined && root.kind !== 'scalar';
    const deeper: EmbeddedText[] = [];
    let isComplete = isStructured;
    if (isStructured) {
      for (const object of objectsOf(root)) {
        const found = findObjectImages(object, into, budget);
        deeper.push(...found.embedded);
        isComplete &&= found.outcome === 'complete';
      }
    }
    if (!isComplete) scanLines(part.text, into, { line: document.line, confidence: 'possible' });
    if (depth >= MAX_EMBEDDING) continue;
    for (const text of deeper)
      await readEmbedded({ ...text, path: `${embedded.path} ${text.path}` }, findings, budget, depth + 1);
  }
}

function within(embedded: EmbeddedText, findings: Findings): Findings {
  const cap = (confidence: Confidence) => lowerConfidence(confidence, embedded.confidence);
  const owner: ObjectIdentity | undefined = embedded.object;
  return {
    image: (finding) =>
      findings.image({
        ...finding,
        confidence: cap(finding.confidence),
        path: finding.path === undefined ? embedded.path : `${embedded.path} ${finding.path}`,
        ...(finding.object === undefined && owner !== undefined ? { object: owner } : {}),
      }),
    remark: (remark) => findings.remark({ ...remark, severity: 'note' }),
  };
}
