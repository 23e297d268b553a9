/** Verifying content while it passes: the one place where bytes are held against their descriptor. */

import { createHash } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';
import { hasCode, KubecrateError } from '@kubecrate/errors';
import { algorithmOf, type Descriptor } from '@kubecrate/oci';

/**
 * A stream that passes bytes on and fails where they are not the content of `descriptor`:
 * SIZE_MISMATCH at the first byte too many or at an early end, DIGEST_MISMATCH at the end.
 */
export function verifying(descriptor: Descriptor): Transform {
  const check = new ContentCheck(descriptor);
  return new Transform({
    transform(chunk: Buffer, _encoding, callback: TransformCallback): void {
      const error = failureOf(() => check.update(chunk));
      callback(error, error === undefined ? chunk : undefined);
    },
    flush(callback: TransformCallback): void {
      callback(failureOf(() => check.finish()));
    },
  });
}

/** Size and digest of content that arrives in pieces. */
export class ContentCheck {
  readonly #descriptor: Descriptor;
  readonly #hash: ReturnType<typeof createHash>;
  #seen = 0;

  constructor(descriptor: Descriptor) {
    this.#descriptor = descriptor;
    this.#hash = createHash(algorithmOf(descriptor.digest));
  }

  /** @throws KubecrateError SIZE_MISMATCH where this is more than the descriptor allows */
  update(chunk: Uint8Array): void {
    this.#seen += chunk.byteLength;
    if (this.#seen > this.#descriptor.size) {
      throw sizeMismatch(this.#descriptor, `more than ${this.#descriptor.size}`);
    }
    this.#hash.update(chunk);
  }

  /** @throws KubecrateError SIZE_MISMATCH, DIGEST_MISMATCH */
  finish(): void {
    const { digest, size } = this.#descriptor;
    if (this.#seen !== size) throw sizeMismatch(this.#descriptor, String(this.#seen));
    const actual = `${algorithmOf(digest)}:${this.#hash.digest('hex')}`;
    if (actual !== digest) throw digestMismatch(this.#descriptor, actual);
  }
}

/** @throws KubecrateError SIZE_MISMATCH, DIGEST_MISMATCH where `bytes` are not the content of `descriptor` */
export function verifyBytes(descriptor: Descriptor, bytes: Uint8Array): void {
  const check = new ContentCheck(descriptor);
  check.update(bytes);
  check.finish();
}

/** The error for content of the wrong digest. */
export function digestMismatch(descriptor: Descriptor, actual: string): KubecrateError {
  return new KubecrateError('DIGEST_MISMATCH', `content of ${descriptor.digest} has the digest ${actual}`, {
    hint: 'the source or something on the way changed the bytes; nothing of them was kept',
  });
}

/** The error for content of the wrong length; `actual` is the number of bytes seen, in words for people. */
export function sizeMismatch(descriptor: Descriptor, actual: string): KubecrateError {
  return new KubecrateError(
    'SIZE_MISMATCH',
    `content of ${descriptor.digest} should have ${descriptor.size} bytes but has ${actual}`,
    { hint: 'the source sent a short or a wrong body; nothing of it was kept' },
  );
}

/** True for content that is not what its descriptor says. */
export function isWrongContent(error: unknown): error is KubecrateError {
  return hasCode(error, 'DIGEST_MISMATCH') || hasCode(error, 'SIZE_MISMATCH');
}

/** Content that came from elsewhere, and is not what was asked for. */
class WrongContentError extends KubecrateError {}

/** The failure of content that a registry sent, told with what was tried: `read blob sha256:... of docker.io/library/mysql`. Any other comes back as it is. */
export function wrongContent(what: string, error: unknown): unknown {
  if (error instanceof WrongContentError) return error;
  if (!isWrongContent(error)) return error;
  return new WrongContentError(error.code, `cannot ${what}: ${error.message}`, {
    cause: error,
    hint: 'the registry, a mirror or a proxy on the way sent other bytes, and nothing of them was kept: run the same command again; where it stays so, push the image to the registry again',
  });
}

function failureOf(action: () => void): Error | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
