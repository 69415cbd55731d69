/** `blockPin`: a PIN blocked by decision of the issuer, whatever its tries. */
import { fail } from '../error.ts';
import { issuerBlock } from '../tries/tries.ts';
import { requireTransition } from './card-state.ts';
import { changeCard, type Desk, now } from './desk.ts';
import { type PinTries, pinTriesOf } from './pin-tries.ts';
import { requirePin } from './recovered-pin.ts';

/** Blocks the PIN; verifications in flight do not count any more. */
export async function blockPin(desk: Desk, request: { readonly token: string }): Promise<PinTries> {
  const card = await changeCard(desk, request.token, ({ card }) => {
    requireTransition(card, 'produce', now(desk));
    requirePin(card);
    if (card.tries.pin.issuerBlocked) fail('ERR_CARD_STATE', 'token', 'a card whose PIN is not blocked yet');
    return { card: { ...card, tries: { ...card.tries, pin: issuerBlock(card.tries.pin) } } };
  });
  return pinTriesOf(card);
}
