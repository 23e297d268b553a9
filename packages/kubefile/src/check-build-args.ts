/** Build arguments that nothing in the Kubefile takes. */

import { didYouMean } from '@kubecrate/errors';
import { quote, type Report } from './diagnostic.ts';
import { PROXY_ARGS } from './expand-instruction.ts';
import type { Kubefile } from './kubefile.ts';
import { AUTOMATIC_ARGS } from './scope.ts';

/** Warns of each of them; the automatic arguments and the proxy settings need no ARG. */
export function checkBuildArgs(
  { metaArgs, stages }: Kubefile,
  buildArgs: Readonly<Record<string, string>>,
  report: Report,
): void {
  const instructions = [...metaArgs, ...stages.flatMap((stage) => stage.instructions)];
  const declared = new Set(
    instructions.flatMap((instruction) =>
      instruction.keyword === 'ARG' ? instruction.arguments.map(({ name }) => name.text) : [],
    ),
  );
  for (const name of Object.keys(buildArgs)) {
    if (declared.has(name) || AUTOMATIC_ARGS.includes(name) || PROXY_ARGS.includes(name)) continue;
    report({
      code: 'unused-build-arg',
      message: `nothing uses the build argument ${quote(name)}`,
      hint: didYouMean(name, declared) ?? `the Kubefile has no ARG ${name}`,
    });
  }
}
