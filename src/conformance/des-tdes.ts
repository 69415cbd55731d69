/** Known answers of DES, TDES and AES: single runs, Rivest's recurrence, NIST Monte Carlo. */
import { aes } from '../aes/block.ts';
import type { BlockCipher } from '../block-cipher.ts';
import { xor } from '../bytes/xor.ts';
import { des, tdes } from '../des/tdes.ts';
import { adjustParity } from '../keys/parity.ts';
import { decryptCbc, encryptCbc } from '../mode/cbc.ts';
import { decryptEcb, encryptEcb } from '../mode/ecb.ts';
import { sameBlocks } from './batches.ts';
import { VectorCase, VectorFormatError } from './vector-file.ts';
import { type Operations, same, sameBytes, Unsupported } from './verdict.ts';

/** The cipher that a case names, under its key of any length that the algorithm has. */
export function cipherOf(name: string, key: Uint8Array): BlockCipher {
  if (name === 'TDES' || name === 'DES') return tdes(key);
  if (name === 'AES') return aes(key);
  throw new Unsupported(`cipher ${name}`);
}

/** The two directions of the mode that a case names. */
export function modeOf(
  vector: VectorCase,
  cipher: BlockCipher,
): { encrypt(data: Uint8Array): Uint8Array; decrypt(data: Uint8Array): Uint8Array } {
  const mode = vector.text('mode');
  if (mode === 'ECB')
    return { encrypt: (data) => encryptEcb(cipher, data), decrypt: (data) => decryptEcb(cipher, data) };
  if (mode !== 'CBC') throw new Unsupported(`mode ${mode}`);
  const iv = vector.bytes('iv');
  return { encrypt: (data) => encryptCbc(cipher, iv, data), decrypt: (data) => decryptCbc(cipher, iv, data) };
}

/** SP 800-20: inner iterations of a row, and the parts of the key that each row changes. */
const INNER = 10_000;

/** Monte Carlo of TDES: 10 000 encryptions a row, the last three outputs going into the next key. */
function monteCarlo(vector: VectorCase): 'passed' {
  const mode = vector.text('mode');
  if (mode !== 'ECB' && mode !== 'CBC') throw new Unsupported(`mode ${mode}`);
  const encrypting = vector.text('direction') === 'encrypt';
  const option = vector.has('keyingOption') ? vector.number('keyingOption') : 1;
  const rows = vector
    .list('results')
    .map((row) => new VectorCase({ id: vector.id, op: vector.op, ...(row as object) }));
  let key = vector.bytes('key');
  let input = vector.bytes('input');
  let iv = vector.has('iv') ? vector.bytes('iv') : new Uint8Array(8);
  if (mode === 'CBC' && !vector.has('iv')) throw new VectorFormatError('"iv" is missing');
  for (const row of rows) {
    sameBytes('key', key, row.bytes('key'));
    sameBytes('input', input, row.bytes('input'));
    const cipher = tdes(key);
    const outputs: Uint8Array[] = [];
    let feedback = iv;
    for (let j = 0; j < INNER; j++) {
      const output = new Uint8Array(8);
      if (encrypting) {
        cipher.encryptBlocks(mode === 'CBC' ? xor(input, feedback) : input, output);
        // CBC: the next plaintext is the chaining value before this one.
        input = mode === 'CBC' ? feedback : output;
        feedback = output;
      } else {
        cipher.decryptBlocks(input, output);
        const plain = mode === 'CBC' ? xor(output, feedback) : output;
        feedback = input;
        output.set(plain);
        input = plain;
      }
      outputs.push(output);
      if (outputs.length > 3) outputs.shift();
    }
    const [before2, before1, last] = outputs as [Uint8Array, Uint8Array, Uint8Array];
    sameBytes('output', last, row.bytes('output'));
    const parts = [last, option === 3 ? last : before1, option === 1 ? before2 : last];
    const whole = key.length === 24 ? key : Uint8Array.from([...key, ...key, ...key].slice(0, 24));
    const next = new Uint8Array(24);
    parts.forEach((part, i) => {
      next.set(xor(whole.subarray(8 * i, 8 * i + 8), part), 8 * i);
    });
    key = adjustParity(next).slice(0, key.length);
    if (encrypting) {
      iv = feedback;
      if (mode === 'ECB') input = last;
    } else {
      iv = feedback;
      input = last;
    }
  }
  return 'passed';
}

export const desTdes: Operations = {
  'block.known-answer': (vector) => {
    const run = modeOf(vector, cipherOf(vector.text('cipher'), vector.bytes('key')));
    const plaintext = vector.bytes('plaintext');
    const ciphertext = vector.bytes('ciphertext');
    sameBytes('ciphertext', run.encrypt(plaintext), ciphertext);
    sameBytes('plaintext', run.decrypt(ciphertext), plaintext);
    if (vector.text('mode') === 'ECB')
      sameBlocks(
        vector.text('cipher') === 'AES' ? 'AES' : 'TDES',
        vector.bytes('key'),
        plaintext,
        ciphertext,
      );
    return 'passed';
  },
  'des.recurrence': (vector) => {
    let x = vector.bytes('x0');
    for (let i = 0; i < 16; i++) {
      const next = new Uint8Array(8);
      if (i % 2 === 0) des(x).encryptBlocks(x, next);
      else des(x).decryptBlocks(x, next);
      x = next;
    }
    sameBytes('x16', x, vector.bytes('x16'));
    return 'passed';
  },
  'tdes.mct': (vector) => {
    same('results', vector.list('results').length > 0, true);
    return monteCarlo(vector);
  },
};
