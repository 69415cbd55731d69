/**
 * The keys of a key block out of its protection key (KBPK): the encryption key (KBEK) and the
 * authentication key (KBAK).
 *
 * Building block on clear bytes below every guard.
 *
 *   A C    the KBPK xor 45 45 … and xor 4D 4D …: variants (TR-31:2018, examples A.7.2.1 and A.7.3.1)
 *   B D E  CMAC under the KBPK (ANSI X9.143:2021, clause 7.2; ISO 20038:2017, clause 6.3)
 */
import { aes } from '../aes/block.ts';
import type { BlockCipher } from '../block-cipher.ts';
import { tdes } from '../des/tdes.ts';
import { fail, kindOf } from '../error.ts';
import { cmac } from '../mode/cmac.ts';
import { type KeyBlockVersion, versionBlockBytes } from './key-block-header.ts';

/** KBEK and KBAK, both as long as the KBPK; the caller wipes them. */
export interface KeyBlockKeys {
  readonly kbek: Uint8Array;
  readonly kbak: Uint8Array;
}

/** What the key bytes are xored with. */
const ENCRYPTION_VARIANT = 0x45;
const AUTHENTICATION_VARIANT = 0x4d;

/** Usages in the derivation data: X9.143:2021, 7.2; the third is of ISO 20038 alone. */
const ENCRYPTION_CBC = 0;
const AUTHENTICATION = 1;
const ENCRYPTION_CTR = 2;

/** Algorithm indicator of the derivation data, by bytes of the KBPK; also the lengths that a KBPK may have. */
const TDES_INDICATORS: { readonly [keyBytes: number]: number } = { 16: 0x0000, 24: 0x0001 };
const AES_INDICATORS: { readonly [keyBytes: number]: number } = { 16: 0x0002, 24: 0x0003, 32: 0x0004 };

/** The block cipher of a version. */
export function versionCipher(version: KeyBlockVersion, key: Uint8Array): BlockCipher {
  return versionBlockBytes(version) === 16 ? aes(key) : tdes(key);
}

/** KBEK and KBAK of a KBPK of 16 or 24 bytes, for D and E also 32. */
export function deriveKeyBlockKeys(version: KeyBlockVersion, kbpk: Uint8Array): KeyBlockKeys {
  const indicators = versionBlockBytes(version) === 16 ? AES_INDICATORS : TDES_INDICATORS;
  const indicator = indicators[kbpk.length];
  if (indicator === undefined)
    fail('ERR_KEY_LENGTH', 'kbpk', `${Object.keys(indicators).join(', ')} bytes`, kindOf(kbpk));
  if (version === 'A' || version === 'C')
    return {
      kbek: kbpk.map((byte) => byte ^ ENCRYPTION_VARIANT),
      kbak: kbpk.map((byte) => byte ^ AUTHENTICATION_VARIANT),
    };
  const cipher = versionCipher(version, kbpk);
  return {
    kbek: derive(cipher, kbpk.length, version === 'E' ? ENCRYPTION_CTR : ENCRYPTION_CBC, indicator),
    kbak: derive(cipher, kbpk.length, AUTHENTICATION, indicator),
  };
}

/** CMAC over counter ‖ usage ‖ 00 ‖ algorithm ‖ length in bits, block by block. */
function derive(cipher: BlockCipher, keyBytes: number, usage: number, indicator: number): Uint8Array {
  const size = cipher.blockBytes;
  const bits = 8 * keyBytes;
  const out = new Uint8Array(Math.ceil(keyBytes / size) * size);
  for (let at = 0, counter = 1; at < out.length; at += size, counter++)
    out.set(
      cmac(cipher, Uint8Array.of(counter, 0, usage, 0, indicator >>> 8, indicator, bits >>> 8, bits)),
      at,
    );
  return out.slice(0, keyBytes);
}
