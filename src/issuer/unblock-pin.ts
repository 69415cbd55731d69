/** `unblockPin`: the same PIN again, with its tries cleared; so many times a day and no more. */

import type { CodeBlock } from '../brand.ts';
import { fail } from '../error.ts';
import type { Capability } from '../hsm/functions.ts';
import { requireObject } from '../input.ts';
import { isBlocked, unblock } from '../tries/tries.ts';
import { requireTransition } from './card-state.ts';
import { countUnblock } from './daily-unblocks.ts';
import { changeCard, type Desk, now, requireCard, requireClientKey, requireProduct } from './desk.ts';
import { recoveredPin, requirePin } from './recovered-pin.ts';

/** What unblocking is asked for with. */
export interface UnblockPinRequest {
  readonly token: string;
  /** Scope `unblock-pin`. */
  readonly permit: Capability;
  /** Where the PIN is to come back in a code block: a client, and a capability of scope `reveal-pin`. */
  readonly reveal?: { readonly client: string; readonly permit: Capability };
}

/** Unblocks the PIN, whoever blocked it. */
export async function unblockPin(
  desk: Desk,
  request: UnblockPinRequest,
): Promise<{ readonly pin: CodeBlock | undefined }> {
  await desk.hsm.authorize(request.permit, 'unblock-pin');
  const { reveal } = request;
  if (reveal !== undefined) requireObject(reveal, 'reveal');
  const under = reveal === undefined ? undefined : requireClientKey(desk, reveal.client, 'codes');
  // A PIN that cannot come back is refused before anything is unblocked.
  const { card: before } = await requireCard(desk, request.token);
  const product = requireProduct(desk, before.product);
  requireTransition(before, 'produce', now(desk));
  const pin =
    reveal === undefined || under === undefined
      ? undefined
      : await recoveredPin(desk, product, before, under, reveal.permit);
  await changeCard(desk, request.token, ({ card }) => {
    requireTransition(card, 'produce', now(desk));
    requirePin(card);
    if (!isBlocked(card.tries.pin)) fail('ERR_CARD_STATE', 'token', 'a card whose PIN is blocked');
    if (pin !== undefined && card.pin?.tag !== before.pin?.tag)
      fail('ERR_CONFLICT', 'token', 'a card whose PIN was not changed meanwhile');
    const counted = countUnblock(desk, product, card, 'pin');
    return { card: { ...counted, tries: { ...card.tries, pin: unblock(card.tries.pin) } } };
  });
  return { pin };
}
