/** The main job, from nothing to a served cluster image: `npm run demo`. */

import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run, serve } from './program.ts';
import { makeUpstream } from './upstream.ts';

const EXAMPLE = fileURLToPath(new URL('../../../examples/quickstart', import.meta.url));
const NAMED_HOST = 'localhost:5000';

interface Image {
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

// Below the system's directory for temporary files, and removed at the end.
const directory = await mkdtemp(join(tmpdir(), 'kubecrate-demo-'));
try {
  await demonstrate(directory);
} finally {
  await rm(directory, { recursive: true, force: true });
}

async function demonstrate(at: string): Promise<void> {
  console.log('Making a registry with three images of two platforms and two Helm charts.');
  await makeUpstream(join(at, 'upstream'));
  const env = { ...process.env, KUBECRATE_STORE: join(at, 'store') };
  const archive = join(at, 'quickstart.tar');
  const expected = await buildFrom(join(at, 'upstream'), join(at, 'context'), archive, env);

  console.log('\nThe registry is gone. What the cluster will pull comes from the tarball alone.');
  await using cluster = await serve(archive, env);
  const elsewhere = { ...process.env, KUBECRATE_STORE: join(at, 'cluster') };
  for (const { repository, tag, digest } of expected) {
    const pulled = await run(['pull', `${cluster.host}/${repository}:${tag}`], elsewhere);
    if (!pulled.includes(digest)) throw new Error(`${repository}:${tag} has another digest than ${digest}`);
  }
  console.log(`\n${expected.length} images and charts were built into one tarball and pulled from it, digests equal.`);
}

/** Builds the example while its registry is there; gives what the tarball has to serve. */
async function buildFrom(
  upstream: string,
  context: string,
  archive: string,
  env: NodeJS.ProcessEnv,
): Promise<readonly Image[]> {
  await using registry = await serve(upstream, env);
  await cp(EXAMPLE, context, { recursive: true });
  for (const file of ['imageList', 'manifests/web.yaml']) {
    const path = join(context, file);
    await writeFile(path, (await readFile(path, 'utf8')).replaceAll(NAMED_HOST, registry.host));
  }
  console.log(`\nThe example's ${NAMED_HOST} is ${registry.host} here.`);
  await run(['list-images', '--why', context], env);
  const report = await run(['build', '-t', 'quickstart:1', '-o', archive, '--output', 'json', context], env);
  await run(['images'], env);
  const { platforms } = JSON.parse(report) as { platforms: readonly { images: readonly Image[] }[] };
  return platforms.flatMap(({ images }) => images);
}
