/** What cards hold, one after the other in one text each: the quickest way from many strings to columns of bytes. */
import type { ServiceCode } from '../brand.ts';
import type { CardData } from '../pan/card-data.ts';
import type { Cvv2Data } from './cvv.ts';

/** What cards have one after the other; one text where all have the same. */
export interface JoinedCards {
  readonly pan: string;
  readonly expiry: string;
  readonly serviceCode: string;
}

/** The cards of a run; `undefined` where PANs differ in length, or something is no string of its length. */
export function joinCards(
  cards: readonly Cvv2Data[],
  from: number,
  rows: number,
  shared: ServiceCode | undefined,
): JoinedCards | undefined {
  const first = cards[from] as Cvv2Data | null | undefined;
  const length = typeof first?.pan === 'string' ? first.pan.length : -1;
  let pans = '';
  const expiry = first?.expiry;
  const serviceCode = shared ?? (first as CardData | undefined)?.serviceCode;
  let expiries = '';
  let serviceCodes = '';
  let isUniform = true;
  for (let i = from; i < from + rows; i++) {
    const card = cards[i] as CardData | null | undefined;
    if (typeof card !== 'object' || card === null) return undefined;
    const { pan, expiry: own } = card;
    const code = shared ?? card.serviceCode;
    if (typeof pan !== 'string' || pan.length !== length) return undefined;
    pans += pan;
    if (isUniform && own === expiry && code === serviceCode) continue;
    if (!isText(own, 4) || !isText(code, 3)) return undefined;
    if (isUniform) {
      if (!isText(expiry, 4) || !isText(serviceCode, 3)) return undefined;
      isUniform = false;
      expiries = expiry.repeat(i - from);
      serviceCodes = serviceCode.repeat(i - from);
    }
    expiries += own;
    serviceCodes += code;
  }
  if (!isUniform) return { pan: pans, expiry: expiries, serviceCode: serviceCodes };
  return isText(expiry, 4) && isText(serviceCode, 3) ? { pan: pans, expiry, serviceCode } : undefined;
}

function isText(value: unknown, length: number): value is string {
  return typeof value === 'string' && value.length === length;
}
