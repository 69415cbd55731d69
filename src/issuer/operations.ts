/**
 * Every operation of an issuer, as one interface. Types only; each is at home in the file of its name.
 */
import type { CodeBlock, Expiry, Pan, PanToken, SealedEnvelope } from '../brand.ts';
import type { Capability, CardCodes } from '../hsm/functions.ts';
import type { AttemptOutcome } from '../tries/attempt.ts';
import type { OwnAccounts } from './accounts.ts';
import type { AcknowledgeReceiptRequest } from './acknowledge-receipt.ts';
import type { AddCardRequest, AddedCard } from './add-card.ts';
import type { AssignPinRequest } from './assign-pin.ts';
import type { IssueBatchRequest } from './batch-order.ts';
import type { BatchReport } from './batch-report.ts';
import type { CardLimit } from './card-limit.ts';
import type { CardView } from './card-view.ts';
import type { ChangePinRequest } from './change-pin.ts';
import type { DynamicCvv2Issued, DynamicCvv2Request } from './dynamic-cvv2.ts';
import type { BatchProgress } from './issue-batch.ts';
import type { InstantCardRequest } from './issue-instant-card.ts';
import type { PinTries } from './pin-tries.ts';
import type { Reindexed } from './reindex-cards.ts';
import type { ReissueCardRequest, ReissuedCard } from './reissue-request.ts';
import type { RenewPinRequest } from './renew-pin.ts';
import type { SecurityCodesRequest } from './security-codes.ts';
import type { TransferCardRequest } from './transfer-card.ts';
import type { UnblockPinRequest } from './unblock-pin.ts';
import type { ValidateCvv2Request } from './validate-cvv2.ts';
import type { ValidatePinRequest } from './validate-pin.ts';

/** A card, by its token. */
export interface CardRequest {
  readonly token: string;
}

/** A card, and a capability. */
export interface PermittedRequest extends CardRequest {
  readonly permit: Capability;
}

/**
 * An issuer of cards. What every operation throws, beside what it names itself:
 *
 * @throws ERR_INPUT  a request that is not what it should be
 * @throws ERR_TOKEN | ERR_NOT_FOUND  not a token · no card has it
 * @throws ERR_CLOCK | ERR_AUDIT      the clock or the audit hook failed
 * @throws ERR_STORE_UNAVAILABLE      nobody knows whether it was done: repeat what has an identifier; the others say what to do
 * @throws ERR_STORE_CORRUPT | ERR_STORE_ROLLBACK | ERR_CONFLICT  a record that is not ours, or an old one · others change it all the time
 */
