/**
 * How a key block binds a key to its header: enciphering and authentication of key bytes under the
 * two keys that the key block protection key (KBPK) gives.
 *
 * Building block on clear bytes below every guard. Header, ciphertext and MAC follow one another:
 *
 *   A C  TDES-CBC from the first 8 bytes of the header; CBC-MAC of 4 bytes over header and ciphertext
 *   B    CMAC of 8 bytes over header and clear key; TDES-CBC from the MAC
 *   D    CMAC of 16 bytes over header and clear key; AES-CBC from the MAC
 *   E    the same, but AES-CTR from the MAC, so that the key needs no padding (ISO 20038:2017)
 *
 * ANSI X9.143:2021, clauses 6 and 7 (TR-31:2018, 5.3, examples in A.7).
 */
import type { BlockCipher } from '../block-cipher.ts';
import { equalBytes } from '../bytes/equal.ts';
import { bytesToHex, hexToBytes } from '../bytes/hex.ts';
import { asciiToBytes } from '../bytes/length-prefixed.ts';
import { fail, kindOf } from '../error.ts';
import { decryptCbc, encryptCbc } from '../mode/cbc.ts';
import { macAlgorithm1 } from '../mode/cbc-mac.ts';
import { cmac } from '../mode/cmac.ts';
import { cryptCtr } from '../mode/ctr.ts';
import { deriveKeyBlockKeys, versionCipher } from './key-block-derivation.ts';
import {
  decodeKeyBlockHeader,
  encodeKeyBlockHeader,
  type KeyBlockHeader,
  type KeyBlockVersion,
  versionBlockBytes,
} from './key-block-header.ts';

/** The versions of new key blocks. */
export type CurrentVersion = 'B' | 'D';

/** Bytes of the length, in bits, in front of the key. */
const LENGTH_BYTES = 2;

/** The ciphers of one key block: under the KBEK and under the KBAK. */
interface Ciphers {
  readonly encryption: BlockCipher;
  readonly authentication: BlockCipher;
}

/** What follows the header, as bytes. */
interface Body {
  readonly sealed: Uint8Array;
  readonly mac: Uint8Array;
}

/** What a version does with the header, as bytes, and the clear length, key and padding. */
interface Binding {
  readonly macBytes: number;
  /** The ciphertext has whole units of so many bytes. */
  readonly unitBytes: number;
  readonly seal: (ciphers: Ciphers, header: Uint8Array, clear: Uint8Array) => Body;
  /** The clear bytes, authentic or not, and the MAC that would make them so. */
  readonly open: (ciphers: Ciphers, header: Uint8Array, body: Body) => { clear: Uint8Array; mac: Uint8Array };
}

/** A mode of operation that starts from an IV. */
type Mode = (cipher: BlockCipher, iv: Uint8Array, data: Uint8Array) => Uint8Array;

/** Versions A and C: encipher, then MAC what is sent. */
const VARIANT: Binding = {
  macBytes: 4,
  unitBytes: 8,
  seal: ({ encryption, authentication }, header, clear) => {
    const sealed = encryptCbc(encryption, header.subarray(0, 8), clear);
    return { sealed, mac: cbcMac(authentication, header, sealed) };
  },
  open: ({ encryption, authentication }, header, { sealed }) => ({
    clear: decryptCbc(encryption, header.subarray(0, 8), sealed),
    mac: cbcMac(authentication, header, sealed),
  }),
};

/** Versions B, D and E: MAC the clear bytes, then encipher them from the MAC. */
function derived(macBytes: number, unitBytes: number, encrypt: Mode, decrypt: Mode): Binding {
  return {
    macBytes,
    unitBytes,
    seal: ({ encryption, authentication }, header, clear) => {
      const mac = clearMac(authentication, header, clear);
      return { sealed: encrypt(encryption, mac, clear), mac };
    },
    open: ({ encryption, authentication }, header, { sealed, mac }) => {
      const clear = decrypt(encryption, mac, sealed);
      return { clear, mac: clearMac(authentication, header, clear) };
    },
  };
}

const BINDINGS: { readonly [V in KeyBlockVersion]: Binding } = {
  A: VARIANT,
  B: /* @__PURE__ */ derived(8, 8, encryptCbc, decryptCbc),
  C: VARIANT,
  D: /* @__PURE__ */ derived(16, 16, encryptCbc, decryptCbc),
  E: /* @__PURE__ */ derived(16, 1, cryptCtr, cryptCtr),
};

function cbcMac(cipher: BlockCipher, header: Uint8Array, sealed: Uint8Array): Uint8Array {
  return macAlgorithm1(cipher, joined(header, sealed)).slice(0, 4);
}

function clearMac(cipher: BlockCipher, header: Uint8Array, clear: Uint8Array): Uint8Array {
  const message = joined(header, clear);
  const mac = cmac(cipher, message);
  message.fill(0);
  return mac;
}

