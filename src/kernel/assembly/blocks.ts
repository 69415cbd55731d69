/** ECB over any number of blocks. */
import { rounds } from './des';
import { BLOCKS, KEYS, PLANES, ROWS } from './memory';
import { toBlocks, toPlanes } from './transpose';

/**
 * Whole blocks from `from` enciphered or deciphered to `to`, as the key masks say.
 *
 * @param passes  1 for DES, 3 for EDE
 */
export function cryptBlocks(from: usize, to: usize, blocks: i32, passes: i32): void {
  for (let done = 0; done < blocks; done += 128) {
    const bytes: usize = 8 * min(128, blocks - done);
    memory.copy(BLOCKS, from + 8 * done, bytes);
    toPlanes(PLANES, PLANES + 512);
    rounds(PLANES, PLANES + 512, KEYS, passes);
    toBlocks(PLANES + 512, PLANES);
    memory.copy(to + 8 * done, ROWS, bytes);
  }
}
