/** What stands on a card beside the PAN, as checked values. */
import type { Expiry, Pan, Psn, ServiceCode } from '../brand.ts';
import { isDigits } from '../bytes/digits.ts';
import { fail, kindOf } from '../error.ts';

/** What a CVV is computed from. */
export interface CardData {
  readonly pan: Pan;
  readonly expiry: Expiry;
  readonly serviceCode: ServiceCode;
}

/**
 * An expiry from four digits YYMM.
 *
 * Cards print MMYY; turn it before you parse. A month from 01 to 12 catches most swaps, not all.
 *
 * @throws ERR_EXPIRY  not four digits, or no month
 * @source ISO/IEC 7813:2006, clause 7
 */
export function parseExpiry(text: string): Expiry {
  requireExpiry(text, 'expiry');
  return text;
}

/** Refuses at run time what the brand promises: four digits with a month in the last two. */
export function requireExpiry(expiry: unknown, field: string): asserts expiry is Expiry {
  if (typeof expiry !== 'string' || expiry.length !== 4 || !isDigits(expiry))
    fail('ERR_EXPIRY', field, 'four digits YYMM', kindOf(expiry));
  if (!hasMonth(expiry)) fail('ERR_EXPIRY', field, 'a month from 01 to 12');
}

/** Whether the last two of four digits are a month. */
export function hasMonth(expiry: string): boolean {
  const month = (expiry.charCodeAt(2) - 48) * 10 + expiry.charCodeAt(3) - 48;
  return month >= 1 && month <= 12;
}

/**
 * A service code from three digits.
 *
 * @throws ERR_SERVICE_CODE  not three digits
 * @source ISO/IEC 7813:2006, clause 7
 */
export function parseServiceCode(text: string): ServiceCode {
  requireServiceCode(text, 'serviceCode');
  return text;
}

/** Refuses at run time what the brand promises: three digits. */
export function requireServiceCode(serviceCode: unknown, field: string): asserts serviceCode is ServiceCode {
  if (typeof serviceCode !== 'string' || serviceCode.length !== 3 || !isDigits(serviceCode))
    fail('ERR_SERVICE_CODE', field, 'three digits', kindOf(serviceCode));
}

/**
 * A card sequence number from two digits; `00` where a card has none.
 *
 * @throws ERR_INPUT  not two digits
 * @source EMV 4.3 Book 3, Annex A (tag 5F34)
 */
export function parsePsn(text: string): Psn {
  requirePsn(text, 'psn');
  return text;
}

/** Refuses at run time what the brand promises: two digits. */
export function requirePsn(psn: unknown, field: string): asserts psn is Psn {
  if (typeof psn !== 'string' || psn.length !== 2 || !isDigits(psn))
    fail('ERR_INPUT', field, 'two digits', kindOf(psn));
}
