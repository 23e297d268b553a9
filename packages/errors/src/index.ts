export { didYouMean, nearestTo } from './did-you-mean.ts';
export {
  type ErrorCode,
  type ErrorDetails,
  hasCode,
  KubecrateError,
  NotFoundError,
  TransientError,
} from './kubecrate-error.ts';
export { redact, redactName, redactUrl } from './redact.ts';
export { fileError, isMissing, messageOf, reasonOf, systemCode } from './system-error.ts';
export { toldWith } from './told-with.ts';
