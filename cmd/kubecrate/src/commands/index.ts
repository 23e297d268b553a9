/** Every command by its name, each loaded when it is needed: starting one does not read the code of the others. */

import type { Command } from 'commander';
import type { Context } from '../context.ts';

/** The names of the commands, in the order in which the help lists them. */
export type CommandName =
  | 'build'
  | 'lint'
  | 'list-images'
  | 'chart'
  | 'check'
  | 'mirror'
  | 'sync'
  | 'image'
  | 'images'
  | 'inspect'
  | 'tag'
  | 'rmi'
  | 'prune'
  | 'pull'
  | 'push'
  | 'copy'
  | 'manifest'
  | 'search'
  | 'save'
  | 'load'
  | 'unpack'
  | 'verify'
  | 'serve'
  | 'login'
  | 'logout';

/** Makes the command, bound to what it gets of the process. */
export type OpenCommand = (context: Context) => Promise<Command>;

export const COMMANDS: Readonly<Record<CommandName, OpenCommand>> = {
  build: async (context) => (await import('./build.ts')).buildCommand(context),
  lint: async (context) => (await import('./lint.ts')).lintCommand(context),
  'list-images': async (context) => (await import('./list-images.ts')).listImagesCommand(context),
  chart: async (context) => (await import('./chart.ts')).chartCommand(context),
  check: async (context) => (await import('./check.ts')).checkCommand(context),
  mirror: async (context) => (await import('./mirror.ts')).mirrorCommand(context),
  sync: async (context) => (await import('./sync.ts')).syncCommand(context),
  image: async (context) => (await import('./image.ts')).imageCommand(context),
  images: async (context) => (await import('./images.ts')).imagesCommand(context),
  inspect: async (context) => (await import('./inspect.ts')).inspectCommand(context),
  tag: async (context) => (await import('./tag.ts')).tagCommand(context),
  rmi: async (context) => (await import('./rmi.ts')).rmiCommand(context),
  prune: async (context) => (await import('./prune.ts')).pruneCommand(context),
  pull: async (context) => (await import('./pull.ts')).pullCommand(context),
  push: async (context) => (await import('./push.ts')).pushCommand(context),
  copy: async (context) => (await import('./copy.ts')).copyCommand(context),
  manifest: async (context) => (await import('./manifest.ts')).manifestCommand(context),
  search: async (context) => (await import('./search.ts')).searchCommand(context),
  save: async (context) => (await import('./save.ts')).saveCommand(context),
  load: async (context) => (await import('./load.ts')).loadCommand(context),
  unpack: async (context) => (await import('./unpack.ts')).unpackCommand(context),
  verify: async (context) => (await import('./verify.ts')).verifyCommand(context),
  serve: async (context) => (await import('./serve.ts')).serveCommand(context),
  login: async (context) => (await import('./login.ts')).loginCommand(context),
  logout: async (context) => (await import('./logout.ts')).logoutCommand(context),
};
