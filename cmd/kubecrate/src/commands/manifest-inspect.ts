/** `kubecrate manifest inspect`: the bytes behind a name. */

import { readManifest } from '@kubecrate/content';
import type { Context } from '../context.ts';
import type { TransferOptions } from '../options.ts';
import { openReporter } from '../reporters/reporter.ts';
import { writeJson } from '../text.ts';
import { parseMember } from '../transports/location.ts';
import { openSource } from '../transports/open-source.ts';
import { openPlaces } from '../transports/places.ts';

export async function inspectManifest(image: string, options: TransferOptions, context: Context): Promise<void> {
  const { signal, cwd, stdout } = context;
  using reporter = await openReporter(options.progress, context);
  await using places = openPlaces(options, context, { signal, onEvent: reporter.onEvent });
  await using source = await openSource(parseMember(image, cwd), places);
  const { bytes, descriptor } = await readManifest(source.target, source.descriptor, { signal });
  if (options.output === 'json') {
    const { mediaType, digest, size } = descriptor;
    writeJson(stdout, { image, mediaType, digest, size, manifest: JSON.parse(bytes.toString('utf8')) });
    return;
  }
  const text = bytes.toString('utf8');
  stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}
