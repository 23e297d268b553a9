export type {
  Action,
  CopyAction,
  PlatformChoice,
  PullAction,
  PushAction,
  RegistryAccess,
  TransferAction,
} from './action.ts';
export { actionOfFlags, type FlagValue, type FlagValues } from './action-of-flags.ts';
export { parseDestination, type StoredImage } from './image-name.ts';
export type { MoveOptions } from './move-images.ts';
export { type ImagePlan, type PlannedImage, planImages, type RefusedImage } from './plan-images.ts';
export { readTasks } from './read-tasks.ts';
export type { ActionReport, ImageOutcome } from './report.ts';
export { usualDirectory } from './resolve-action.ts';
export { type RefusedTask, type ResolvedAction, resolveTasks, type Step } from './resolve-tasks.ts';
export { type RunOptions, runActions } from './run-actions.ts';
export type { ActionKind, ImageTask, OtherTask, TaskAction, TaskFile } from './task.ts';
export { taskFunctions } from './task-functions.ts';
export { assignVariable, overlay, readVariables } from './variables.ts';
