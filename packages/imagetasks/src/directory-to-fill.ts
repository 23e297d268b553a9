/** The directory that an action is to fill, also where other things of it are wrong. */

import { hasCode } from '@kubecrate/errors';
import { Arguments, type RenderContext } from './arguments.ts';
import { usualDirectory } from './resolve-action.ts';
import { LOCAL } from './resolve-move.ts';
import type { TaskAction } from './task.ts';

/** Undefined for actions that fill none, and where what is wrong is the directory itself. */
export function directoryToFill(action: TaskAction, context: RenderContext): string | undefined {
  const given = new Arguments(action.arguments, action.kind, context);
  try {
    switch (action.kind) {
      case 'pull':
        return given.text('images_dir') ?? usualDirectory(context.variables);
      case 'copy':
        return given.inner('to').text('path');
      case 'move': {
        const text = given.text('dest')?.trim();
        return text?.startsWith(LOCAL) === true ? text.slice(LOCAL.length) : undefined;
      }
      case 'push':
        return undefined;
    }
  } catch (error) {
    if (hasCode(error, 'INVALID_TEMPLATE')) return undefined;
    throw error;
  }
}