export interface Issuer {
  /**
   * A card with a PAN that was never issued, inactive until it is activated. The same request gives the same card for
   * ever, and an envelope once more; never the block of its PIN: where the answer was lost, `renewPin` or `assignPin`.
   *
   * @throws ERR_NOT_FOUND         an unknown product or client
   * @throws ERR_ACCOUNT           no such account, or another customer's
   * @throws ERR_EXPIRY | ERR_SERVICE_CODE  terms that cannot be
   * @throws ERR_PAN_SPACE         the range is used up
   * @throws ERR_REQUEST_MISMATCH  the request identifier was used for another operation, or with other terms
   * @throws ERR_CARD_STATE        an envelope once more, of a card that is neither inactive nor active
   * @throws ERR_POLICY            the embosser has no KEK
   */
  addCard(request: AddCardRequest): Promise<AddedCard>;
  /** An account and an active card at once. @throws as `addCard`; ERR_ACCOUNT where the customer was not added */
  issueInstantCard(request: InstantCardRequest): Promise<AddedCard>;
  /**
   * What is left of a batch, chunk by chunk, each line exactly once, with a report at the end. To be iterated; what is
   * not asked for is not issued.
   *
   * @throws ERR_REQUEST_MISMATCH  the batch was ordered with other parameters, another embosser among them
   * @throws ERR_PAN_SPACE         more cards than the range has left, when it is ordered; the range is used up
   * @throws ERR_CONFLICT          somebody else issues the same batch
   * @throws ERR_EXPORT            the sink failed: its chunk was not issued
   * @throws ERR_NOT_FOUND | ERR_EXPIRY | ERR_SERVICE_CODE | ERR_POLICY  as for `addCard`
   */
  issueBatch(request: IssueBatchRequest): AsyncGenerator<BatchProgress, void, undefined>;
  /** The report of a batch. @throws ERR_NOT_FOUND no such batch */
  batchReport(request: { readonly batchId: string }): Promise<BatchReport>;
  /** A card as it stands. */
  cardStatus(request: CardRequest): Promise<CardView>;
  /**
   * The PAN of a token, in an envelope of a client with the context `pan/` and the token. @permit reveal-pan
   *
   * @throws ERR_NOT_FOUND | ERR_POLICY  an unknown client, or one without KEK · no capability
   */
  panForToken(
    request: PermittedRequest & { readonly client: string },
  ): Promise<{ readonly pan: SealedEnvelope }>;
  /** The token of a PAN that this issuer issued. @permit find-token @throws ERR_PAN | ERR_NOT_FOUND | ERR_POLICY not a PAN · not one of ours · no capability */
  tokenForPan(request: {
    readonly pan: string;
    readonly permit: Capability;
  }): Promise<{ readonly token: PanToken }>;
  /**
   * A new card in place of one that is lost, stolen or needed at once; a new plastic of one that is damaged or expired,
   * in use once it is activated. @permit issuance, where a PIN is kept for a new PAN
   *
   * @throws ERR_CARD_STATE           the card is ended; it is blocked, and would keep its PAN
   * @throws ERR_PIN_NOT_RECOVERABLE  the PIN cannot be kept without the holder's block
   * @throws ERR_PIN_REFUSED          the holder's block is not right; it cost a try
   * @throws ERR_REQUEST_MISMATCH | ERR_EXPIRY | ERR_PAN_SPACE | ERR_POLICY | ERR_NOT_FOUND  as for `addCard`; no capability
   */
  reissueCard(request: ReissueCardRequest): Promise<ReissuedCard>;
  /**
   * The codes of a card, and with a capability its PIN, each in a code block of a client. @permit reveal-pin, for the PIN
   *
   * @throws ERR_CARD_STATE           neither inactive nor active; no PIN
   * @throws ERR_PIN_NOT_RECOVERABLE  the product does not let PINs come back
   * @throws ERR_POLICY | ERR_NOT_FOUND  no capability · a client without key for codes, or unknown
   */
  securityCodes(request: SecurityCodesRequest): Promise<CardCodes & { readonly pin?: CodeBlock }>;
  /**
   * A new CVV2 for one purchase; the one before is void, and the printed one off until it is switched back. Answer
   * lost: again.
   *
   * @throws ERR_CARD_STATE  not active
   * @throws ERR_POLICY      a product without dynamic codes; codes by time of another T0, period or profile under the same key
   * @throws ERR_POLICY | ERR_NOT_FOUND  a client without key for codes, or unknown
   */
  dynamicCvv2(request: DynamicCvv2Request): Promise<DynamicCvv2Issued | { readonly disabled: true }>;
  /**
   * A CVV2 that came with a purchase, printed or dynamic, on one budget.
   *
   * @throws ERR_CARD_STATE  not active
   * @throws ERR_POLICY      codes by time of another scheme than the one that `dynamicCvv2` switched on; no try is paid
   */
  validateCvv2(request: ValidateCvv2Request): Promise<AttemptOutcome>;
  /** How the tries of the PIN stand. */
  pinTries(request: CardRequest): Promise<PinTries>;
  /**
   * The PIN in a block of a client, verified and counted in one act.
   *
   * @throws ERR_CARD_STATE        not active, or without PIN
   * @throws ERR_PIN_BLOCK_FORMAT  a format that the policy or the key does not take
   * @throws ERR_POLICY | ERR_NOT_FOUND  a client without PIN key, or unknown
   */
  validatePin(request: ValidatePinRequest): Promise<AttemptOutcome>;
  /**
   * The holder's new PIN against the old one; the new block is opened only once the old PIN was right. Answer lost:
   * `validatePin` with the new PIN.
   *
   * @throws ERR_PIN_REFUSED  the new PIN: block, length, weak, the same. It cost a try
   * @throws as `validatePin`
   */
  changePin(request: ChangePinRequest): Promise<AttemptOutcome>;
  /**
   * A PIN set by the issuer. Answer lost: again. @permit set-pin
   *
   * @throws ERR_PIN_REFUSED  as for `changePin`
   * @throws ERR_CARD_STATE   neither inactive nor active
   * @throws ERR_PIN_BLOCK_FORMAT | ERR_POLICY | ERR_NOT_FOUND  as for `validatePin`; no capability; a product without PIN
   */
  assignPin(request: AssignPinRequest): Promise<CardView>;
  /** A PIN blocked by the issuer. Answer lost: `pinTries`. @throws ERR_CARD_STATE neither inactive nor active; no PIN; blocked by the issuer already */
  blockPin(request: CardRequest): Promise<PinTries>;
  /**
   * The same PIN again, its tries cleared. Answer lost: `pinTries`. @permit unblock-pin; reveal-pin of its own, where the
   * PIN is to come back
   *
   * @throws ERR_CARD_STATE  neither inactive nor active; no PIN; not blocked
   * @throws ERR_POLICY      as often as the product allows today; no capability
   * @throws ERR_PIN_NOT_RECOVERABLE | ERR_NOT_FOUND  as for `securityCodes`
   */
  unblockPin(request: UnblockPinRequest): Promise<{ readonly pin: CodeBlock | undefined }>;
  /**
   * Codes and proofs of possession may be tried again: both budgets are cleared. Answer lost: `cardStatus`.
   * @permit unblock-pin
   *
   * @throws ERR_CARD_STATE  neither inactive nor active; neither budget used up
   * @throws ERR_POLICY      as often as the product allows today, apart from the PIN; no capability
   */
  unblockCodes(request: PermittedRequest): Promise<CardView>;
  /**
   * A new random PIN. Answer lost: again. @permit set-pin; reveal-pin of its own, where it is to leave
   *
   * @throws ERR_CARD_STATE           neither inactive nor active
   * @throws ERR_PIN_NOT_RECOVERABLE  it is to leave, and the product does not let PINs come back
   * @throws ERR_POLICY | ERR_NOT_FOUND  no capability; a product without PIN · a client without key for codes, or unknown
   */
  renewPin(
    request: RenewPinRequest,
  ): Promise<{ readonly card: CardView; readonly pin: CodeBlock | undefined }>;
  /** A card, or its next plastic, in use from now on. Answer lost: `cardStatus`. @throws ERR_CARD_STATE active without next plastic, blocked, ended, expired */
  activateCard(request: CardRequest): Promise<CardView>;
  /**
   * The same against a proof that the holder has the card, on a budget of its own. Answer lost: `cardStatus`.
   *
   * @throws ERR_POLICY  digits of a PAN that hides fewer than four
   * @throws as `activateCard`
   */
  acknowledgeReceipt(request: AcknowledgeReceiptRequest): Promise<AttemptOutcome>;
  /** Nothing is verified on the card until it is unblocked. Answer lost: `cardStatus`. @throws ERR_CARD_STATE neither inactive nor active */
  blockCard(request: CardRequest): Promise<CardView>;
  /** A blocked card is what it was. Answer lost: `cardStatus`. @throws ERR_CARD_STATE not blocked */
  unblockCard(request: CardRequest): Promise<CardView>;
  /**
   * A card to another account, or from stock to its first. Answer lost: `cardStatus` says the account.
   *
   * @throws ERR_CARD_STATE  its state; to the account that it has
   * @throws ERR_ACCOUNT     no such account, or another customer's
   */
  transferCard(request: TransferCardRequest): Promise<CardView>;
  /** The end of a card. Answer lost: `cardStatus`. @throws ERR_CARD_STATE ended before */
  cancelCard(request: CardRequest): Promise<CardView>;
  /** The monthly limit of a card; `undefined` where none is established. */
  cardLimit(request: CardRequest): Promise<CardLimit>;
  /** Sets the monthly limit; 0 takes it away. Answer lost: again. @throws ERR_CARD_STATE neither inactive nor active */
  setCardLimit(request: CardRequest & { readonly limit: number }): Promise<CardLimit>;
  /** The PAN in clear: show it, do not store it. @permit reveal-pan @throws ERR_POLICY no capability */
  revealPan(request: PermittedRequest): Promise<{ readonly pan: Pan }>;
  /** The printed CVV2 in clear: show it, do not store it. @permit reveal-cvv2 @throws ERR_POLICY | ERR_CARD_STATE no capability · neither inactive nor active */
  revealCvv2(request: PermittedRequest): Promise<{ readonly cvv2: string; readonly expiry: Expiry }>;
  /** The PIN in a code block of a client. @permit reveal-pin @throws as `securityCodes` */
  revealPin(request: PermittedRequest & { readonly client: string }): Promise<{ readonly pin: CodeBlock }>;
  /**
   * Gives cards the PAN index of the keys in use, some at a time. To take over from a key: every process with both, a
   * pass with nothing left, every process with the new one.
   *
   * @throws ERR_STORE_CORRUPT  two cards have one PAN
   */
  reindexCards(request: { readonly after?: string; readonly limit?: number }): Promise<Reindexed>;
  /** The issuer's own customers and accounts; of no use where books of your own were handed in. */
  readonly accounts: OwnAccounts;
}
