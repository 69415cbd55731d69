/** `dynamicCvv2`: a new CVV2 for one purchase, instead of the printed one; and back. */
import type { CodeBlock, UnixSeconds } from '../brand.ts';
import { fail } from '../error.ts';
import type { CardFunctions, KeyLabel } from '../hsm/functions.ts';
import { requireBoolean, requireOneOf } from '../input.ts';
import type { CardRecord, IssuedOnRecord } from './card-record.ts';
import { requireTransition } from './card-state.ts';
import { changeCard, type Desk, faceOf, now, requireCardFor, requireClientKey } from './desk.ts';
import {
  type IssuedProfile,
  isTimeProfile,
  type Product,
  referenceOf,
  type TimeProfile,
  timeSchemeOf,
} from './product.ts';
import { CHANNELS, type Channel } from './security-codes.ts';
import { switchedOn } from './time-floor.ts';

/** What a dynamic CVV2 is asked for with. */
export interface DynamicCvv2Request {
  readonly token: string;
  readonly channel: Channel;
  readonly client: string;
  /** Whether dynamic codes end, and the printed one counts again; false unless said. */
  readonly disable?: boolean;
}

/** A code that was issued: the one before is void. */
export interface DynamicCvv2Issued {
  readonly code: CodeBlock;
  readonly funding: Product['funding'];
  readonly issuedAt: UnixSeconds;
  readonly expires: UnixSeconds;
}

/** What the HSM binds a code to. */
type CodeSubject = Parameters<CardFunctions['issueDynamicCode']>[0]['subject'];

/** Whose code it is: of a card, in a generation. */
export function codeSubject(product: Product, { token, generation }: CardRecord): CodeSubject {
  return { tenant: product.tokens.tenant, card: token, generation };
}

/** Issues a code, or switches back to the printed one. */
export async function dynamicCvv2(
  desk: Desk,
  request: DynamicCvv2Request,
): Promise<DynamicCvv2Issued | { readonly disabled: true }> {
  requireOneOf(request.channel, 'channel', CHANNELS);
  const under = requireClientKey(desk, request.client, 'codes');
  const { product } = await requireCardFor(desk, request.token, 'use');
  const dynamic = product.dynamicCvv2 ?? fail('ERR_POLICY', 'token', 'a product with dynamic codes');
  if (requireBoolean(request.disable ?? false, 'disable')) {
    await changeCard(desk, request.token, ({ card }) => {
      requireTransition(card, 'use', now(desk));
      return { card: { ...card, dynamic: { ...card.dynamic, on: false, issued: null } } };
    });
    return { disabled: true };
  }
  let answer: DynamicCvv2Issued | undefined;
  await changeCard(desk, request.token, async ({ card }) => {
    const at = now(desk);
    requireTransition(card, 'use', at);
    const made = isTimeProfile(dynamic)
      ? await shown(desk, product, dynamic, card, at, under)
      : await issued(desk, product, dynamic, card, at, under);
    answer = { code: made.code, funding: product.funding, issuedAt: at, expires: made.expires };
    return { card: { ...card, dynamic: made.dynamic } };
  });
  return answer as DynamicCvv2Issued;
}

/** A code, until when it is good, and what the record then says. */
interface Made extends Pick<DynamicCvv2Issued, 'code' | 'expires'> {
  readonly dynamic: CardRecord['dynamic'];
}

/** A code of its own; the one before is void. */
async function issued(
  desk: Desk,
  product: Product,
  { key, lifetimeSeconds }: IssuedProfile,
  card: CardRecord,
  at: UnixSeconds,
  under: KeyLabel,
): Promise<Made> {
  const subject = codeSubject(product, card);
  const face = faceOf(product, card);
  const made = await desk.hsm.issueDynamicCode({ ...face, key, subject, at, lifetimeSeconds, under });
  const kept = made.issued as unknown as IssuedOnRecord;
  return { code: made.code, expires: kept.expires, dynamic: { ...card.dynamic, on: true, issued: kept } };
}

/** The code of the time. Once dynamic codes are switched on, none of an earlier step counts. */
async function shown(
  desk: Desk,
  product: Product,
  dynamic: TimeProfile,
  card: CardRecord,
  at: UnixSeconds,
  under: KeyLabel,
): Promise<Made> {
  const { token, psn, expiry } = card;
  const scheme = timeSchemeOf(product, dynamic);
  const made = await desk.hsm.timeCode({ card: referenceOf(product, token), psn, expiry, scheme, at, under });
  const floors = switchedOn(card, scheme, made.step);
  return { code: made.code, expires: made.expires, dynamic: { on: true, issued: null, floors } };
}
