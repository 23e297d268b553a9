/** Holds the graph of packages: what each may import, as docs/architecture.md draws it. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Packages of ours that each package may import. Nothing here goes up: a name only lists names above it. */
const OURS: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  oci: ['errors'],
  documents: ['errors'],
  files: ['errors'],
  gotemplate: ['errors'],
  content: ['errors', 'oci'],
  kubefile: ['errors', 'oci'],
  charts: ['errors', 'files', 'gotemplate'],
  registry: ['errors', 'oci', 'content'],
  stores: ['errors', 'oci', 'files', 'content'],
  embedded: ['errors', 'oci', 'files', 'content'],
  server: ['errors', 'oci', 'content'],
  discovery: ['errors', 'oci', 'documents', 'files', 'gotemplate', 'charts'],
  saver: ['errors', 'oci', 'content', 'registry', 'stores'],
  packer: ['errors', 'oci', 'files', 'content'],
  'image-store': ['errors', 'oci', 'files', 'content', 'stores'],
  builder: ['errors', 'oci', 'files', 'content', 'kubefile', 'charts', 'discovery', 'saver', 'packer', 'image-store'],
  sync: ['errors', 'oci', 'documents', 'content', 'registry'],
  imagetasks: ['errors', 'oci', 'documents', 'content', 'registry', 'stores', 'gotemplate', 'charts'],
};

/** Third-party packages and the one package of ours that may import each. */
const THIRD_PARTY: Readonly<Record<string, readonly string[]>> = {
  bcryptjs: ['gotemplate'],
  dockerode: ['stores'],
  'proper-lockfile': ['image-store'],
  re2js: ['gotemplate', 'sync', 'imagetasks'],
  'smol-toml': ['charts', 'registry'],
  undici: ['registry'],
  yaml: ['documents'],
};

const ROOT = join(import.meta.dirname, '..', 'packages');

interface Import {
  readonly file: string;
  readonly from: string;
}

async function importsOf(name: string): Promise<readonly Import[]> {
  const source = join(ROOT, name, 'src');
  const files = (await readdir(source, { recursive: true })).filter((file) => file.endsWith('.ts'));
  const found = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(source, file), 'utf8');
      const specifiers = text.matchAll(
        /^(?:import|export)\b[^;]*?\bfrom '([^']+)'|\bimport\('([^']+)'\)|^import '([^']+)'/gm,
      );
      return [...specifiers].map(([, a, b, c]): Import => ({ file: `${name}/src/${file}`, from: a ?? b ?? c ?? '' }));
    }),
  );
  return found.flat();
}

const isTest = ({ file }: Import): boolean => file.endsWith('.test.ts') || file.includes('/testing/');
const packageOf = (from: string): string =>
  from.startsWith('@') ? from.split('/', 2).join('/') : (from.split('/')[0] ?? from);

describe('the graph of packages', () => {
  it('lists every package there is', async () => {
    expect((await readdir(ROOT)).sort()).toEqual(Object.keys(OURS).sort());
  });

  it('goes downward only', () => {
    const order = Object.keys(OURS);
    for (const [name, allowed] of Object.entries(OURS)) {
      for (const below of allowed)
        expect(order.indexOf(below), `${name} -> ${below}`).toBeLessThan(order.indexOf(name));
    }
  });

  it.each(Object.keys(OURS))('%s imports only what is below it, by its index', async (name) => {
    const allowed = new Set((OURS[name] ?? []).map((other) => `@kubecrate/${other}`));
    const offending = (await importsOf(name)).filter((imported) => {
      if (!imported.from.startsWith('@kubecrate/')) return false;
      // Tests may use fixtures and the packages that their subject is used with.
      return isTest(imported) ? false : !allowed.has(imported.from);
    });
    expect(offending).toEqual([]);
  });

  it.each(Object.keys(OURS))('%s declares in package.json and tsconfig.json what it imports', async (name) => {
    const manifest = JSON.parse(await readFile(join(ROOT, name, 'package.json'), 'utf8')) as {
      dependencies?: Record<string, string>;
    };
    const project = JSON.parse(await readFile(join(ROOT, name, 'tsconfig.json'), 'utf8')) as {
      references: { path: string }[];
    };
    const ours = (OURS[name] ?? []).map((other) => `@kubecrate/${other}`);
    const declared = Object.keys(manifest.dependencies ?? {});
    expect(declared.filter((dependency) => dependency.startsWith('@kubecrate/')).sort()).toEqual(ours.sort());
    expect(project.references.map(({ path }) => path.replace('../', '@kubecrate/')).sort()).toEqual(ours);
  });

  it.each(Object.keys(OURS))('%s imports third-party packages only where the table says so', async (name) => {
    const manifest = JSON.parse(await readFile(join(ROOT, name, 'package.json'), 'utf8')) as {
      dependencies?: Record<string, string>;
    };
    const allowed = Object.keys(THIRD_PARTY).filter((library) => THIRD_PARTY[library]?.includes(name));
    const third = (await importsOf(name))
      .filter((imported) => !isTest(imported))
      .map(({ from }) => packageOf(from))
      .filter((from) => !from.startsWith('.') && !from.startsWith('node:') && !from.startsWith('@kubecrate/'));
    const used = [...new Set(third)].sort();
    expect(used.filter((library) => !allowed.includes(library))).toEqual([]);
    const declared = Object.keys(manifest.dependencies ?? {}).filter(
      (dependency) => !dependency.startsWith('@kubecrate/'),
    );
    expect(declared.sort()).toEqual(used);
  });
});
