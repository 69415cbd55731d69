/** What goes between a pool and its workers. Types only. */
import type { DigitColumn } from '../bytes/digit-column.ts';
import type { CvvColumnsOptions } from '../cvv/columns.ts';
import type { ErrorCode } from '../error.ts';
import type { KeyAttributes } from '../keys/usage.ts';

/** A key in a message inside the process. */
export interface SentKey {
  readonly attributes: Required<KeyAttributes>;
  readonly bytes: Uint8Array;
}

/** What all tasks have: a counter of chunks in shared memory. */
interface SharedWork {
  readonly id: number;
  readonly rows: number;
  readonly chunkRows: number;
  /** Number 0: the next chunk. */
  readonly counter: Int32Array;
}

/** CVVs of columns. */
export interface CvvTask extends SharedWork {
  readonly kind: 'cvv';
  readonly keys: { readonly cvk: SentKey };
  readonly cards: {
    readonly pan: DigitColumn;
    readonly expiry: DigitColumn | string;
    readonly serviceCode: DigitColumn | string;
  };
  readonly options: CvvColumnsOptions | undefined;
  readonly out: Uint16Array;
}

/** Cards for PANs; without PANs the workers make them, chunk by chunk. */
export interface IssueTask extends SharedWork {
  readonly kind: 'issue';
  readonly keys: { readonly [Name in 'pan' | 'cvk' | 'pvk' | 'pek']: SentKey };
  readonly first: number;
  readonly isPanMade: boolean;
  readonly range: { readonly iin: string; readonly length: number };
  readonly policy: {
    readonly minLength: number;
    readonly maxLength: number;
    readonly repeated: 'refuse' | 'allow';
    readonly sequences: 'refuse' | 'allow';
    readonly listed: readonly string[];
  };
  readonly card: {
    readonly expiry: string;
    readonly serviceCode: string;
    readonly pvki: string;
    readonly pinBlockFormat: 'ISO-0' | 'ISO-3';
    readonly pinLength: number;
    readonly expiryOrder: 'YYMM' | 'MMYY';
  };
  readonly out: {
    readonly pan: Uint8Array;
    readonly cvv: Uint16Array;
    readonly cvv2: Uint16Array;
    readonly icvv: Uint16Array;
    readonly pins: Uint8Array;
    readonly pvv: Uint16Array;
    readonly pinBlock: Uint8Array;
  };
}

export type Task = CvvTask | IssueTask;

/** A worker's answer: done with its share, or the first refusal, with the row where its chunk begins. */
export type TaskResult =
  | { readonly id: number; readonly ok: true }
  | {
      readonly id: number;
      readonly ok: false;
      readonly row: number;
      readonly code: ErrorCode | undefined;
      readonly field: string;
      readonly message: string;
    };
