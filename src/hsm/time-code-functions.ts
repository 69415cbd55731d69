/** What an HSM does with card codes that change with time. Types only. */
import type { CodeBlock, Expiry, Psn, UnixSeconds } from '../brand.ts';
import type { DynamicCvv2Window } from '../dcvv2/dcvv2.ts';
import type { HashName } from '../mode/hmac.ts';
import type { CardReference, KeyLabel } from './reference.ts';

/** How codes change with time; the key of each card is derived from the one that is named. */
export type TimeScheme = {
  /** Mode X: HMAC, usage M7, for `totp`; TDES pair, usage C0, for `cvv-time`. */
  readonly key: KeyLabel;
  /** UNIX seconds of step 0. */
  readonly t0: number;
  readonly periodSeconds: number;
  readonly digits: 3 | 4;
} & ({ readonly profile: 'totp'; readonly hash: HashName } | { readonly profile: 'cvv-time' });

/** A card whose codes change with time, at a time. */
export interface TimedCard {
  readonly card: CardReference;
  readonly psn: Psn;
  readonly expiry: Expiry;
  readonly scheme: TimeScheme;
  readonly at: UnixSeconds;
}

/** Codes that change with time. */
export interface TimeCodeFunctions {
  /**
   * The code that a card shows at a time, under a client's data key.
   *
   * @throws ERR_CLOCK | ERR_PAN | ERR_EXPIRY  not a time, or before T0 · as `cardCodes`
   */
  timeCode(
    request: TimedCard & { readonly under: KeyLabel },
  ): Promise<{ readonly code: CodeBlock; readonly step: number; readonly expires: UnixSeconds }>;
  /**
   * The comparison of a code with those of the steps around a time that come after `floor`: the highest step that
   * matches, or `undefined`.
   *
   * @throws ERR_CLOCK | ERR_PAN | ERR_EXPIRY  as `timeCode`
   */
  prepareVerifyTimeCode(
    request: TimedCard & {
      readonly candidate: string;
      readonly window: DynamicCvv2Window;
      /** The highest step that was accepted; -1 where none was. */
      readonly floor: number;
    },
  ): Promise<() => Promise<number | undefined>>;
}
