/** Sending a blob that is poured: its bytes go from memory into the socket, and nowhere in between. */

import { type BlobSink, ContentCheck, type OperationOptions, type Pour } from '@kubecrate/content';
import type { Descriptor } from '@kubecrate/oci';
import { discard } from '../http/body.ts';
import { requestOnce } from '../session.ts';
import { abandoning, closing, NOT_WHOLE, wantsChunks } from './push-blob.ts';
import { type RepositoryContext, registryOf } from './repository-context.ts';
import { openUpload } from './upload-session.ts';

/** Stores a blob, verified before its last bytes are sent; 'declined' where the registry wants it in chunks. */
export async function pushPoured(
  context: RepositoryContext,
  descriptor: Descriptor,
  pour: Pour,
  { signal }: OperationOptions,
): Promise<'received' | 'declined'> {
  signal?.throwIfAborted();
  const party = await registryOf(context);
  const upload = await openUpload(context, descriptor, signal);
  if (context.session.chunked.has(upload.url.host)) {
    context.uploads.set(descriptor.digest, upload);
    return 'declined';
  }
  const poured: { outcome: 'poured' | 'declined' } = { outcome: 'poured' };
  const fill: Pour = async (sink, options) => {
    poured.outcome = await pour(checked(sink, descriptor), options);
    if (poured.outcome === 'declined') throw new Error('the blob cannot be poured');
    return poured.outcome;
  };
  await abandoning(context, party, upload, async () => {
    const question = closing(context, party, { descriptor, upload, signal });
    try {
      const { answer } = await requestOnce(context.session, party, {
        ...question,
        expect: [...question.expect, ...NOT_WHOLE],
        body: { kind: 'poured', pour: fill, size: descriptor.size },
      });
      discard(answer);
      if (NOT_WHOLE.includes(answer.status)) throw wantsChunks(context, upload, descriptor, answer);
    } catch (error) {
      signal?.throwIfAborted();
      if (poured.outcome === 'poured') throw error;
      // Nothing was sent: the session is there for the push that follows.
      context.uploads.set(descriptor.digest, upload);
    }
  });
  if (poured.outcome === 'declined') return 'declined';
  context.written.value = 'something';
  return 'received';
}

/** A sink that refuses content which is not that of the descriptor, before the last of it is let go. */
function checked(sink: BlobSink, descriptor: Descriptor): BlobSink {
  const check = new ContentCheck(descriptor);
  let seen = 0;
  let refused: { readonly reason: unknown } | undefined;
  return {
    write(bytes) {
      if (refused !== undefined) throw refused.reason;
      try {
        check.update(bytes);
        seen += bytes.byteLength;
        if (seen >= descriptor.size) check.finish();
      } catch (reason) {
        refused = { reason };
        throw reason;
      }
      return sink.write(bytes);
    },
  };
}