function joined(header: Uint8Array, rest: Uint8Array): Uint8Array {
  const out = new Uint8Array(header.length + rest.length);
  out.set(header);
  out.set(rest, header.length);
  return out;
}

/** Runs `use` with the ciphers of a KBPK and wipes them, whatever comes of it. */
function withCiphers<T>(version: KeyBlockVersion, kbpk: Uint8Array, use: (ciphers: Ciphers) => T): T {
  const { kbek, kbak } = deriveKeyBlockKeys(version, kbpk);
  const ciphers = {
    encryption: versionCipher(version, kbek),
    authentication: versionCipher(version, kbak),
  };
  try {
    return use(ciphers);
  } finally {
    ciphers.encryption.wipe();
    ciphers.authentication.wipe();
    kbek.fill(0);
    kbak.fill(0);
  }
}

/**
 * A key block over clear bytes.
 *
 * @param padding  what follows the key inside; with the 2 bytes of length and the key it fills whole
 *                 cipher blocks, but for version E
 */
export function sealKeyBlock(
  version: KeyBlockVersion,
  kbpk: Uint8Array,
  header: KeyBlockHeader,
  key: Uint8Array,
  padding: Uint8Array,
): string {
  const { macBytes, seal } = BINDINGS[version];
  const clear = new Uint8Array(LENGTH_BYTES + key.length + padding.length);
  clear[0] = (key.length * 8) >>> 8;
  clear[1] = key.length * 8;
  clear.set(key, LENGTH_BYTES);
  clear.set(padding, LENGTH_BYTES + key.length);
  try {
    const text = encodeKeyBlockHeader(header, 2 * (clear.length + macBytes));
    const { sealed, mac } = withCiphers(version, kbpk, (ciphers) =>
      seal(ciphers, asciiToBytes(text, 'keyBlock'), clear),
    );
    return text + bytesToHex(sealed) + bytesToHex(mac);
  } finally {
    clear.fill(0);
  }
}

/** A key block taken apart: well-formed, and nothing of it authentic. */
function takeApart(
  text: string,
): Body & { readonly header: KeyBlockHeader; readonly headerBytes: Uint8Array } {
  const { header, headerLength, declaredLength } = decodeKeyBlockHeader(text);
  const { macBytes, unitBytes } = BINDINGS[header.version];
  const block = versionBlockBytes(header.version);
  if (declaredLength !== text.length)
    fail('ERR_KEY_BLOCK', 'keyBlock', 'as many characters as its header says', kindOf(text));
  if (headerLength % block !== 0)
    fail('ERR_KEY_BLOCK', 'keyBlock', `a header of a multiple of ${block} characters`, kindOf(text));
  const macAt = text.length - 2 * macBytes;
  const sealedBytes = (macAt - headerLength) / 2;
  // Inside are the length and a byte of key at least.
  if (sealedBytes < Math.max(LENGTH_BYTES + 1, unitBytes) || sealedBytes % unitBytes !== 0)
    fail('ERR_KEY_BLOCK', 'keyBlock', 'a header, an enciphered key of whole blocks and a MAC', kindOf(text));
  if (!/^[0-9A-F]*$/.test(text.slice(headerLength)))
    fail('ERR_KEY_BLOCK', 'keyBlock', 'upper-case hex digits after the header');
  return {
    header,
    headerBytes: asciiToBytes(text.slice(0, headerLength), 'keyBlock'),
    sealed: hexToBytes(text.slice(headerLength, macAt), 'keyBlock', sealedBytes, 'ERR_KEY_BLOCK'),
    mac: hexToBytes(text.slice(macAt), 'keyBlock', macBytes, 'ERR_KEY_BLOCK'),
  };
}

/**
 * The header and key bytes of a key block.
 *
 * What does not authenticate is deciphered all the same, so that every failure takes the same steps.
 *
 * @throws ERR_KEY_BLOCK       malformed: length fields, hex digits, header
 * @throws ERR_KEY_BLOCK_AUTH  the MAC does not hold, or what is inside is not a key
 * @throws ERR_KEY_LENGTH      the KBPK has no length of the version
 */
export function openKeyBlock(
  kbpk: Uint8Array,
  text: string,
): { readonly header: KeyBlockHeader; readonly key: Uint8Array } {
  const { header, headerBytes, ...body } = takeApart(text);
  const { version } = header;
  const { clear, mac } = withCiphers(version, kbpk, (ciphers) =>
    BINDINGS[version].open(ciphers, headerBytes, body),
  );
  try {
    const authentic = equalBytes(mac, body.mac);
    const bits = ((clear[0] as number) << 8) | (clear[1] as number);
    if (!authentic || bits === 0 || bits % 8 !== 0 || bits / 8 > clear.length - LENGTH_BYTES)
      fail('ERR_KEY_BLOCK_AUTH', 'keyBlock', 'an authentic key block');
    return { header, key: clear.slice(LENGTH_BYTES, LENGTH_BYTES + bits / 8) };
  } finally {
    clear.fill(0);
  }
}
