/** FROM. */

import { quote } from './diagnostic.ts';
import { type FlagRules, readFlags } from './flags.ts';
import type { FromInstruction } from './instruction.ts';
import { missingArgument } from './missing-argument.ts';
import type { ParseContext } from './parse-context.ts';
import type { Word } from './position.ts';
import type { Statement } from './statement.ts';
import { splitWords } from './words.ts';

export function parseFrom(statement: Statement, context: ParseContext): FromInstruction | undefined {
  const { values, argumentsAt } = readFlags(statement, FLAGS, context);
  const [image, as, name, extra] = splitWords(statement.line, argumentsAt);
  if (image === undefined) {
    context.report(missingArgument(statement, 'an image', USAGE));
    return undefined;
  }
  const [platform] = values.get('platform') ?? [];
  const stageName = as === undefined ? undefined : readStageName({ as, name, extra }, statement, context);
  return {
    keyword: 'FROM',
    range: statement.range,
    keywordRange: statement.keywordRange,
    image,
    ...(platform === undefined ? {} : { platform }),
    ...(stageName === undefined ? {} : { stageName }),
  };
}

const USAGE = 'FROM IMAGE, FROM IMAGE AS NAME, or FROM scratch';

const FLAGS: FlagRules<'platform'> = { known: { platform: 'text' } };

interface AfterImage {
  readonly as: Word;
  readonly name: Word | undefined;
  readonly extra: Word | undefined;
}

function readStageName({ as, name, extra }: AfterImage, statement: Statement, context: ParseContext): Word | undefined {
  if (as.text.toUpperCase() !== 'AS') {
    context.report({
      code: 'too-many-arguments',
      message: `FROM takes one image, and ${quote(as.text)} follows it`,
      range: as.range,
      hint: `write ${USAGE}`,
    });
    return undefined;
  }
  if (name === undefined) {
    context.report(missingArgument(statement, 'a name after AS', USAGE));
    return undefined;
  }
  if (extra !== undefined) {
    context.report({
      code: 'too-many-arguments',
      message: `nothing may follow the name of the stage, and ${quote(extra.text)} does`,
      range: extra.range,
    });
  }
  const text = name.text.toLowerCase();
  if (/^[a-z][a-z0-9._-]*$/.test(text) && text !== 'scratch') return { text, range: name.range };
  context.report({
    code: 'stage-name',
    message: `${quote(name.text)} cannot be the name of a stage`,
    range: name.range,
    hint: 'a name begins with a letter; letters, digits, "_", "." and "-" follow; scratch is taken',
  });
  return undefined;
}
