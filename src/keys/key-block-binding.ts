/**
 * How a key block protection key binds a key to its header, versions B and D: derivation of the
 * encryption key (KBEK) and the authentication key (KBAK), and sealing of key bytes under them.
 *
 * Building block on clear bytes below every guard. ANSI X9.143:2021, clause 7.2 (TR-31:2018, 5.3.2
 * and 5.3.3).
 */
import { aes } from '../aes/block.ts';
import type { BlockCipher } from '../block-cipher.ts';
import { equalBytes } from '../bytes/equal.ts';
import { bytesToHex, hexToBytes } from '../bytes/hex.ts';
import { asciiToBytes } from '../bytes/length-prefixed.ts';
import { tdes } from '../des/tdes.ts';
import { fail, kindOf } from '../error.ts';
import { decryptCbc, encryptCbc } from '../mode/cbc.ts';
import { cmac } from '../mode/cmac.ts';
import {
  decodeKeyBlockHeader,
  encodeKeyBlockHeader,
  type KeyBlockHeader,
  versionBlockBytes,
} from './key-block-header.ts';

/** The versions whose keys are derived by CMAC. */
export type DerivationVersion = 'B' | 'D';

/** Algorithm indicator and length in bits of the derivation data, by bytes of the KBPK. */
const DERIVED: {
  readonly [V in DerivationVersion]: { readonly [keyBytes: number]: readonly [number, number] };
} = {
  B: { 16: [0x0000, 0x0080], 24: [0x0001, 0x00c0] },
  D: { 16: [0x0002, 0x0080], 24: [0x0003, 0x00c0], 32: [0x0004, 0x0100] },
};

/** The block cipher of a version. */
export function versionCipher(version: DerivationVersion, key: Uint8Array): BlockCipher {
  return version === 'B' ? tdes(key) : aes(key);
}

/**
 * KBEK and KBAK of a KBPK: CMAC over counter ‖ usage ‖ 00 ‖ algorithm ‖ length, block by block.
 */
export function deriveKeyBlockKeys(
  version: DerivationVersion,
  kbpk: Uint8Array,
): { readonly kbek: Uint8Array; readonly kbak: Uint8Array } {
  const parameters = DERIVED[version][kbpk.length];
  if (parameters === undefined)
    fail('ERR_KEY_LENGTH', 'kbpk', `${Object.keys(DERIVED[version]).join(', ')} bytes`, kindOf(kbpk));
  const cipher = versionCipher(version, kbpk);
  const [algorithm, bits] = parameters;
  const derive = (usage: 0 | 1): Uint8Array => {
    const out = new Uint8Array(Math.ceil(kbpk.length / cipher.blockBytes) * cipher.blockBytes);
    for (let at = 0, counter = 1; at < out.length; at += cipher.blockBytes, counter++)
      out.set(
        cmac(cipher, Uint8Array.of(counter, 0, usage, 0, algorithm >>> 8, algorithm, bits >>> 8, bits)),
        at,
      );
    return out.slice(0, kbpk.length);
  };
  return { kbek: derive(0), kbak: derive(1) };
}

/**
 * A key block of version B or D over clear bytes.
 *
 * @param padding  what follows the key inside; with the 2 bytes of length and the key it fills whole blocks
 */
export function sealKeyBlock(
  version: DerivationVersion,
  kbpk: Uint8Array,
  header: KeyBlockHeader,
  key: Uint8Array,
  padding: Uint8Array,
): string {
  const { kbek, kbak } = deriveKeyBlockKeys(version, kbpk);
  const macBytes = versionBlockBytes(version);
  const clear = new Uint8Array(2 + key.length + padding.length);
  clear[0] = (key.length * 8) >>> 8;
  clear[1] = key.length * 8;
  clear.set(key, 2);
  clear.set(padding, 2 + key.length);
  const text = encodeKeyBlockHeader(header, 2 * (clear.length + macBytes));
  const mac = keyBlockMac(version, kbak, text, clear);
  const sealed = encryptCbc(versionCipher(version, kbek), mac, clear);
  clear.fill(0);
  kbek.fill(0);
  kbak.fill(0);
  return text + bytesToHex(sealed) + bytesToHex(mac);
}

/** The MAC is over the header and the clear key, and is the IV of the encryption. */
function keyBlockMac(
  version: DerivationVersion,
  kbak: Uint8Array,
  header: string,
  clear: Uint8Array,
): Uint8Array {
  const message = new Uint8Array(header.length + clear.length);
  message.set(asciiToBytes(header, 'keyBlock'));
  message.set(clear, header.length);
  const mac = cmac(versionCipher(version, kbak), message);
  message.fill(0);
  return mac;
}

/**
 * The header and key bytes of a key block of version B or D.
 *
 * @throws ERR_KEY_BLOCK       malformed: length fields, hex digits, header
 * @throws ERR_KEY_BLOCK_AUTH  the MAC does not hold, or what is inside is not a key
 * @throws ERR_UNSUPPORTED     version A, C or E
 */
export function openKeyBlock(
  kbpk: Uint8Array,
  text: string,
): { readonly header: KeyBlockHeader; readonly key: Uint8Array } {
  const { header, headerLength, declaredLength } = decodeKeyBlockHeader(text);
  const { version } = header;
  if (version !== 'B' && version !== 'D')
    return fail('ERR_UNSUPPORTED', 'keyBlock', 'a key block of version B or D', `version ${version}`);
  const block = versionBlockBytes(version);
  const macLength = 2 * block;
  if (declaredLength !== text.length)
    fail('ERR_KEY_BLOCK', 'keyBlock', 'as many characters as its header says', kindOf(text));
  if (text.length % block !== 0)
    fail('ERR_KEY_BLOCK', 'keyBlock', `a multiple of ${block} characters`, kindOf(text));
  const cipherLength = text.length - headerLength - macLength;
  if (cipherLength < 2 * block || cipherLength % (2 * block) !== 0)
    fail('ERR_KEY_BLOCK', 'keyBlock', 'a header, an enciphered key of whole blocks and a MAC', kindOf(text));
  if (!/^[0-9A-F]*$/.test(text.slice(headerLength)))
    fail('ERR_KEY_BLOCK', 'keyBlock', 'upper-case hex digits after the header');
  const sealed = hexToBytes(
    text.slice(headerLength, -macLength),
    'keyBlock',
    cipherLength / 2,
    'ERR_KEY_BLOCK',
  );
  const mac = hexToBytes(text.slice(-macLength), 'keyBlock', block, 'ERR_KEY_BLOCK');

  const { kbek, kbak } = deriveKeyBlockKeys(version, kbpk);
  const clear = decryptCbc(versionCipher(version, kbek), mac, sealed);
  try {
    const authentic = equalBytes(keyBlockMac(version, kbak, text.slice(0, headerLength), clear), mac);
    const bits = ((clear[0] as number) << 8) | (clear[1] as number);
    if (!authentic || bits === 0 || bits % 8 !== 0 || bits / 8 > clear.length - 2)
      fail('ERR_KEY_BLOCK_AUTH', 'keyBlock', 'an authentic key block');
    return { header, key: clear.slice(2, 2 + bits / 8) };
  } finally {
    clear.fill(0);
    kbek.fill(0);
    kbak.fill(0);
  }
}
