/** What a request for a new card says, checked before anything is drawn. */
import type { Expiry, Psn, RequestId, ServiceCode, UnixSeconds } from '../brand.ts';
import { fail } from '../error.ts';
import { requireIdentifier, requireWhole } from '../input.ts';
import { parseExpiry, parsePsn, parseServiceCode } from '../pan/card-data.ts';
import { expiryAfter, isOver } from './calendar.ts';
import type { Product } from './product.ts';

/** What a new card may have other than its product says. */
export interface CardTerms {
  /** YYMM; the product's validity from now on unless said. */
  readonly expiry?: string;
  /** The product's unless said. */
  readonly serviceCode?: string;
  /** Two digits; `01` unless said. */
  readonly psn?: string;
  /** Monthly, in units of the account's currency; 0 stands for none. */
  readonly limit?: number;
}

/** Most of a monthly limit. */
const MOST_LIMIT = Number.MAX_SAFE_INTEGER;

/** The identifier of a request. */
export function requireRequestId(request: unknown): RequestId {
  return requireIdentifier(request, 'requestId') as RequestId;
}

/** A monthly limit; 0 is none. */
export function readLimit(limit: unknown): number | null {
  return requireWhole(limit, 'limit', 0, MOST_LIMIT) || null;
}

/** The terms of a new card. */
export function readTerms(
  product: Product,
  terms: CardTerms,
  at: UnixSeconds,
): {
  readonly expiry: Expiry;
  readonly serviceCode: ServiceCode;
  readonly psn: Psn;
  readonly limit: number | null;
} {
  const expiry =
    terms.expiry === undefined ? expiryAfter(at, product.validityMonths) : parseExpiry(terms.expiry);
  if (isOver(expiry, at)) fail('ERR_EXPIRY', 'expiry', 'a month that is not over');
  return {
    expiry,
    serviceCode: terms.serviceCode === undefined ? product.serviceCode : parseServiceCode(terms.serviceCode),
    psn: parsePsn(terms.psn ?? '01'),
    limit: readLimit(terms.limit ?? 0),
  };
}
