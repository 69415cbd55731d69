/** `issueInstantCard`: an account and a card at once, ready for purchases. */
import type { CustomerId } from '../brand.ts';
import { fail } from '../error.ts';
import { requireIdentifier } from '../input.ts';
import { type AddCardRequest, type AddedCard, addCard } from './add-card.ts';
import type { Desk } from './desk.ts';

/** What an instant card is asked for with: the customer must be there, the account is opened. */
export interface InstantCardRequest extends AddCardRequest {
  readonly customer: string;
}

/** Opens the account where there is none, and makes an active card; what makes no card opens no account. */
export async function issueInstantCard(desk: Desk, request: InstantCardRequest): Promise<AddedCard> {
  const customer = requireIdentifier(request.customer, 'customer') as CustomerId;
  return addCard(
    desk,
    { ...request, customer },
    {
      operation: 'issueInstantCard',
      state: 'active',
      async prepareBooks(account) {
        if (!(await desk.accounts.hasCustomer(customer)))
          fail('ERR_ACCOUNT', 'customer', 'a customer that was added');
        if ((await desk.accounts.customerOf(account)) === undefined)
          await desk.accounts.openAccount(customer, account);
      },
    },
  );
}
