import { describe, expect, test } from 'vitest';
import { entryFor, withKnownCredentials } from './credentials.ts';
import { readAuth } from './read-auth.ts';
import { readConfig } from './read-config.ts';
import { readRules } from './read-rules.ts';

/** The example of the README of image-sync-config: JSON with comments. */
const EXAMPLE = `{               
    // Authentication fields, each object has a URL as key and a username/password pair as value, 
    // if authentication object is not provided for a registry, access to the registry will be anonymous.
        
    "quay.io": {        // This "registry" or "registry/namespace" string should be the same as registry or registry/namespace used below in "images" field.  
                            // The format of "registry/namespace" will be more prior matched than "registry"
        "username": "xxx",             
        "password": "xxxxxxxxx",
        "insecure": true         // "insecure" field needs to be true if this registry is a http service, default value is false, version of image-syncer need to be later than v1.0.1 to support this field
    },
    "registry.cn-beijing.aliyuncs.com": {
        "username": "xxx",
        "password": "xxxxxxxxx"
    },
    "registry.hub.docker.com": {
        "username": "xxx",
        "password": "xxxxxxxxxx"
    },
    "quay.io/coreos": {     // "registry/namespace" format is supported after v1.0.3 of image-syncer     
        "username": "abc",              
        "password": "xxxxxxxxx",
        "insecure": true  
    }
}
`;

describe('readAuth', () => {
  test('reads the example that people have, as it is', async () => {
    const entries = await readAuth(EXAMPLE, 'auth.json', {});
    expect(
      entries.map(({ domain, path, login, security, line }) => [domain, path, login?.username, security, line]),
    ).toEqual([
      ['quay.io', '', 'xxx', 'insecure', 5],
      ['registry.cn-beijing.aliyuncs.com', '', 'xxx', 'verified', 11],
      ['docker.io', '', 'xxx', 'verified', 15],
      ['quay.io', 'coreos', 'abc', 'insecure', 19],
    ]);
  });

  test('the longest key wins, at the borders of names; Docker Hub has many names', async () => {
    const entries = await readAuth(
      'quay.io: {username: a, password: p}\nquay.io/core: {username: b, password: p}\nquay.io/core/x: {username: c, password: p}\nregistry-1.docker.io/library: {insecure: true}\nmyhost: {username: d, password: p}\n',
      'auth.yaml',
      {},
    );
    const userOf = (domain: string, repository: string) => entryFor(entries, { domain, repository })?.login?.username;
    expect(userOf('quay.io', 'other/x')).toBe('a');
    expect(userOf('quay.io', 'coreos/x')).toBe('a');
    expect(userOf('quay.io', 'core/y')).toBe('b');
    expect(userOf('quay.io', 'core/x')).toBe('c');
    expect(userOf('quay.io', 'core/x/y')).toBe('c');
    expect(userOf('evil.example', 'core/x')).toBeUndefined();
    expect(entryFor(entries, { domain: 'docker.io', repository: 'library/nginx' })?.security).toBe('insecure');
    expect(entryFor(entries, { domain: 'docker.io', repository: 'other/nginx' })).toBeUndefined();
    expect(userOf('myhost', 'x')).toBe('d');
  });

  test('variables expand in braces only; a lone dollar stays', async () => {
    const entries = await readAuth(
      `quay.io:\n  username: \${USER_NAME}\n  password: pa$$word$X\${SECRET}\n`,
      'auth.yaml',
      { USER_NAME: 'me', SECRET: '-s3' },
    );
    expect(entries[0]?.login).toEqual({ username: 'me', password: 'pa$$word$X-s3' });
  });

  test('an entry with a variable that is not set fails the rules that would use it, and no other', async () => {
    const auth = await readAuth(
      `quay.io: {username: u, password: "\${NOBODY}hunter2"}\nquay.io/open: {username: u, password: p}\n`,
      'a.yaml',
      {},
    );
    const read = await readRules('quay.io/a: q.io/a\nq.io/b: [quay.io/b, quay.io/open/b]\nq.io/c: q.io/d', 'r.yaml', {
      defaults: {},
      environment: {},
    });
    const { rules, failed } = withKnownCredentials(read, auth);
    expect(rules.map(({ destinationText }) => destinationText)).toEqual(['quay.io/open/b', 'q.io/d']);
    expect(failed.map(({ rule, error }) => `${rule.line} ${(error as Error).message}`)).toEqual([
      '1 a.yaml:1: password of "quay.io": variable NOBODY is not set',
      '2 a.yaml:1: password of "quay.io": variable NOBODY is not set',
    ]);
  });

  test.each([
    ['quay.io: {username: u}', 'has a username and no password'],
    ['quay.io: {pasword: hunter2, username: u}', 'unknown key "pasword"; did you mean "password"?'],
    ['quay.io: {username: [hunter2], password: x}', 'username should be a text, and is a list'],
    ['quay.io: {insecure: hunter2}', 'insecure should be true or false, and is a text'],
    ['quay.io: hunter2', '"quay.io" should be a map, and is a text'],
    ['"ada:hunter2@127.0.0.1:5603": {username: u, password: x}', '"***@127.0.0.1:5603" is no registry'],
    ['"https://ada:hunter2@quay.io": {usrname: u}', '"https://***@quay.io"'],
    [
      'docker.io: {insecure: true}\nindex.docker.io: {insecure: true}',
      'a.yaml:2: "index.docker.io" is given twice, on line 1 too',
    ],
    ['"quay.io/a b": {insecure: true}', 'is no registry, registry/namespace'],
  ])('refuses %j, and shows no secret', async (text, reason) => {
    const failure = await readAuth(text, 'a.yaml', {}).catch((error: unknown) => error as Error);
    expect(failure).toMatchObject({ code: 'INVALID_CONFIG', message: expect.stringContaining(reason) });
    expect((failure as Error).message).not.toContain('hunter2');
  });
});

describe('readConfig', () => {
  const options = { defaults: {}, environment: {} };

  test('reads images and auth of one file', async () => {
    const { rules, auth } = await readConfig(
      '{"auth": {"quay.io": {"username": "u", "password": "p"}}, "images": {"quay.io/a/b:1": "c.io/d"}}',
      'config.json',
      options,
    );
    expect(rules.map(({ text, line }) => `${line} ${text}`)).toEqual(['1 quay.io/a/b:1']);
    expect(auth.map(({ domain }) => domain)).toEqual(['quay.io']);
  });

  test.each([
    ['imgs: {a: b}', 'config.yaml:1: unknown key "imgs"; did you mean "images"?'],
    ['images: *list', 'config.yaml:1:9: unknown alias "list"'],
    ['imges: {a: b}', 'config.yaml:1: unknown key "imges"; did you mean "images"?'],
    ['auth: {}', 'config.yaml:1: it has no images'],
    [
      'images: [a]\nauth: x',
      'config.yaml:1: images should be a map, and is a list\n  config.yaml:2: auth should be a map, and is a text',
    ],
  ])('refuses %j', async (text, message) => {
    await expect(readConfig(text, 'config.yaml', options)).rejects.toThrow(message);
  });
});
