export { type CredentialStoreOptions, eraseCredential, storeCredential } from './auth/credential-store.ts';
export { openRegistryClient, type RegistryClient, type RegistryClientOptions } from './client.ts';
export { type DaemonConfig, parseDaemonConfig } from './config/daemon-config.ts';
export { type Credential, type CredentialFile, givenCredentials, parseDockerConfig } from './config/docker-config.ts';
export { isLoopback } from './config/host-name.ts';
export { type HostCapability, type HostEntry, type HostsToml, parseHostsToml } from './config/hosts-toml.ts';
export {
  type ConfigSources,
  configFiles,
  dockerConfigFile,
  loadRegistryConfig,
} from './config/load-registry-config.ts';
export {
  type MirrorRule,
  parseRegistriesConf,
  type RegistriesConf,
  type RegistryRule,
} from './config/registries-conf.ts';
export type { ProxyConfig, RegistryConfig, RegistryLimits, Timeouts } from './config/registry-config.ts';
export { searchedRegistry } from './config/searched-registry.ts';
export { type DownloadOptions, download } from './download.ts';
export type { PingResult } from './operations/ping.ts';
export type { RegistryRepository } from './repository.ts';
