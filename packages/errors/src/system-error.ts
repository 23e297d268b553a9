/** Reading the errors that Node and the operating system give. */

import { getSystemErrorMap } from 'node:util';
import { type ErrorCode, KubecrateError } from './kubecrate-error.ts';

/** The `code` of a Node error (`ENOENT`, `ECONNREFUSED`, ...), or undefined where it has none. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** True where a file operation failed because the path, or a directory above it, is not there. */
export function isMissing(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** Any thrown value as text for a person: the message of an error, with the causes that say more. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error.message === '' ? error.name : error.message;
}

/**
 * Why something failed, to follow what was tried: of a failed system call the words of the system alone (`no such file or directory`),
 * because its path may be that of a temporary file; of every other error its message.
 */
export function reasonOf(error: unknown): string {
  const code = systemCode(error);
  if (code !== undefined) for (const [name, words] of getSystemErrorMap().values()) if (name === code) return words;
  return messageOf(error);
}

/**
 * A failed file operation in the words of this family: `what` is what was tried, with the path
 * (`cannot write "/a/b"`). An error that is of this family already, or an abort, comes back as it is.
 */
export function fileError(what: string, error: unknown): unknown {
  if (error instanceof KubecrateError || (error instanceof Error && error.name === 'AbortError')) return error;
  const code = systemCode(error);
  if (code === undefined) return error;
  const [kind, hint] = FILE_ERRORS[code] ?? (['IO', undefined] as const);
  return new KubecrateError(
    kind,
    `${what}: ${reasonOf(error)}`,
    hint === undefined ? { cause: error } : { cause: error, hint },
  );
}

const FILE_ERRORS: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  ENOSPC: ['NO_SPACE', 'free some space on this disk and run the same command again; it goes on where it stopped'],
  EDQUOT: ['NO_SPACE', 'raise the quota or free some space and run the same command again'],
  EFBIG: [
    'NO_SPACE',
    'this file system, or a limit of this user (ulimit -f), takes no file of this size: choose another directory, or raise the limit',
  ],
  EACCES: ['DENIED', 'check the owner and the mode of the file and of the directories above it'],
  EPERM: ['DENIED', 'check the owner and the mode of the file and of the directories above it'],
  EROFS: ['DENIED', 'the file system is mounted read-only; choose another directory'],
  EMFILE: ['LIMIT_EXCEEDED', 'raise the limit of open files (ulimit -n)'],
  ENOENT: ['NOT_FOUND', 'check the path'],
  ENOTDIR: ['NOT_FOUND', 'a part of the path is a file, not a directory'],
  EISDIR: ['INVALID_ARGUMENT', 'give a file, not a directory'],
  EEXIST: ['ALREADY_EXISTS', 'a file is there already: choose another path, or take it away'],
  ELOOP: ['INVALID_ARGUMENT', 'symbolic links lead in a circle: check where they point'],
  ENAMETOOLONG: ['INVALID_ARGUMENT', 'choose a shorter path'],
};
