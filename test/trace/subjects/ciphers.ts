/** The bitsliced path in plain numbers, from the key to the blocks. */
import { bitslicedBlocks } from '../../../src/des/bitslice.ts';
import { BITSLICE_FROM, bulkTdes } from '../../../src/des/bulk.ts';
import { keyMasks } from '../../../src/des/masks.ts';
import { expandKey } from '../../../src/des/schedule.ts';
import { tdesWeakness } from '../../../src/des/weak.ts';
import { switchKernel } from '../../../src/kernel/slot.ts';
import { adjustParity, hasOddParity } from '../../../src/keys/parity.ts';
import { bytesFrom, Numbers, type Subject } from '../subject.ts';

const done = ['done'];

export const CIPHERS: readonly Subject[] = [
  {
    // A whole pass of 32 blocks, and one of eight.
    name: 'bitslicedBlocks: key and blocks',
    outcomes: done,
    prepare: (i) => {
      const numbers = new Numbers(i);
      const [key, blocks] = [bytesFrom(numbers, 8), bytesFrom(numbers, 8 * 40)];
      return () => {
        bitslicedBlocks(blocks, blocks, keyMasks(expandKey(key)));
        return 'done';
      };
    },
  },
  {
    name: 'bulkTdes without a kernel: key and blocks',
    outcomes: done,
    prepare: (i) => {
      const numbers = new Numbers(i);
      const [key, blocks] = [bytesFrom(numbers, 16), bytesFrom(numbers, 8 * BITSLICE_FROM)];
      switchKernel(false);
      return () => {
        const cipher = bulkTdes(key);
        cipher.decryptBlocks(blocks, blocks);
        cipher.wipe();
        return 'done';
      };
    },
  },
  {
    name: 'the rules for new keys: a key that passes',
    outcomes: ['true'],
    prepare: (i) => {
      const key = adjustParity(bytesFrom(new Numbers(i), 24));
      return () => tdesWeakness(key) === undefined && hasOddParity(key);
    },
  },
];
