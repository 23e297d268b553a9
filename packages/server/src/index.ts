export type { ServerEvent } from './server-event.ts';
export type { Credentials, ServerOptions, TlsOptions } from './server-options.ts';
export { type RunningServer, startServer } from './start-server.ts';
