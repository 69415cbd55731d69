/** A key whose bytes an attacker has, for attacks that end in one. */
import { type Key, type KeyAttributes, PaymentCryptoError } from '../../src/index.ts';
import { importClearKey } from '../../src/keys/clear-face.ts';

export const DATA: KeyAttributes<'D0'> = { usage: 'D0', algorithm: 'A', mode: 'B', exportability: 'E' };

/** Bytes that somebody else knows too. */
export const known = (): Uint8Array => Uint8Array.from({ length: 16 }, (_, i) => 17 * i + 3);

/** Whether a key is one whose bytes the attacker has. */
export function isKeyOf(key: Key, bytes: Uint8Array): boolean {
  return key.kcv === importClearKey(DATA, bytes).kcv;
}

/** The refusal of a call, in words. */
export function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof PaymentCryptoError) return error.message;
    throw error;
  }
  return '';
}
