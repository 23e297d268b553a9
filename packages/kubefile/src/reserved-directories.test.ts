import { expect, test } from 'vitest';
import { isDirectoryDestination, isReservedDirectory, RESERVED_DIRECTORIES } from './index.ts';

test.each([...RESERVED_DIRECTORIES])('%s is a directory by name, however it is spelled', (name) => {
  for (const path of [name, `/${name}`, `./${name}`, `${name}/`, `x/../${name}`, `//${name}`]) {
    expect(isReservedDirectory(path)).toBe(true);
    expect(isDirectoryDestination(path)).toBe(true);
  }
});

test.each(['manifests/imageList', 'x/manifests', 'Manifests', 'manifest', 'a', '', 'registry'])(
  '%s is not reserved',
  (path) => expect(isReservedDirectory(path)).toBe(false),
);

test('the top of the image and whatever ends in a slash are directories', () => {
  for (const path of ['.', './', '/', '..', 'a/', 'a/.', 'a/..']) expect(isDirectoryDestination(path)).toBe(true);
  for (const path of ['a', 'a/b', './a', 'a.']) expect(isDirectoryDestination(path)).toBe(false);
});
