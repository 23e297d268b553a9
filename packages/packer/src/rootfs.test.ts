import { KubecrateError } from '@kubecrate/errors';
import type { TarHeader } from '@kubecrate/files';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rootfs, type RootfsNode } from './rootfs.ts';

/** One change of a layer; `content` tells files apart. */
type Change =
  | { readonly kind: 'file'; readonly path: string; readonly content: number }
  | { readonly kind: 'directory' | 'hide' | 'empty'; readonly path: string };

describe('Rootfs', () => {
  it('is what whiteouts first and entries then make of the layers below, for any layers', () => {
    const path = fc
      .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 })
      .map((parts) => parts.join('/'));
    const change: fc.Arbitrary<Change> = fc.oneof(
      fc.record({ kind: fc.constant('file' as const), path, content: fc.nat() }),
      fc.record({ kind: fc.constantFrom('directory' as const, 'hide' as const, 'empty' as const), path }),
    );
    const layers = fc.array(fc.array(change, { maxLength: 8 }), { maxLength: 5 });
    fc.assert(
      fc.property(layers, fc.constantFrom('first' as const, 'last' as const), (changes, whiteouts) => {
        const wanted = changes.reduce(modelApply, new Map<string, Entry>());
        const actual = applied(changes.map((layer) => inOrder(layer, whiteouts)));
        // An entry below a file that the same layer hides can only be applied after the whiteout.
        if (actual === 'refused') return whiteouts === 'last' || wanted === 'refused';
        expect(actual).toEqual(wanted);
        return true;
      }),
      { numRuns: 2000 },
    );
  });
});

type Entry = number | 'directory';
type Model = ReadonlyMap<string, Entry> | 'refused';

function modelApply(below: Model, layer: readonly Change[]): Model {
  if (below === 'refused') return below;
  const hidden = [...below].filter(([path]) => {
    const hides = ({ kind, path: at }: Change): boolean =>
      (kind === 'hide' && (path === at || path.startsWith(`${at}/`))) ||
      (kind === 'empty' && path.startsWith(`${at}/`));
    return !layer.some(hides);
  });
  const model = new Map(hidden);
  for (const change of layer) {
    if (change.kind === 'hide' || change.kind === 'empty') continue;
    const parts = change.path.split('/');
    for (let i = 1; i < parts.length; i++) {
      const parent = parts.slice(0, i).join('/');
      if (typeof model.get(parent) === 'number') return 'refused';
      model.set(parent, 'directory');
    }
    if (change.kind !== 'file') model.set(change.path, 'directory');
    else {
      for (const path of model.keys()) if (path.startsWith(`${change.path}/`)) model.delete(path);
      model.set(change.path, change.content);
    }
  }
  return model;
}

function applied(layers: readonly (readonly Change[])[]): Model {
  const rootfs = new Rootfs<number>();
  try {
    for (const layer of layers) {
      rootfs.beginLayer();
      for (const change of layer) rootfs.apply(headerOf(change), change.kind === 'file' ? change.content : undefined);
    }
  } catch (error) {
    if (error instanceof KubecrateError) return 'refused';
    throw error;
  }
  return new Map(entriesOf('', rootfs.find('')!));
}

function* entriesOf(directory: string, node: RootfsNode<number>): Generator<[string, Entry]> {
  for (const [name, child] of node.children ?? []) {
    const path = directory === '' ? name : `${directory}/${name}`;
    yield [path, child.content ?? 'directory'];
    yield* entriesOf(path, child);
  }
}

function inOrder(layer: readonly Change[], whiteouts: 'first' | 'last'): readonly Change[] {
  const isWhiteout = ({ kind }: Change): boolean => kind === 'hide' || kind === 'empty';
  const [hiding, adding] = [layer.filter(isWhiteout), layer.filter((change) => !isWhiteout(change))];
  return whiteouts === 'first' ? [...hiding, ...adding] : [...adding, ...hiding];
}

function headerOf({ kind, path }: Change): TarHeader {
  const at = path.lastIndexOf('/') + 1;
  const place =
    kind === 'hide' ? `${path.slice(0, at)}.wh.${path.slice(at)}` : kind === 'empty' ? `${path}/.wh..wh..opq` : path;
  return {
    path: place,
    type: kind === 'directory' ? 'directory' : 'file',
    size: 0,
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: 0,
  };
}
