/** Reading a file of text that the command line names, or standard input. */

import { type FileHandle, open } from 'node:fs/promises';
import { addAbortSignal, type Readable } from 'node:stream';
import { fileError, KubecrateError } from '@kubecrate/errors';

/** A larger file is no list, no values, no configuration. Bytes. */
const MAX_SIZE = 64 * 1024 * 1024;

/**
 * The text of a file or a pipe; `what` says which, with its name: `the image list "a.txt"`.
 * @throws KubecrateError NOT_FOUND, INVALID_ARGUMENT for a directory or a device, LIMIT_EXCEEDED, IO
 */
export async function readTextFile(path: string, what: string): Promise<string> {
  try {
    await using handle = await open(path, 'r');
    await refuseNoText(handle, what);
    return await readAll(handle.createReadStream({ autoClose: false }), what);
  } catch (error) {
    throw fileError(`cannot read ${what}`, error);
  }
}

/** All of standard input, until it ends or the command is interrupted. @throws KubecrateError LIMIT_EXCEEDED */
export async function readStandardInput(stdin: Readable, signal: AbortSignal): Promise<string> {
  return await readAll(addAbortSignal(signal, stdin), 'standard input');
}

/** A directory holds no text, and a device may never end (`/dev/zero`). */
async function refuseNoText(handle: FileHandle, what: string): Promise<void> {
  const found = await handle.stat();
  if (found.isDirectory())
    throw new KubecrateError('INVALID_ARGUMENT', `cannot read ${what}: it is a directory`, { hint: 'give a file' });
  if (!found.isCharacterDevice() && !found.isBlockDevice()) return;
  throw new KubecrateError('INVALID_ARGUMENT', `cannot read ${what}: it is a device`, {
    hint: 'give a file or a pipe',
  });
}

async function readAll(stream: Readable, what: string): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk as Buffer | string);
    size += bytes.byteLength;
    if (size > MAX_SIZE) {
      throw new KubecrateError('LIMIT_EXCEEDED', `cannot read ${what}: it has more than ${MAX_SIZE} bytes`);
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}
