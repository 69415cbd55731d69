/** `pinTries`: how the tries of a card's PIN stand. It reads, and changes nothing. */
import type { UnixSeconds } from '../brand.ts';
import { isBlocked, triesLeft } from '../tries/tries.ts';
import type { CardRecord } from './card-record.ts';
import { type Desk, requireCard } from './desk.ts';

/** How the tries stand. */
export interface PinTries {
  /** Tries taken since the last right PIN; 99 where the issuer has blocked the PIN. */
  readonly tries: number;
  /** When the last of them was. */
  readonly lastTry: UnixSeconds | undefined;
  readonly limit: number;
  /** What happens at the limit. */
  readonly whenExceeded: 'block';
  readonly blocked: 'B' | 'N';
}

/** What a PIN that the issuer has blocked shows as its tries. */
const ISSUER_BLOCKED = 99;

/** Reads the tries of a card. */
export async function pinTries(desk: Desk, request: { readonly token: string }): Promise<PinTries> {
  return pinTriesOf((await requireCard(desk, request.token)).card);
}

/** The tries of a card as it was read, or written. */
export function pinTriesOf(card: CardRecord): PinTries {
  const { pin } = card.tries;
  const tries = pin.limit - triesLeft(pin);
  return Object.freeze({
    tries: pin.issuerBlocked ? ISSUER_BLOCKED : tries,
    lastTry: tries === 0 ? undefined : (card.pinTriedAt ?? undefined),
    limit: pin.limit,
    whenExceeded: 'block',
    blocked: isBlocked(pin) ? 'B' : 'N',
  });
}
