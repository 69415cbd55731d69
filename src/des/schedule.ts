/**
 * The DES key schedule (FIPS 46-3, "Key schedule"), laid out for the scalar rounds.
 *
 * A round key is two words. The round (see scalar.ts) looks up S-boxes 1, 3, 5, 7 from one word and
 * 2, 4, 6, 8 from another, six bits at the low end of each byte, so the eight 6-bit groups of the
 * 48-bit round key go there in the same way:
 *
 *   word 2r      00K1.... 01K3.... 10K5.... 11K7....
 *   word 2r + 1  00K2.... 01K4.... 10K6.... 11K8....   (two bits, then six of the key)
 *
 * The two bits in front of each group are the number of the byte: with them a byte is the place in a
 * table of four S-boxes, and no further bit has to be set for it.
 */
import { LEFT_SHIFTS, PC1, PC2 } from './tables.ts';

/** The numbers of the bytes, in their two leading bits. */
const BYTE_NUMBERS = 0x004080c0;

/** Words in the schedule of one DES key: 16 rounds of two. */
export const SCHEDULE_WORDS = 32;

/**
 * Expands an 8-byte key into `out` from word `at`, in the order of encryption or decryption.
 * Parity bits are not looked at.
 */
export function expandKey(
  key: Uint8Array,
  direction: 'encrypt' | 'decrypt',
  out: Int32Array,
  at: number,
): void {
  const bit = (n: number): number => ((key[(n - 1) >>> 3] as number) >>> (7 - ((n - 1) & 7))) & 1;
  const cd = PC1.map(bit);
  let turn = 0;
  for (let round = 0; round < 16; round++) {
    turn += LEFT_SHIFTS[round] as number;
    let odd = 0;
    let even = 0;
    for (let group = 0; group < 8; group++) {
      let six = 0;
      for (let i = 0; i < 6; i++) {
        const from = (PC2[6 * group + i] as number) - 1;
        const half = from < 28 ? 0 : 28;
        six = (six << 1) | (cd[half + ((from - half + turn) % 28)] as number);
      }
      const shift = 24 - 8 * (group >>> 1);
      if ((group & 1) === 0) odd |= six << shift;
      else even |= six << shift;
    }
    const place = at + 2 * (direction === 'encrypt' ? round : 15 - round);
    out[place] = odd | BYTE_NUMBERS;
    out[place + 1] = even | BYTE_NUMBERS;
  }
  cd.fill(0);
}
