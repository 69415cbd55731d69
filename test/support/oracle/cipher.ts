// Second implementation (test oracle), independent of src: ciphers, CMAC, HMAC and HKDF from
// SP 800-67, FIPS 197, SP 800-38A, 38B and 38D, RFC 2104 and RFC 5869. Hex in, hex out; slow on purpose.
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';

export type Direction = 'encrypt' | 'decrypt';
export type HashName = 'SHA1' | 'SHA256' | 'SHA512';

/** XOR of two hex strings of the same length. */
export function xorHex(a: string, b: string): string {
  if (a.length !== b.length) throw new Error('oracle: XOR of different lengths');
  let result = '';
  for (let i = 0; i < a.length; i += 1) {
    result += (Number.parseInt(a.charAt(i), 16) ^ Number.parseInt(b.charAt(i), 16)).toString(16);
  }
  return result.toUpperCase();
}

/** ASCII text as hex. */
export function asciiToHex(text: string): string {
  return Buffer.from(text, 'latin1').toString('hex').toUpperCase();
}

/** Sets the lowest bit of every byte so that each byte has an odd number of ones. */
export function oddParity(keyHex: string): string {
  let result = '';
  for (let i = 0; i < keyHex.length; i += 2) {
    const sevenBits = Number.parseInt(keyHex.slice(i, i + 2), 16) & 0xfe;
    const ones = sevenBits.toString(2).split('1').length - 1;
    const byte = ones % 2 === 0 ? sevenBits + 1 : sevenBits;
    result += byte.toString(16).padStart(2, '0');
  }
  return result.toUpperCase();
}

function run(name: string, keyHex: string, ivHex: string, dataHex: string, direction: Direction): string {
  const key = Buffer.from(keyHex, 'hex');
  const iv = ivHex === '' ? null : Buffer.from(ivHex, 'hex');
  const cipher = direction === 'encrypt' ? createCipheriv(name, key, iv) : createDecipheriv(name, key, iv);
  cipher.setAutoPadding(false);
  return (cipher.update(dataHex, 'hex', 'hex') + cipher.final('hex')).toUpperCase();
}

function tripleLength(keyHex: string): string {
  if (keyHex.length === 16) return keyHex + keyHex + keyHex;
  if (keyHex.length === 32) return keyHex + keyHex.slice(0, 16);
  if (keyHex.length === 48) return keyHex;
  throw new Error('oracle: a DES key has 8, 16 or 24 bytes');
}

/** DES (8-byte key), two-key or three-key TDES in ECB mode. */
export function tdesEcb(keyHex: string, dataHex: string, direction: Direction): string {
  return run('des-ede3-ecb', tripleLength(keyHex), '', dataHex, direction);
}

/** DES or TDES in CBC mode. */
export function tdesCbc(keyHex: string, ivHex: string, dataHex: string, direction: Direction): string {
  return run('des-ede3-cbc', tripleLength(keyHex), ivHex, dataHex, direction);
}

/** AES-128, AES-192 or AES-256 in ECB mode. */
export function aesEcb(keyHex: string, dataHex: string, direction: Direction): string {
  return run(`aes-${keyHex.length * 4}-ecb`, keyHex, '', dataHex, direction);
}

/** AES in CBC mode. */
export function aesCbc(keyHex: string, ivHex: string, dataHex: string, direction: Direction): string {
  return run(`aes-${keyHex.length * 4}-cbc`, keyHex, ivHex, dataHex, direction);
}

/** AES in counter mode from a first counter block; the same both ways. */
export function aesCtr(keyHex: string, counterHex: string, dataHex: string): string {
  return run(`aes-${keyHex.length * 4}-ctr`, keyHex, counterHex, dataHex, 'encrypt');
}

