/** Customers and their accounts, as far as an issuer of cards has to know them. */
import type { AccountId, CustomerId } from '../brand.ts';
import { fail } from '../error.ts';
import { requireIdentifier } from '../input.ts';
import type { Ledger } from './ledger.ts';

/** The caller's books. Each method throws where it cannot tell. */
export interface Accounts {
  /** Whose account it is; `undefined` where there is no such account. */
  customerOf(account: AccountId): Promise<CustomerId | undefined>;
  hasCustomer(customer: CustomerId): Promise<boolean>;
  /** Opens an account of a customer; the same account of the same customer may be opened again. */
  openAccount(customer: CustomerId, account: AccountId): Promise<void>;
}

/** Books in the issuer's own store: identifiers are checked when they come, 1 to 128 printable ASCII characters. */
export interface OwnAccounts extends Accounts {
  customerOf(account: string): Promise<CustomerId | undefined>;
  hasCustomer(customer: string): Promise<boolean>;
  openAccount(customer: string, account: string): Promise<void>;
  /** Adds a customer; one that is there may be added again. */
  addCustomer(customer: string): Promise<void>;
}

/** Rounds after which a record that cannot be written is given up on. */
const MOST_ROUNDS = 1000;

/** Customers and accounts as records of the issuer. */
export function ownAccounts(ledger: Ledger): OwnAccounts {
  /** Writes a record that never changes; `same` says whether the one that is there will do. */
  const add = async (kind: string, id: string, body: string): Promise<void> => {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const answer = await ledger.commit([{ kind, id, expected: 0, unique: [], body }]);
      if (answer === 'done') return;
      // A store that was in the way of itself says "stale" of what is new.
      if (answer === 'stale') continue;
      if ((await ledger.get(kind, id))?.body === body) return;
      fail('ERR_EXISTS', kind, 'one that is of the same customer');
    }
    fail('ERR_CONFLICT', kind, 'one that others leave alone', `${MOST_ROUNDS} rounds`);
  };
  return Object.freeze({
    async customerOf(account: string): Promise<CustomerId | undefined> {
      const record = await ledger.get('account', requireIdentifier(account, 'account'));
      return record?.body as CustomerId | undefined;
    },
    async hasCustomer(customer: string): Promise<boolean> {
      return (await ledger.get('customer', requireIdentifier(customer, 'customer'))) !== undefined;
    },
    async addCustomer(customer: string): Promise<void> {
      await add('customer', requireIdentifier(customer, 'customer'), '');
    },
    async openAccount(customer: string, account: string): Promise<void> {
      const owner = requireIdentifier(customer, 'customer');
      if ((await ledger.get('customer', owner)) === undefined)
        fail('ERR_ACCOUNT', 'customer', 'a customer that was added');
      await add('account', requireIdentifier(account, 'account'), owner);
    },
  });
}

/** Refuses an account that is not there, or not the customer's where one is named. */
export async function requireAccount(
  accounts: Accounts,
  account: AccountId,
  customer: CustomerId | undefined,
): Promise<void> {
  const owner = await accounts.customerOf(account);
  if (owner === undefined) fail('ERR_ACCOUNT', 'account', 'an account that exists');
  if (customer !== undefined && owner !== customer)
    fail('ERR_ACCOUNT', 'account', 'an account of the customer', 'one of another');
}
