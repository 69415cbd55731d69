/** `transferCard`: a card to another account; a card from stock to its first. */
import type { AccountId, CustomerId } from '../brand.ts';
import { fail } from '../error.ts';
import { requireIdentifier } from '../input.ts';
import { requireAccount } from './accounts.ts';
import { requireTransition } from './card-state.ts';
import { type CardView, viewOf } from './card-view.ts';
import { changeCard, type Desk, now } from './desk.ts';
import { leavingStock } from './stock.ts';

/** Where a card goes. */
export interface TransferCardRequest {
  readonly token: string;
  readonly account: string;
  /** Refused where the account is another customer's; any unless said. */
  readonly customer?: string;
}

/** Transfers a card; the account must be there. */
export async function transferCard(desk: Desk, request: TransferCardRequest): Promise<CardView> {
  const account = requireIdentifier(request.account, 'account') as AccountId;
  const customer =
    request.customer === undefined
      ? undefined
      : (requireIdentifier(request.customer, 'customer') as CustomerId);
  await requireAccount(desk.accounts, account, customer);
  const card = await changeCard(desk, request.token, async ({ card }) => {
    requireTransition(card, 'transfer', now(desk));
    if (card.account === account) fail('ERR_CARD_STATE', 'account', 'another account than the one it has');
    return { card: { ...card, account }, beside: await leavingStock(desk, card) };
  });
  return viewOf(desk, card);
}
