export { applicationsOf, checkApplications } from './check-applications.ts';
export type {
  Diagnostic,
  DiagnosticCode,
  ErrorDiagnosticCode,
  WarningDiagnosticCode,
} from './diagnostic.ts';
export { inFileOrder } from './diagnostic.ts';
export type { EscapeToken } from './directives.ts';
export { type EvaluatedStage, type EvaluateOptions, type Evaluation, evaluate } from './evaluate.ts';
export type {
  ExpandedAdd,
  ExpandedAppCmds,
  ExpandedAppEnv,
  ExpandedApplication,
  ExpandedArg,
  ExpandedCmd,
  ExpandedCmds,
  ExpandedCopy,
  ExpandedEnv,
  ExpandedInstruction,
  ExpandedKubeVersion,
  ExpandedLabel,
  ExpandedLaunch,
  ExpandedMaintainer,
  ExpandedRun,
  InlineSource,
  NameValue,
  PathSource,
  StageBase,
  UrlSource,
} from './expanded-instruction.ts';
export { formatDiagnostic, formatDiagnostics } from './format-diagnostic.ts';
export type {
  AddInstruction,
  AppCmdsInstruction,
  AppEnvInstruction,
  ApplicationInstruction,
  ArgInstruction,
  CmdInstruction,
  CmdsInstruction,
  CopyInstruction,
  CopyOptions,
  CopySource,
  EnvInstruction,
  FromInstruction,
  InlineFile,
  Instruction,
  KubeVersionInstruction,
  LabelInstruction,
  LaunchInstruction,
  MaintainerInstruction,
  Pair,
  RunCommand,
  RunInstruction,
} from './instruction.ts';
export type { Kubefile, Stage, StageInstruction } from './kubefile.ts';
export { type ParseOptions, parseKubefile } from './parse.ts';
export type { Position, Range, Word } from './position.ts';
export { isDirectoryDestination, isReservedDirectory, RESERVED_DIRECTORIES } from './reserved-directories.ts';
export type { ScopeOptions } from './scope.ts';
export { throwOnErrors } from './throw-on-errors.ts';
