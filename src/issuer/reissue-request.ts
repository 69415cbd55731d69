/** What a reissue is asked for with, and what it leads to. */
import type { SealedEnvelope } from '../brand.ts';
import type { Capability, EncryptedPinBlock } from '../hsm/functions.ts';
import type { CardView } from './card-view.ts';
import type { Embossing } from './emboss.ts';
import type { CardTerms } from './issue-terms.ts';

/** Why a card is made again. The first three take a new PAN, the last two keep it. */
export type ReissueReason = 'lost' | 'stolen' | 'emergency' | 'damaged' | 'expired';

/** The reasons. */
export const REISSUE_REASONS: readonly ReissueReason[] = [
  'lost',
  'stolen',
  'emergency',
  'damaged',
  'expired',
];

/**
 * What becomes of the PIN: drawn anew; or kept, which needs a capability of scope `issuance` where the PAN changes,
 * and from a card whose product has no way back to the PIN, the holder's current PIN in a block.
 */
export type ReissuePin =
  | { readonly pin: 'new' }
  | {
      readonly pin: 'kept';
      readonly permit?: Capability;
      readonly current?: { readonly client: string; readonly block: EncryptedPinBlock };
    };

/** What a reissue is asked for with. */
export type ReissueCardRequest = {
  readonly token: string;
  readonly requestId: string;
  readonly reason: ReissueReason;
  readonly embossing?: Embossing;
} & Pick<CardTerms, 'expiry'> &
  ReissuePin;

/** What a reissue leads to. */
export interface ReissuedCard {
  /** The new card; or the same, with its next plastic. */
  readonly card: CardView;
  readonly emboss: SealedEnvelope | undefined;
  /** A PIN that was drawn, for the embosser: with the call that drew it only. */
  readonly pinBlock: EncryptedPinBlock | undefined;
}
