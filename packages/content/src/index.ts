export { subjectOfTag } from './beside.ts';
export {
  type Companion,
  type CompanionKeeper,
  type Companions,
  type CompanionTagger,
  companionKey,
  formatCompanions,
  isCompanionKeeper,
  isCompanionTagger,
  parseCompanions,
} from './companions.ts';
export type { ContainerChanges, ContainerEngine, ContainerRun } from './container-engine.ts';
export { type CopyJob, type CopyReport, type CopyResult, copyImages } from './copy.ts';
export type { GraphContent, Tagged } from './copy-graph.ts';
export type { CopyOptions } from './copy-run.ts';
export type { CopyEvent, OnEvent } from './events.ts';
export { MemoryStore } from './memory-store.ts';
export { type Narrowing, narrowedView } from './narrowed-view.ts';
export {
  type BlobResolver,
  type BlobSink,
  type BulkDestination,
  type BulkFetcher,
  type BulkOptions,
  type BulkReceiver,
  type BulkResult,
  type Deleter,
  type Fill,
  type Framing,
  type Hosted,
  isBlobResolver,
  isBulkFetcher,
  isBulkReceiver,
  isDeleter,
  isHosted,
  isLinker,
  isLocator,
  isMounter,
  isPourer,
  isPourReceiver,
  isReferrerLister,
  isTagLister,
  type Linker,
  type Locator,
  type Mounter,
  type Pour,
  type Pourer,
  type PourReceiver,
  type ReferrerLister,
  type ReferrerOptions,
  type Segment,
  type TagLister,
  type TagOptions,
} from './powers.ts';
export { type LoadedManifest, readContent, readManifest } from './read-content.ts';
export {
  blobsOf,
  type Describer,
  formatRecipe,
  isDescriber,
  isRecipeFinder,
  isRecipeSource,
  keyOfParts,
  MAX_RECIPE_SIZE,
  parseRecipe,
  type Recipe,
  type RecipeFinder,
  type RecipePart,
  type RecipeSource,
  sizeOfParts,
} from './recipe.ts';
export { DEFAULT_RETRY, type RetryPolicy, retrying } from './retry.ts';
export { DEFAULT_LIMITS, type Limits, Scheduler, type Turn } from './scheduler.ts';
export { platformMissing, platformsOf, type Selection, selectPlatforms } from './select-platforms.ts';
export { type Successors, successorsOf } from './successors.ts';
export type {
  Fetcher,
  FetchOptions,
  Namespace,
  OperationOptions,
  ReadOnlyStore,
  ReadOnlyTarget,
  ResolveOptions,
  Resolver,
  Store,
  Tagger,
  Target,
} from './target.ts';
export {
  ContentCheck,
  digestMismatch,
  isWrongContent,
  sizeMismatch,
  verifyBytes,
  verifying,
  wrongContent,
} from './verify.ts';
