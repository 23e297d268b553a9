/** What is wrong, or doubtful, in a Kubefile, and where. */

import type { Range } from './position.ts';

export type ErrorDiagnosticCode =
  | 'application-name'
  | 'application-source'
  | 'before-from'
  | 'cmd-with-launch'
  | 'destination'
  | 'directive'
  | 'duplicate-flag'
  | 'duplicate-instruction'
  | 'duplicate-stage'
  | 'empty-file'
  | 'flag-value'
  | 'heredoc'
  | 'image-reference'
  | 'kube-version'
  | 'malformed-json'
  | 'malformed-pair'
  | 'malformed-word'
  | 'missing-argument'
  | 'no-from'
  | 'not-last'
  | 'platform'
  | 'required-variable'
  | 'source'
  | 'stage-name'
  | 'too-many-arguments'
  | 'unknown-application'
  | 'unknown-flag'
  | 'unknown-instruction'
  | 'unknown-stage'
  | 'unsupported-flag'
  | 'unsupported-instruction';

export type WarningDiagnosticCode =
  | 'deprecated-instruction'
  | 'duplicate-application'
  | 'empty-continuation'
  | 'ignored-directive'
  | 'near-stage-name'
  | 'not-json'
  | 'separate-commands'
  | 'undefined-variable'
  | 'unused-build-arg'
  | 'unusable-name';

export type DiagnosticCode = ErrorDiagnosticCode | WarningDiagnosticCode;

export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly code: DiagnosticCode;
  /** One sentence without a full stop: what is wrong, with the value that was found. */
  readonly message: string;
  /** Absent where it is about no place in the file (a build argument that nothing uses). */
  readonly range?: Range;
  /** What to do about it. */
  readonly hint?: string;
}

/** A diagnostic before its severity is known: the code decides it. */
export type Finding = Omit<Diagnostic, 'severity'>;

/** Takes down one finding. */
export type Report = (finding: Finding) => void;

export function diagnosticOf(finding: Finding): Diagnostic {
  return { severity: WARNINGS.has(finding.code) ? 'warning' : 'error', ...finding };
}

/** In the order of the file; those without a place come last. */
export function inFileOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...diagnostics].sort((a, b) => lineOf(a) - lineOf(b) || columnOf(a) - columnOf(b));
}

/** A value as messages show it: quoted, and cut where it is long. */
export function quote(text: string): string {
  return JSON.stringify(text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}...` : text);
}

const MAX_QUOTED = 80;

const WARNINGS: ReadonlySet<DiagnosticCode> = new Set<WarningDiagnosticCode>([
  'deprecated-instruction',
  'duplicate-application',
  'empty-continuation',
  'ignored-directive',
  'near-stage-name',
  'not-json',
  'separate-commands',
  'undefined-variable',
  'unused-build-arg',
  'unusable-name',
]);

// A number that can be subtracted from itself, which Infinity cannot.
const AFTER_ALL = Number.MAX_SAFE_INTEGER;

function lineOf({ range }: Diagnostic): number {
  return range?.start.line ?? AFTER_ALL;
}

function columnOf({ range }: Diagnostic): number {
  return range?.start.column ?? AFTER_ALL;
}
