/** Reading the configuration from where people keep it. */

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileError, isMissing } from '@kubecrate/errors';
import { type DaemonConfig, parseDaemonConfig } from './daemon-config.ts';
import { type CredentialFile, parseDockerConfig } from './docker-config.ts';
import { readIfThere } from './read-if-there.ts';
import { parseRegistriesConf, type RegistriesConf } from './registries-conf.ts';
import type { ProxyConfig, RegistryConfig } from './registry-config.ts';

export interface ConfigSources {
  /** The environment; nothing is read behind its back. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The directory of the user. */
  readonly home: string;
  /** Kubecrate's configuration where it was named; it has to be there then. */
  readonly configFile?: string | undefined;
  /** `/etc`, but for tests. */
  readonly etc?: string;
}

/**
 * Reads: kubecrate's `config.json`, registries.conf with its drop-ins, Docker's and containers' credentials, proxies.
 * Files that are not there are nothing; files that cannot be read are an error.
 * @throws KubecrateError INVALID_CONFIG, DENIED; NotFoundError for a `configFile` that is not there
 */
export async function loadRegistryConfig(sources: ConfigSources): Promise<RegistryConfig> {
  const { env } = sources;
  const [daemon, conf, credentials] = await Promise.all([
    readDaemonConfig(sources),
    readRegistriesConf(sources),
    readCredentialFiles(sources),
  ]);
  return {
    ...daemon,
    registries: conf.registries,
    unqualifiedSearch: conf.unqualifiedSearch,
    certificateDirectories: certificateDirectories(sources),
    authorityFiles: authorityFiles(sources),
    extraAuthorityFiles: given(env['NODE_EXTRA_CA_CERTS']),
    credentials,
    helperEnvironment: env,
    proxy: proxyOf(env),
    ...(env['KUBECRATE_KEY_PASSPHRASE'] === undefined ? {} : { keyPassphrase: env['KUBECRATE_KEY_PASSPHRASE'] }),
  };
}

/** Docker's `config.json`, where logins are kept. */
export function dockerConfigFile({ env, home }: Pick<ConfigSources, 'env' | 'home'>): string {
  return path.join(env['DOCKER_CONFIG'] || path.join(home, '.docker'), 'config.json');
}

/** Kubecrate's configuration files in the order they are looked for; the first that exists counts. */
export function configFiles({ env, home, etc = '/etc' }: ConfigSources): readonly string[] {
  return [path.join(configHome(env, home), 'kubecrate', 'config.json'), path.join(etc, 'kubecrate', 'config.json')];
}

async function readDaemonConfig(sources: ConfigSources): Promise<Partial<DaemonConfig>> {
  const { configFile } = sources;
  if (configFile !== undefined) {
    const text = await readFile(configFile, 'utf8').catch((error: unknown) => {
      throw fileError(`cannot read ${JSON.stringify(configFile)}`, error);
    });
    return parseDaemonConfig(text, configFile);
  }
  for (const file of configFiles(sources)) {
    const text = await readIfThere(file);
    if (text !== undefined) return parseDaemonConfig(text, file);
  }
  return {};
}

/** One main file, then the drop-ins in the order of their names: a later rule for a prefix replaces an earlier one. */
async function readRegistriesConf({ env, home, etc = '/etc' }: ConfigSources): Promise<RegistriesConf> {
  const user = path.join(configHome(env, home), 'containers');
  const system = path.join(etc, 'containers');
  const named = given(env['CONTAINERS_REGISTRIES_CONF']);
  const main = await firstThere(named.length > 0 ? named : [path.join(user, FILE), path.join(system, FILE)]);
  const dropIns = (
    await Promise.all([dropInsOf(path.join(system, `${FILE}.d`)), dropInsOf(path.join(user, `${FILE}.d`))])
  ).flat();
  const rules = new Map<string, RegistriesConf['registries'][number]>();
  let unqualifiedSearch: readonly string[] = [];
  for (const file of [...(main === undefined ? [] : [main]), ...dropIns]) {
    const conf = await parseRegistriesConf((await readIfThere(file)) ?? '', file);
    for (const rule of conf.registries) rules.set(rule.prefix, rule);
    if (conf.unqualifiedSearch.length > 0) unqualifiedSearch = conf.unqualifiedSearch;
  }
  return { registries: [...rules.values()], unqualifiedSearch };
}

