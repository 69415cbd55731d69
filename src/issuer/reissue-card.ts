/** `reissueCard`: a new plastic of a card, or a new card in its place. */
import { requireOneOf } from '../input.ts';
import { parseExpiry } from '../pan/card-data.ts';
import { requestOf } from './carried-out.ts';
import { type Desk, requireCard, requireProduct } from './desk.ts';
import { requireEmbosser } from './emboss.ts';
import { requireRequestId } from './issue-terms.ts';
import { REISSUE_REASONS, type ReissueCardRequest, type ReissuedCard } from './reissue-request.ts';
import { renewPlastic } from './renew-plastic.ts';
import { replaceCard } from './replace-card.ts';

/** Makes a card again. */
export async function reissueCard(desk: Desk, request: ReissueCardRequest): Promise<ReissuedCard> {
  const requestId = requireRequestId(request.requestId);
  const reason = requireOneOf(request.reason, 'reason', REISSUE_REASONS);
  const pin = requireOneOf(request.pin, 'pin', ['new', 'kept'] as const);
  const expiry = request.expiry === undefined ? null : parseExpiry(request.expiry);
  requireEmbosser(desk, request.embossing);
  const { card } = await requireCard(desk, request.token);
  const product = requireProduct(desk, card.product);
  const asked = await requestOf(desk, requestId, 'reissueCard', [card.token, reason, pin, expiry]);
  return reason === 'damaged' || reason === 'expired'
    ? renewPlastic(desk, product, request, asked)
    : replaceCard(desk, product, request, asked);
}
