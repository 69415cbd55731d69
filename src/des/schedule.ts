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

/** The schedule of an 8-byte key for encryption: 16 rounds of two words. Parity bits are not looked at. */
export function expandKey(key: Uint8Array): number[] {
  const schedule: number[] = [];
  const cd = new Uint8Array(56);
  for (let i = 0; i < 56; i++) {
    const bit = (PC1[i] as number) - 1;
    cd[i] = ((key[bit >>> 3] as number) >>> (7 - (bit & 7))) & 1;
  }
  let turn = 0;
  for (let round = 0; round < 16; round++) {
    turn += LEFT_SHIFTS[round] as number;
    let odd = BYTE_NUMBERS;
    let even = BYTE_NUMBERS;
    for (let group = 0; group < 8; group++) {
      let six = 0;
      for (let i = 0; i < 6; i++) {
        // C and D are turned each for itself: their bits are 1 to 28 and 29 to 56.
        const bit = (PC2[6 * group + i] as number) - 1;
        const start = bit < 28 ? 0 : 28;
        const from = bit - start + turn;
        six = (six << 1) | (cd[start + (from < 28 ? from : from - 28)] as number);
      }
      const shift = 24 - 8 * (group >>> 1);
      if ((group & 1) === 0) odd |= six << shift;
      else even |= six << shift;
    }
    schedule.push(odd, even);
  }
  cd.fill(0);
  return schedule;
}

/** The schedule for decryption: the round keys in reverse. */
export function reversed(schedule: readonly number[]): number[] {
  const out: number[] = [];
  for (let k = schedule.length - 2; k >= 0; k -= 2)
    out.push(schedule[k] as number, schedule[k + 1] as number);
  return out;
}
