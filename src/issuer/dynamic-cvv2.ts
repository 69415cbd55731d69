/** `dynamicCvv2`: a new CVV2 for one purchase, instead of the printed one; and back. */
import type { CodeBlock, UnixSeconds } from '../brand.ts';
import { fail } from '../error.ts';
import type { CardFunctions } from '../hsm/functions.ts';
import { requireBoolean, requireOneOf } from '../input.ts';
import type { CardRecord, IssuedOnRecord } from './card-record.ts';
import { requireTransition } from './card-state.ts';
import { changeCard, type Desk, faceOf, now, requireCardFor, requireClientKey } from './desk.ts';
import type { Product } from './product.ts';
import { CHANNELS, type Channel } from './security-codes.ts';

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
      return { card: { ...card, dynamic: { on: false, issued: null } } };
    });
    return { disabled: true };
  }
  let code: CodeBlock | undefined;
  let issuedAt = now(desk);
  const changed = await changeCard(desk, request.token, async ({ card }) => {
    issuedAt = now(desk);
    requireTransition(card, 'use', issuedAt);
    const made = await desk.hsm.issueDynamicCode({
      ...faceOf(product, card),
      key: dynamic.key,
      subject: codeSubject(product, card),
      at: issuedAt,
      lifetimeSeconds: dynamic.lifetimeSeconds,
      under,
    });
    code = made.code;
    return { card: { ...card, dynamic: { on: true, issued: made.issued as unknown as IssuedOnRecord } } };
  });
  const { expires } = changed.dynamic.issued as IssuedOnRecord;
  return { code: code as CodeBlock, funding: product.funding, issuedAt, expires };
}
