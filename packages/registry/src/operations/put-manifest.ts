/** The one request that writes a manifest. */

import { pushScope } from '../auth/scopes.ts';
import { discard } from '../http/body.ts';
import { headerOf } from '../http/wire.ts';
import { request } from '../session.ts';
import { access, commonHeaders, type RepositoryContext, registryOf, urlFor } from './repository-context.ts';

/** Sends the bytes of a manifest to `/manifests/<reference>`. */
export async function putManifest(
  context: RepositoryContext,
  { mediaType, bytes, reference }: { readonly mediaType: string; readonly bytes: Buffer; readonly reference: string },
  signal: AbortSignal | undefined,
): Promise<{ readonly subject: string | undefined }> {
  const party = await registryOf(context);
  const { answer } = await request(context.session, party, {
    what: `write manifest ${JSON.stringify(reference)} of ${context.name}`,
    method: 'PUT',
    url: urlFor(party, `manifests/${reference}`),
    headers: { ...commonHeaders(context), 'content-type': mediaType },
    body: { kind: 'bytes', bytes },
    expect: [200, 201, 202],
    ...access(party, pushScope, signal),
  });
  discard(answer);
  context.written.value = 'something';
  return { subject: headerOf(answer, 'oci-subject') };
}
