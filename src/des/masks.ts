/**
 * Round keys for the bitsliced paths: each bit of a round key as a mask of 32 ones or zeros, in the
 * order in which the boxes take them, 48 a round.
 */
import { COMPLEMENTED } from './bitslice-rounds.ts';

/** Masks of one round, and of sixteen. */
const ROUND_MASKS = 48;
export const DES_MASKS: number = 16 * ROUND_MASKS;

/**
 * The masks of a schedule of `schedule.ts`, for one DES or for the three of EDE.
 *
 * Where the circuits hand over the complement of a bit of f(R), a plane is complemented by every
 * second addition to its half. The half that round r reads got (r + 1) >> 1 of them before; where that is
 * odd, the mask is complemented too, which takes it back.
 */
export function keyMasks(schedule: readonly number[]): number[] {
  const rounds = schedule.length / 2;
  const masks: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const isTurned = ((((round & 15) + 1) >> 1) & 1) === 1;
    for (let box = 0; box < 8; box++) {
      const word = schedule[2 * round + (box & 1)] as number;
      const six = word >>> (24 - 8 * (box >>> 1));
      for (let i = 0; i < 6; i++) {
        const plane = (4 * box + i + 31) & 31;
        const turn = isTurned ? (COMPLEMENTED[plane] as number) : 0;
        masks.push(-(((six >>> (5 - i)) & 1) ^ turn) | 0);
      }
    }
  }
  return masks;
}
