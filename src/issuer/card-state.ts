/** The states of a card and what each permits, as one table. */
import type { UnixSeconds } from '../brand.ts';
import { fail } from '../error.ts';
import { isOver } from './calendar.ts';
import type { CardRecord, WrittenState } from './card-record.ts';

/** The state of a card at a moment. */
export type CardState = WrittenState | 'expired';

/** What can be asked of a card. */
export type CardAction =
  | 'activate'
  | 'block'
  | 'unblock'
  | 'cancel'
  | 'replace'
  | 'renew'
  | 'produce'
  | 'use'
  | 'transfer'
  | 'limit'
  | 'receive';

/** What an action leads to: a state · the state before a block (`back`) · the same state · nothing. */
export type Transition = WrittenState | 'back' | 'same' | 'no';

/** What a card that has ended permits: nothing. */
const ENDED: Readonly<Record<CardAction, 'no'>> = {
  activate: 'no',
  block: 'no',
  unblock: 'no',
  cancel: 'no',
  replace: 'no',
  renew: 'no',
  produce: 'no',
  use: 'no',
  transfer: 'no',
  limit: 'no',
  receive: 'no',
};

/**
 * State (row) and action (column). `replace` is reissue under a new PAN, `renew` under the same one; `produce` is
 * what making and activating a card needs: its codes, its PIN; `use` is everything else that looks at a code or PIN;
 * `limit` sets the monthly limit; `receive` takes a proof that its holder has the card, or its next plastic.
 */
export const CARD_TRANSITIONS: {
  readonly [S in CardState]: { readonly [A in CardAction]: Transition };
} = {
  inactive: {
    activate: 'active',
    block: 'blocked',
    unblock: 'no',
    cancel: 'cancelled',
    replace: 'replaced',
    renew: 'same',
    produce: 'same',
    use: 'no',
    transfer: 'same',
    limit: 'same',
    receive: 'same',
  },
  active: {
    activate: 'no',
    block: 'blocked',
    unblock: 'no',
    cancel: 'cancelled',
    replace: 'replaced',
    renew: 'same',
    produce: 'same',
    use: 'same',
    transfer: 'same',
    limit: 'same',
    receive: 'same',
  },
  blocked: {
    activate: 'no',
    block: 'no',
    unblock: 'back',
    cancel: 'cancelled',
    replace: 'replaced',
    renew: 'no',
    produce: 'no',
    use: 'no',
    transfer: 'no',
    limit: 'no',
    receive: 'no',
  },
  expired: {
    activate: 'no',
    block: 'no',
    unblock: 'no',
    cancel: 'cancelled',
    replace: 'replaced',
    renew: 'same',
    produce: 'no',
    use: 'no',
    transfer: 'no',
    limit: 'no',
    receive: 'same',
  },
  cancelled: ENDED,
  replaced: ENDED,
};

/** The state of a card now: what is not ended expires with its month. */
export function stateOf(card: CardRecord, at: UnixSeconds): CardState {
  if (card.state === 'cancelled' || card.state === 'replaced') return card.state;
  return isOver(card.expiry, at) ? 'expired' : card.state;
}

/** Refuses an action that the state of a card does not permit; else the state that it leads to. */
export function requireTransition(card: CardRecord, action: CardAction, at: UnixSeconds): WrittenState {
  const state = stateOf(card, at);
  // A block outlives the date: a new plastic would be the way around it.
  const isBlocked = card.state === 'blocked' && (action === 'renew' || action === 'receive');
  const to = isBlocked ? 'no' : CARD_TRANSITIONS[state][action];
  if (to === 'no') return fail('ERR_CARD_STATE', 'token', `a card that permits to ${action}`, state);
  if (to === 'same') return card.state;
  return to === 'back' ? (card.before ?? 'inactive') : to;
}
