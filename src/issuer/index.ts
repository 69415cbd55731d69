/** An issuer of cards over an HSM and a store. */
export type {
  AccountId,
  BatchId,
  CodeBlock,
  CustomerId,
  PanIndex,
  ProductId,
  RequestId,
  SealedEnvelope,
} from '../brand.ts';
export type { AuditEvent, AuditHook } from '../hsm/audit.ts';
export type { AttemptOutcome } from '../tries/attempt.ts';
export type { Accounts, OwnAccounts } from './accounts.ts';
export type { AcknowledgeReceiptRequest, Possession } from './acknowledge-receipt.ts';
export type { AddCardRequest, AddedCard } from './add-card.ts';
export type { AssignPinRequest } from './assign-pin.ts';
export type { BatchEmbosser, IssueBatchRequest } from './batch-order.ts';
export type { BatchReport } from './batch-report.ts';
export type { BatchSegment, BatchSink } from './batch-sink.ts';
export type { CardLimit } from './card-limit.ts';
export type { CardRecord, MethodName } from './card-record.ts';
export { CARD_TRANSITIONS, type CardAction, type CardState, type Transition } from './card-state.ts';
export type { CardView } from './card-view.ts';
export type { ChangePinRequest } from './change-pin.ts';
export type { ClientKeys } from './desk.ts';
export type { DynamicCvv2Issued, DynamicCvv2Request } from './dynamic-cvv2.ts';
export type { Embossing } from './emboss.ts';
export type { BatchProgress } from './issue-batch.ts';
export type { InstantCardRequest } from './issue-instant-card.ts';
export type { CardTerms } from './issue-terms.ts';
export { createIssuer, type IssuerOptions } from './issuer.ts';
export type { CardRequest, Issuer, PermittedRequest } from './operations.ts';
export type { PinTries } from './pin-tries.ts';
export {
  type DynamicProfile,
  defineProduct,
  type IssuedProfile,
  type Product,
  type ProductDefinition,
  type ProductPin,
  type TimeProfile,
} from './product.ts';
export type { Reindexed } from './reindex-cards.ts';
export type { ReissueCardRequest, ReissuedCard, ReissuePin, ReissueReason } from './reissue-request.ts';
export type { RenewPinRequest } from './renew-pin.ts';
export type { Channel, SecurityCodesRequest } from './security-codes.ts';
export type { TransferCardRequest } from './transfer-card.ts';
export type { UnblockPinRequest } from './unblock-pin.ts';
export type { ValidateCvv2Request } from './validate-cvv2.ts';
export type { ValidatePinRequest } from './validate-pin.ts';
