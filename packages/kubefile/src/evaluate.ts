/** Giving values to a Kubefile: the base and the instructions of every stage, with nothing left to expand. */

import type { Platform } from '@kubecrate/oci';
import { checkBuildArgs } from './check-build-args.ts';
import { type Diagnostic, diagnosticOf, inFileOrder, type Report } from './diagnostic.ts';
import { expand } from './expand.ts';
import { expandBase, type WrittenBase } from './expand-base.ts';
import { expandInstruction } from './expand-instruction.ts';
import type { ExpandedInstruction, StageBase } from './expanded-instruction.ts';
import type { Kubefile, Stage } from './kubefile.ts';
import { automaticArgs, buildArg, MetaScope, type ScopeOptions, StageScope } from './scope.ts';

export interface EvaluateOptions extends ScopeOptions {
  /**
   * The environment of the base images, by the number of the stage that begins with them. A variable that a missing one may set
   * is taken as empty without a warning: evaluate once to learn the bases, and again when their environments are known.
   */
  readonly baseEnvironments?: ReadonlyMap<number, Readonly<Record<string, string>>>;
}

export interface Evaluation {
  /** One for each stage of the Kubefile. */
  readonly stages: readonly EvaluatedStage[];
  /** What is wrong or doubtful with the values, in the order of the file; what is wrong with the text itself is in the Kubefile. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface EvaluatedStage {
  readonly index: number;
  readonly name?: string;
  /** Absent where it is wrong; then there is an error among the diagnostics, here or of the Kubefile. */
  readonly base?: StageBase;
  readonly instructions: readonly ExpandedInstruction[];
  /** ENV after the last instruction, with that of the base. */
  readonly environment: ReadonlyMap<string, string>;
}

/** Expands all stages for one platform, by Docker's rules for ARG and ENV. It is meant for a Kubefile without errors: what is wrong is left out. */
export function evaluate(kubefile: Kubefile, options: EvaluateOptions): Evaluation {
  const diagnostics: Diagnostic[] = [];
  const report: Report = (finding) => {
    diagnostics.push(diagnosticOf(finding));
  };
  const meta = declareMetaArgs(kubefile, options, report);
  const scopes: StageScope[] = [];
  const stages = kubefile.stages.map((stage): EvaluatedStage => {
    const { escapeToken } = kubefile;
    const written = expandBase(stage, { escapeToken, report, scope: meta, stages: kubefile.stages });
    const base = withPlatform(written, options.platform);
    const scope = scopeOn(base, stage, { meta, scopes, options });
    scopes.push(scope);
    const context = { escapeToken, report, scope, options, stages: kubefile.stages, current: stage.index };
    const instructions = stage.instructions.flatMap((instruction) => expandInstruction(instruction, context) ?? []);
    return {
      index: stage.index,
      ...(stage.name === undefined ? {} : { name: stage.name }),
      ...(base === undefined ? {} : { base }),
      instructions,
      environment: scope.imageEnvironment(),
    };
  });
  checkBuildArgs(kubefile, options.buildArgs, report);
  return { stages, diagnostics: inFileOrder(diagnostics) };
}

function withPlatform(base: WrittenBase | undefined, platform: Platform): StageBase | undefined {
  return base?.type === 'image' ? { ...base, platform: base.platform ?? platform } : base;
}

function declareMetaArgs({ metaArgs, escapeToken }: Kubefile, options: ScopeOptions, report: Report): MetaScope {
  const scope = new MetaScope(automaticArgs(options));
  for (const { name: word, default: fallback } of metaArgs.flatMap((instruction) => instruction.arguments)) {
    const context = { escapeToken, report, scope };
    const name = expand(word, context).text;
    const given = buildArg(options, name);
    scope.declare(name, given ?? (fallback === undefined ? undefined : expand(fallback, context).text));
  }
  return scope;
}

function scopeOn(
  base: StageBase | undefined,
  stage: Stage,
  { meta, scopes, options }: { meta: MetaScope; scopes: readonly StageScope[]; options: EvaluateOptions },
): StageScope {
  if (base?.type === 'scratch') return StageScope.onBase(meta, {});
  const parent = base?.type === 'stage' ? scopes[base.index] : undefined;
  if (parent !== undefined) return StageScope.onStage(meta, parent);
  return StageScope.onBase(meta, options.baseEnvironments?.get(stage.index));
}
