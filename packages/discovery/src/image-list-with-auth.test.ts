import { describe, expect, test } from 'vitest';
import { readImageListWithAuth } from './image-list-with-auth.ts';

describe('readImageListWithAuth', () => {
  test('reads sections; names without a host belong to the registry of their section', async () => {
    const sections = await readImageListWithAuth(
      '- registry: hub.example.com:5000\n  username: u\n  password: 12345\n  images:\n  - library/nginx:1\n  - ""\n  - docker.io/mysql\n  - quay.io/a/b:2\n' +
        '- registry: index.docker.io\n  username: "x"\n  password: y\n  images: [mysql]\n',
      'auth.yaml',
    );
    expect(sections.map(({ registry, username, password }) => [registry, username, password])).toEqual([
      ['hub.example.com:5000', 'u', '12345'],
      ['docker.io', 'x', 'y'],
    ]);
    expect(sections.map(({ images }) => images.entries.map(({ image, line }) => `${line} ${image}`))).toEqual([
      ['5 hub.example.com:5000/library/nginx:1', '7 docker.io/library/mysql:latest', '8 quay.io/a/b:2'],
      ['12 docker.io/library/mysql:latest'],
    ]);
  });

  test('names every fault with its line, and no secret', async () => {
    const text =
      '- registry: quay.io\n  usrname: u\n  password: hidden-one\n  images: [Foo]\n- registry: nodots\n  username: u\n  password: hidden-two\n- 1\n';
    const failure = await readImageListWithAuth(text, 'a.yaml').catch((error: unknown) => error as Error);
    expect(failure).toMatchObject({ code: 'INVALID_LIST' });
    const { message } = failure as Error;
    expect(message).toContain('a.yaml:2: unknown key "usrname"; did you mean "username"?');
    expect(message).toContain('a.yaml:1: username is missing');
    expect(message).toContain('a.yaml:5: registry "nodots" is no registry host');
    expect(message).toContain('a.yaml:8: a section should be a map, and is a number');
    expect(message).not.toContain('hidden');
  });

  test.each([
    ['registry: quay.io', 'expected a list of sections'],
    ['- registry: [', 'a.yaml:1:'],
    ['- {registry: quay.io, username: u, password: p, images: {a: b}}', 'images is not a list'],
    ['- {registry: quay.io, username: u, password: p, images: [[a]]}', 'an image is not a text'],
  ])('refuses %j', async (text, reason) => {
    await expect(readImageListWithAuth(text, 'a.yaml')).rejects.toThrow(reason);
  });
});
