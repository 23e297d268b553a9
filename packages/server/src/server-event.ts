/** What a server tells, as data: its access log and its failures. */

/** `client` is the address of the other side. */
export type ServerEvent =
  | {
      readonly type: 'answered';
      readonly method: string;
      readonly path: string;
      readonly status: number;
      /** `broken-off`: the client went away, or the body could not be read to its end. */
      readonly outcome: 'sent' | 'broken-off';
      readonly client: string;
      readonly userAgent: string;
    }
  | { readonly type: 'failed'; readonly method: string; readonly path: string; readonly error: unknown };
