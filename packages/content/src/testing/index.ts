export {
  type CertificateAuthority,
  type CertificateOptions,
  type CertificatePair,
  certificateAuthority,
} from './certificates.ts';
export { type ChartOptions, chart, chartArchive, chartTag } from './chart-fixture.ts';
export { type Law, type Subject, targetComplianceSuite } from './compliance.ts';
export { type Call, type Counting, counting } from './counting-store.ts';
export { type FailureOptions, failingFetch, failingPush, type Lie, lying, slow } from './faulty-store.ts';
export { type ImageFixture, type ImageOptions, image, type LayerOptions, layerTar } from './image-fixture.ts';
export { attestationOf, type IndexOptions, index } from './index-fixture.ts';
export { type BlobFixture, blob, type ManifestFixture, manifest } from './manifest-fixture.ts';
export { memoryNamespace } from './memory-namespace.ts';
export { all, bytesOf, pushBlob, pushImage, streamOf } from './push-image.ts';
export { randomBytes, randomContent, randomStream, type StreamedContent } from './random-bytes.ts';
export { type ReadOnlySubject, readOnlyTargetComplianceSuite } from './read-only-compliance.ts';
export { cosignSignature, cosignTag, type ReferrerOptions, referrer } from './referrer-fixture.ts';
export { type TarFixture, tarOf } from './tar-fixture.ts';
export { wrapping } from './wrapping.ts';
