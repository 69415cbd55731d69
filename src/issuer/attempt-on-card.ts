/**
 * One attempt on a card: a try of one of its budgets is paid, durably, before anything secret is looked at, and
 * what was right counts only if the card is still the one that was tried.
 */
import type { UnixSeconds } from '../brand.ts';
import { fail } from '../error.ts';
import type { RecordPort } from '../port.ts';
import { type AttemptOutcome, type AttemptRecord, attempt, type Comparison } from '../tries/attempt.ts';
import type { TryCounter } from '../tries/tries.ts';
import type { CardRecord } from './card-record.ts';
import { type CardAction, requireTransition } from './card-state.ts';
import { cardEntry, type Desk, type HeldCard, now, requireCard, requireProduct } from './desk.ts';
import type { Product } from './product.ts';

/** Which of a card's budgets pays. */
export type Budget = keyof CardRecord['tries'];

/** Attempts whose card was changed before a try could be taken. */
const MOST_STARTS = 1000;

/**
 * What of a card must not change between the preparation of a comparison and its settlement: what that comparison
 * looks at, and no more, or a code that is issued meanwhile would make a right PIN wrong.
 */
function subjectOf(card: CardRecord, budget: Budget): string {
  const { state, generation, pin, dynamic, expiry, next } = card;
  const looked = { pin: [pin], code: [dynamic, expiry], activation: [next, expiry] }[budget];
  return JSON.stringify([state, generation, ...looked]);
}

/** Says that the card changed before the try was taken: nothing was paid. */
class Moved extends Error {}

/** The records of cards, as the attempt protocol sees them. */
function recordsOf(desk: Desk): RecordPort<HeldCard> {
  return {
    read: (token) => requireCard(desk, token),
    async compareAndSet(_, expected, next) {
      const answer = await desk.ledger.commit([cardEntry(next.card, expected.revision)]);
      return answer === 'done' ? 'done' : 'stale';
    },
  };
}

/** The card after a try was taken or forgiven. */
function withTries(card: CardRecord, budget: Budget, tries: TryCounter, at: UnixSeconds): CardRecord {
  const isTaken = tries.taken > card.tries[budget].taken;
  return {
    ...card,
    tries: { ...card.tries, [budget]: tries },
    pinTriedAt: budget === 'pin' && isTaken ? at : card.pinTriedAt,
  };
}

/** What is tried on a card. */
export interface CardAttempt {
  readonly budget: Budget;
  readonly action: CardAction;
  /**
   * Everything that can be refused, before a try is paid. What it returns is called for a paid try: it answers
   * false, or with what a right answer changes on the card as it then is.
   */
  prepare(
    card: CardRecord,
    product: Product,
  ): Promise<() => Promise<false | ((card: CardRecord) => CardRecord)>>;
}

/** Runs an attempt on the card of a token. */
export async function attemptOnCard(desk: Desk, token: unknown, tried: CardAttempt): Promise<AttemptOutcome> {
  for (let start = 0; start < MOST_STARTS; start++) {
    const { card } = await requireCard(desk, token);
    requireTransition(card, tried.action, now(desk));
    const compare = await tried.prepare(card, requireProduct(desk, card.product));
    try {
      return await attempt(recordsOf(desk), card.token, recordAt(desk, card, tried), () =>
        settled(card, tried.budget, compare),
      );
    } catch (error) {
      if (!(error instanceof Moved)) throw error;
    }
  }
  return fail('ERR_CONFLICT', 'token', 'a card that others leave alone', `${MOST_STARTS} rounds`);
}

function recordAt(
  desk: Desk,
  prepared: CardRecord,
  { budget, action }: CardAttempt,
): AttemptRecord<HeldCard> {
  return {
    read: (held) => held as HeldCard,
    tries: ({ card }) => card.tries[budget],
    withTries: ({ card, revision }, tries) => ({ card: withTries(card, budget, tries, now(desk)), revision }),
    prepare: ({ card }) => {
      requireTransition(card, action, now(desk));
      if (subjectOf(card, budget) !== subjectOf(prepared, budget)) throw new Moved();
    },
  };
}

/** A right answer counts for the card that was tried, and for no other that took its place. */
async function settled(
  prepared: CardRecord,
  budget: Budget,
  compare: () => Promise<false | ((card: CardRecord) => CardRecord)>,
): Promise<Comparison<HeldCard>> {
  const change = await compare();
  if (change === false) return false;
  return {
    settle: ({ card, revision }) =>
      subjectOf(card, budget) === subjectOf(prepared, budget) ? { card: change(card), revision } : undefined,
  };
}
