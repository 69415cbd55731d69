/** Every operation, in the order of a card's life. */
import { acknowledgeReceipt, activateCard } from './activate-card.ts';
import { addCard } from './add-card.ts';
import { assignPin, blockPin, renewPin } from './assign-pin.ts';
import { blockCard, cancelCard, cardStatus, unblockCard } from './block-card.ts';
import { changePin } from './change-pin.ts';
import { dynamicCvv2 } from './dynamic-cvv2.ts';
import { batchReport, issueBatch } from './issue-batch.ts';
import { issueInstantCard } from './issue-instant-card.ts';
import { panForToken, tokenForPan } from './pan-for-token.ts';
import { pinTries } from './pin-tries.ts';
import { reindexCards } from './reindex-cards.ts';
import { reissueCard } from './reissue-card.ts';
import { revealCvv2, revealPan, revealPin } from './reveal.ts';
import type { Scenario } from './scenario.ts';
import { securityCodes } from './security-codes.ts';
import { cardLimit, setCardLimit, transferCard } from './transfer-card.ts';
import { unblockCodes } from './unblock-codes.ts';
import { unblockPin } from './unblock-pin.ts';
import { validateCvv2 } from './validate-cvv2.ts';
import { validatePin } from './validate-pin.ts';

export const SCENARIOS: readonly Scenario[] = [
  addCard,
  issueInstantCard,
  issueBatch,
  batchReport,
  activateCard,
  acknowledgeReceipt,
  cardStatus,
  panForToken,
  tokenForPan,
  reissueCard,
  transferCard,
  blockCard,
  unblockCard,
  cancelCard,
  cardLimit,
  setCardLimit,
  securityCodes,
  dynamicCvv2,
  validateCvv2,
  pinTries,
  validatePin,
  changePin,
  assignPin,
  renewPin,
  blockPin,
  unblockPin,
  unblockCodes,
  revealPan,
  revealCvv2,
  revealPin,
  reindexCards,
];
