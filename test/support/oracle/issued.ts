// Second implementation (test oracle), independent of src: the stored tag of a dynamic CVV2 that was issued
// one by one, the project's own construction over HMAC-SHA-256.
import { hmac } from './cipher.ts';
import { lp } from './lp.ts';

export interface IssuedCodeInput {
  readonly tenant: string;
  readonly card: string;
  readonly generation: number;
  /** 32 upper-case hex digits; they go in as text. */
  readonly nonce: string;
  /** 3 or 4 digits. */
  readonly code: string;
}

/** HMAC-SHA-256(key, LP(tenant, card, generation, nonce, code)): 64 upper-case hex digits. */
export function issuedCodeTag(
  keyHex: string,
  { tenant, card, generation, nonce, code }: IssuedCodeInput,
): string {
  if (!/^[0-9A-F]{32}$/.test(nonce)) throw new Error('oracle: the nonce is 32 upper-case hex digits');
  if (!/^\d{3,4}$/.test(code)) throw new Error('oracle: a code has 3 or 4 digits');
  if (!Number.isSafeInteger(generation) || generation < 0) throw new Error('oracle: generation');
  return hmac('SHA256', keyHex, lp(tenant, card, generation, nonce, code));
}
