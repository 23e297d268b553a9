/** The connections of this thread from which blobs are poured, and the clock of what moves on them. */

import { Sockets } from './sockets.ts';
import { Transfer, type TransferOptions } from './transfer.ts';

/** What one connection reads at once; it keeps this much memory of its own. Bytes. */
const READ_BYTES = 256 * 1024;
/** How often it is looked for connections that are quiet; milliseconds. */
const TICK_MS = 1000;

/** Opens connections as they are needed; closed with the client. */
export class Pourers implements Disposable {
  readonly #sockets = new Sockets(() => Buffer.allocUnsafeSlow(READ_BYTES), 'sometimes');
  readonly #moving = new Set<Transfer>();
  #clock: NodeJS.Timeout | undefined;

  start(options: Omit<TransferOptions, 'sockets'>): Transfer {
    const transfer = new Transfer({ ...options, sockets: this.#sockets });
    this.#moving.add(transfer);
    this.#clock ??= setInterval(() => {
      for (const moving of this.#moving) moving.tick(TICK_MS);
    }, TICK_MS);
    return transfer;
  }

  /** Gives a transfer up that is not over. */
  end(transfer: Transfer): void {
    transfer.abort();
    this.#moving.delete(transfer);
    if (this.#moving.size > 0) return;
    clearInterval(this.#clock);
    this.#clock = undefined;
  }

  [Symbol.dispose](): void {
    for (const transfer of this.#moving) this.end(transfer);
    this.#sockets[Symbol.dispose]();
  }
}
