/** Where the lines of a batch leave to. */
import type { SealedEnvelope } from '../brand.ts';
import { PaymentCryptoError } from '../error.ts';

/** A chunk as it leaves. */
export interface BatchSegment {
  /** The first line is 1. */
  readonly firstLine: number;
  readonly count: number;
  /** CSV rows in envelopes of the embosser. */
  readonly envelopes: readonly SealedEnvelope[];
}

/** Where the chunks of one batch leave to, such as a file. Each method throws where it cannot. */
export interface BatchSink {
  /**
   * Drops what is beyond so many lines; throws where there are fewer. Called before the batch is ordered, and after each
   * chunk that was written and not issued.
   */
  resume(batchId: string, lines: number): Promise<void>;
  /** Takes a chunk, durably. */
  write(segment: BatchSegment): Promise<void>;
  /** Ends: every line was taken. */
  finish(): Promise<void>;
  /** Lets go of what it holds. Called last, however the batch ends; what was written stays for the next `resume`. */
  close(): Promise<void>;
}

/** Asks the sink of a batch, where it has one. */
export async function intoSink(
  { embosser }: { readonly embosser: { readonly sink: BatchSink } | undefined },
  act: (sink: BatchSink) => Promise<void>,
): Promise<void> {
  if (embosser === undefined) return;
  try {
    await act(embosser.sink);
  } catch (cause) {
    throw new PaymentCryptoError('ERR_EXPORT', 'sink', '"sink" expected to take the lines', cause);
  }
}