/** AES-GCM with a tag of 16 bytes: ciphertext and tag. */
export function aesGcmSeal(
  keyHex: string,
  nonceHex: string,
  associatedHex: string,
  dataHex: string,
): { ciphertext: string; tag: string } {
  const [key, nonce] = [Buffer.from(keyHex, 'hex'), Buffer.from(nonceHex, 'hex')];
  const cipher = createCipheriv(`aes-${keyHex.length * 4}-gcm` as 'aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(associatedHex, 'hex'));
  const ciphertext = (cipher.update(dataHex, 'hex', 'hex') + cipher.final('hex')).toUpperCase();
  return { ciphertext, tag: cipher.getAuthTag().toString('hex').toUpperCase() };
}

/** The data of AES-GCM; throws if the tag is not its tag. */
export function aesGcmOpen(
  keyHex: string,
  nonceHex: string,
  associatedHex: string,
  ciphertextHex: string,
  tagHex: string,
): string {
  if (tagHex.length !== 32) throw new Error('oracle: a GCM tag has 16 bytes here');
  const [key, nonce] = [Buffer.from(keyHex, 'hex'), Buffer.from(nonceHex, 'hex')];
  const cipher = createDecipheriv(`aes-${keyHex.length * 4}-gcm` as 'aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(associatedHex, 'hex'));
  cipher.setAuthTag(Buffer.from(tagHex, 'hex'));
  return (cipher.update(ciphertextHex, 'hex', 'hex') + cipher.final('hex')).toUpperCase();
}

/** Doubling in GF(2^64) or GF(2^128), the polynomial given by its low byte. */
function double(blockHex: string, polynomial: bigint): string {
  const bits = BigInt(blockHex.length * 4);
  const value = BigInt(`0x${blockHex}`);
  const highBitSet = value >> (bits - 1n) === 1n;
  let doubled = (value << 1n) % (1n << bits);
  if (highBitSet) doubled ^= polynomial;
  return doubled.toString(16).toUpperCase().padStart(blockHex.length, '0');
}

function cmac(
  encryptBlock: (blockHex: string) => string,
  blockBytes: number,
  polynomial: bigint,
  messageHex: string,
): string {
  const digits = blockBytes * 2;
  const subkey1 = double(encryptBlock('0'.repeat(digits)), polynomial);
  const subkey2 = double(subkey1, polynomial);
  const blocks = [];
  for (let i = 0; i < messageHex.length; i += digits) blocks.push(messageHex.slice(i, i + digits));
  const last = blocks.pop() ?? '';
  const masked =
    last.length === digits ? xorHex(last, subkey1) : xorHex(`${last}80`.padEnd(digits, '0'), subkey2);
  let state = '0'.repeat(digits);
  for (const block of [...blocks, masked]) state = encryptBlock(xorHex(state, block));
  return state;
}

/** AES-CMAC, 16 bytes. */
export function aesCmac(keyHex: string, messageHex: string): string {
  return cmac((block) => aesEcb(keyHex, block, 'encrypt'), 16, 0x87n, messageHex);
}

/** TDES-CMAC, 8 bytes. */
export function tdesCmac(keyHex: string, messageHex: string): string {
  return cmac((block) => tdesEcb(keyHex, block, 'encrypt'), 8, 0x1bn, messageHex);
}

/** HMAC over a byte string. */
export function hmac(hash: HashName, keyHex: string, messageHex: string): string {
  return createHmac(hash.toLowerCase(), Buffer.from(keyHex, 'hex'))
    .update(Buffer.from(messageHex, 'hex'))
    .digest('hex')
    .toUpperCase();
}

/** HKDF (extract, then expand); an empty salt stands for one hash length of zeros. */
export function hkdf(
  hash: HashName,
  secretHex: string,
  saltHex: string,
  infoHex: string,
  lengthBytes: number,
): string {
  const hashBytes = { SHA1: 20, SHA256: 32, SHA512: 64 }[hash];
  const salt = saltHex === '' ? '00'.repeat(hashBytes) : saltHex;
  const pseudoRandomKey = hmac(hash, salt, secretHex);
  let output = '';
  let previous = '';
  for (let counter = 1; output.length < lengthBytes * 2; counter += 1) {
    if (counter > 255) throw new Error('oracle: HKDF output too long');
    const counterHex = counter.toString(16).padStart(2, '0');
    previous = hmac(hash, pseudoRandomKey, previous + infoHex + counterHex);
    output += previous;
  }
  return output.slice(0, lengthBytes * 2);
}
