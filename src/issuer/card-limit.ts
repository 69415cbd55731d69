/** `cardLimit` and `setCardLimit`: the monthly limit that the issuer sets for a card. */
import { requireTransition } from './card-state.ts';
import { changeCard, type Desk, now, requireCard } from './desk.ts';
import { readLimit } from './issue-terms.ts';

/** A limit; `undefined` where none is established. */
export interface CardLimit {
  readonly limit: number | undefined;
}

/** The limit of a card. */
export async function cardLimit(desk: Desk, request: { readonly token: string }): Promise<CardLimit> {
  const { card } = await requireCard(desk, request.token);
  return { limit: card.limit ?? undefined };
}

/** Sets the limit; 0 takes it away. */
export async function setCardLimit(
  desk: Desk,
  request: { readonly token: string; readonly limit: number },
): Promise<CardLimit> {
  const limit = readLimit(request.limit);
  const card = await changeCard(desk, request.token, ({ card }) => {
    requireTransition(card, 'limit', now(desk));
    return { card: { ...card, limit } };
  });
  return { limit: card.limit ?? undefined };
}
