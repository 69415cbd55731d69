// Second implementation (test oracle), independent of src: key check values (ANSI X9.24-1 for TDES and AES;
// the project's definition for HMAC keys).
import { aesCmac, aesEcb, hmac, tdesEcb } from './cipher.ts';

export type KcvMethod =
  | 'tdes-zero-block'
  | 'aes-zero-block'
  | 'aes-cmac-zero-block'
  | 'aes-cmac-empty-message'
  | 'hmac-sha256-empty-message';

export function kcv(keyHex: string, method: KcvMethod, bytes = 3): string {
  const values: Record<KcvMethod, () => string> = {
    'tdes-zero-block': () => tdesEcb(keyHex, '0'.repeat(16), 'encrypt'),
    'aes-zero-block': () => aesEcb(keyHex, '0'.repeat(32), 'encrypt'),
    'aes-cmac-zero-block': () => aesCmac(keyHex, '0'.repeat(32)),
    'aes-cmac-empty-message': () => aesCmac(keyHex, ''),
    'hmac-sha256-empty-message': () => hmac('SHA256', keyHex, ''),
  };
  return values[method]().slice(0, bytes * 2);
}
