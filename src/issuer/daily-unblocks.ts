/** How often something of a card may be unblocked a day: its PIN, and its budgets of codes and proofs. */
import { fail } from '../error.ts';
import { dayOf } from './calendar.ts';
import type { CardRecord } from './card-record.ts';
import { type Desk, now } from './desk.ts';
import type { Product } from './product.ts';

/** The card with one more unblock of today; refused beyond what its product allows. */
export function countUnblock(
  desk: Desk,
  { unblocksPerDay }: Product,
  card: CardRecord,
  what: 'pin' | 'codes',
): CardRecord {
  const day = dayOf(now(desk));
  const today = card.unblocks.day === day ? card.unblocks : { day, pin: 0, codes: 0 };
  if (today[what] >= unblocksPerDay) fail('ERR_POLICY', 'token', `at most ${unblocksPerDay} unblocks a day`);
  return { ...card, unblocks: { ...today, [what]: today[what] + 1 } };
}
