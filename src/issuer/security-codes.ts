/** `securityCodes`: the codes of a card and, where it can come back, its PIN: each in a code block of a client. */
import type { CodeBlock } from '../brand.ts';
import type { Capability, CardCodes } from '../hsm/functions.ts';
import { requireOneOf } from '../input.ts';
import { type Desk, faceOf, requireCardFor, requireClientKey } from './desk.ts';
import { recoveredPin } from './recovered-pin.ts';

/** Where a request comes from: a cash machine, a telephone, the web. */
export type Channel = 'A' | 'I' | 'W';

/** The channels. */
export const CHANNELS: readonly Channel[] = ['A', 'I', 'W'];

/** What the codes of a card are asked for with. */
export interface SecurityCodesRequest {
  readonly token: string;
  readonly channel: Channel;
  /** Key association: the blocks are under its key for codes. */
  readonly client: string;
  /** Scope `reveal-pin`, where the PIN is asked for too. */
  readonly permit?: Capability;
}

/** Computes the codes; they are nowhere kept. */
export async function securityCodes(
  desk: Desk,
  request: SecurityCodesRequest,
): Promise<CardCodes & { readonly pin?: CodeBlock }> {
  requireOneOf(request.channel, 'channel', CHANNELS);
  const under = requireClientKey(desk, request.client, 'codes');
  const { card, product } = await requireCardFor(desk, request.token, 'produce');
  const pin =
    request.permit === undefined
      ? {}
      : { pin: await recoveredPin(desk, product, card, under, request.permit) };
  return { ...(await desk.hsm.cardCodes({ ...faceOf(product, card), under })), ...pin };
}
