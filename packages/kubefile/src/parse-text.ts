/** MAINTAINER and KUBEVERSION, whose argument is the whole rest of the line. */

import type { KubeVersionInstruction, MaintainerInstruction } from './instruction.ts';
import { wordAt } from './logical-line.ts';
import { missingArgument } from './missing-argument.ts';
import type { ParseContext } from './parse-context.ts';
import type { Statement } from './statement.ts';

export function parseMaintainer(statement: Statement, { report }: ParseContext): MaintainerInstruction | undefined {
  const { line, argumentsAt, range, keywordRange } = statement;
  const maintainer = line.text.slice(argumentsAt);
  if (maintainer !== '') return { keyword: 'MAINTAINER', range, keywordRange, maintainer };
  report(missingArgument(statement, 'a name', 'MAINTAINER NAME'));
  return undefined;
}

export function parseKubeVersion(statement: Statement, { report }: ParseContext): KubeVersionInstruction | undefined {
  const { line, argumentsAt, range, keywordRange } = statement;
  if (argumentsAt < line.text.length) {
    return { keyword: 'KUBEVERSION', range, keywordRange, versions: wordAt(line, argumentsAt, line.text.length) };
  }
  report(missingArgument(statement, 'a range of versions', 'KUBEVERSION >=1.19.0 <1.26.0'));
  return undefined;
}
