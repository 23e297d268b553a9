export { type Child, type ChildOptions, startChild } from './child-process.ts';
export { leftoversIn, temporaryDirectory } from './temporary-directory.ts';
