/** What is wrong with one task, as one error that names it. */

import { KubecrateError, messageOf } from '@kubecrate/errors';
import type { ImageTask } from './task.ts';

/** One line for each of `errors`, with file, line and the name of the task; what to do about it stands below. */
export function taskFault(
  task: Pick<ImageTask, 'name' | 'file' | 'line'>,
  errors: readonly KubecrateError[],
): KubecrateError {
  const [first] = errors;
  const isSole = errors.length === 1 && first?.hint !== undefined;
  const lines = errors.map((error) => {
    const told = named(messageOf(error), task);
    return isSole || error.hint === undefined ? told : `${told}\n  ${error.hint}`;
  });
  return new KubecrateError(first?.code ?? 'INVALID_CONFIG', lines.join('\n'), {
    ...(isSole ? { cause: first.cause, hint: first.hint } : {}),
  });
}

/** `tasks.yaml:3: task "get": reason`; a task without a name is known by its line. */
function named(message: string, { name, file, line }: Pick<ImageTask, 'name' | 'file' | 'line'>): string {
  const place = /^:(\d+(?::\d+)?): /.exec(message.startsWith(file) ? message.slice(file.length) : '');
  const at = place === null ? `${file}:${line}: ` : `${file}${place[0]}`;
  const reason = place === null ? message : message.slice(at.length);
  return `${at}${name === '' ? '' : `task ${JSON.stringify(name)}: `}${reason}`;
}