async function readCredentialFiles(sources: ConfigSources): Promise<readonly CredentialFile[]> {
  const { env, home } = sources;
  const named = given(env['REGISTRY_AUTH_FILE']);
  const containers = [
    ...given(env['XDG_RUNTIME_DIR']).map((directory) => path.join(directory, 'containers', 'auth.json')),
    path.join(configHome(env, home), 'containers', 'auth.json'),
  ];
  const files = named.length > 0 ? [...named, dockerConfigFile(sources)] : [dockerConfigFile(sources), ...containers];
  const read = files.map(async (file) => {
    const text = await readIfThere(file);
    return text === undefined ? [] : [parseDockerConfig(text, file)];
  });
  return (await Promise.all(read)).flat();
}

function certificateDirectories(sources: ConfigSources): readonly string[] {
  const { env, home, configFile, etc = '/etc' } = sources;
  const own = configFile === undefined ? path.join(configHome(env, home), 'kubecrate') : path.dirname(configFile);
  return [
    path.join(own, 'certs.d'),
    ...['kubecrate', 'isulad', 'docker', 'containers', 'containerd'].map((name) => path.join(etc, name, 'certs.d')),
  ];
}

/** Where distributions keep the authorities that the machine trusts. */
function authorityFiles({ env, etc = '/etc' }: ConfigSources): readonly string[] {
  const named = given(env['SSL_CERT_FILE']);
  if (named.length > 0) return named;
  return ['ssl/certs/ca-certificates.crt', 'pki/tls/certs/ca-bundle.crt', 'ssl/ca-bundle.pem', 'ssl/cert.pem'].map(
    (name) => path.join(etc, name),
  );
}

function proxyOf(env: ConfigSources['env']): ProxyConfig {
  const variable = (...names: readonly string[]): { readonly name: string; readonly value: string } | undefined => {
    for (const name of names.flatMap((upper) => [upper, upper.toLowerCase()])) {
      const value = env[name];
      if (value !== undefined && value !== '') return { name, value };
    }
    return undefined;
  };
  const http = variable('HTTP_PROXY', 'ALL_PROXY');
  const https = variable('HTTPS_PROXY', 'ALL_PROXY');
  const except = variable('NO_PROXY');
  if (http === undefined && https === undefined && except === undefined) return {};
  return {
    ...(http === undefined ? {} : { http: http.value }),
    ...(https === undefined ? {} : { https: https.value }),
    ...(except === undefined ? {} : { except: except.value }),
    variables: {
      ...(http === undefined ? {} : { http: http.name }),
      ...(https === undefined ? {} : { https: https.name }),
    },
  };
}

function configHome(env: ConfigSources['env'], home: string): string {
  return env['XDG_CONFIG_HOME'] || path.join(home, '.config');
}

function given(value: string | undefined): readonly string[] {
  return value === undefined || value === '' ? [] : [value];
}

async function dropInsOf(directory: string): Promise<readonly string[]> {
  try {
    const names = await readdir(directory);
    return names
      .filter((name) => name.endsWith('.conf'))
      .sort()
      .map((name) => path.join(directory, name));
  } catch (error) {
    if (isMissing(error)) return [];
    throw fileError(`cannot read directory ${JSON.stringify(directory)}`, error);
  }
}

async function firstThere(files: readonly string[]): Promise<string | undefined> {
  for (const file of files) if ((await readIfThere(file)) !== undefined) return file;
  return undefined;
}

const FILE = 'registries.conf';
