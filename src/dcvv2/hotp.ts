/** HOTP (RFC 4226): what TOTP (RFC 6238) computes for a step. */
import { type HashName, hmac } from '../mode/hmac.ts';

/**
 * The HOTP value of a counter below 2^53. Building block: any key and number of digits up to 9.
 *
 * @returns the HMAC, its dynamic truncation (31 bits), and the code with leading zeros
 */
export function hotp(
  hash: HashName,
  key: Uint8Array,
  counter: number,
  digits: number,
): { readonly hmac: Uint8Array; readonly truncated: number; readonly code: string } {
  const message = new Uint8Array(8);
  for (let i = 7, rest = counter; i >= 0; i--, rest = Math.floor(rest / 256)) message[i] = rest % 256;
  const mac = hmac(hash, key, message);
  // RFC 4226, 5.3: the low nibble of the last byte says where 31 bits are taken.
  const at = (mac[mac.length - 1] as number) & 15;
  const truncated =
    (((mac[at] as number) & 127) << 24) |
    ((mac[at + 1] as number) << 16) |
    ((mac[at + 2] as number) << 8) |
    (mac[at + 3] as number);
  return { hmac: mac, truncated, code: String(truncated % 10 ** digits).padStart(digits, '0') };
}
