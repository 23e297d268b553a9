/** What a transfer fills with the content of a blob. */

export type Verdict =
  | { readonly outcome: 'verified'; readonly framed?: string }
  | { readonly outcome: 'wrong'; readonly actual: string };

export interface Filling {
  /** Bytes of the blob that it has, without a gap. */
  readonly have: number;
  /** Takes the next bytes. After 'pause' no more may come, and the memory stays as it is, until the transfer is resumed. */
  write(chunk: Buffer): 'more' | 'pause';
  /** Verifies the whole. */
  finish(): Verdict;
}
