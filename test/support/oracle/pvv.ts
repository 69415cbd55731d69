// Second implementation (test oracle), independent of src: the Visa PIN Verification Value as described in the
// public HSM manuals (11 PAN digits, PVKI and four PIN digits under the PVK pair).
import { tdesEcb } from './cipher.ts';
import { needsSecondPass, selectDigits } from './cvv.ts';

export interface PvvResult {
  readonly pvv: string;
  readonly block: string;
  readonly secondPass: boolean;
}

export function pvv(pvkHex: string, pan: string, pvki: string, pin: string): PvvResult {
  if (!/^\d$/.test(pvki)) throw new Error('oracle: PVKI');
  if (!/^\d{4,12}$/.test(pin)) throw new Error('oracle: PIN');
  if (!/^\d{12,19}$/.test(pan)) throw new Error('oracle: PAN');
  const elevenDigits = pan.slice(0, -1).slice(-11);
  const block = tdesEcb(pvkHex, elevenDigits + pvki + pin.slice(0, 4), 'encrypt');
  return { pvv: selectDigits(block, 4), block, secondPass: needsSecondPass(block, 4) };
}
