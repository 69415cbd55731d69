/** TDES-ECB in bulk. */
import { createCipheriv } from 'node:crypto';
import { bulkTdesFor } from '../src/keys/bulk.ts';
import { key24, NODE_REUSED, OPENSSL_C, opensslC } from './ciphers.ts';
import type { Contender, Family } from './family.ts';
import { OURS, OURS_PORTABLE, pek, WITHOUT_KERNEL } from './inputs.ts';

const BLOCKS = 65_536;
const data = Uint8Array.from({ length: 8 * BLOCKS }, (_, i) => i * 7 + (i >> 8));
const out = Buffer.alloc(data.length);
const hexAt = (bytes: Buffer, i: number): string => bytes.toString('hex', 8 * i, 8 * i + 8).toUpperCase();

// The public functions count a key's blocks, of which it has fewer than a benchmark needs: this is their cipher.
const cipher = bulkTdesFor(pek, 'encryptPinBlock');
const ours: Contender = {
  name: OURS,
  operations: BLOCKS,
  run: () => cipher.encryptBlocks(data, out),
  answer: (i) => hexAt(out, i),
};

const node = createCipheriv('des-ede3-ecb', key24, null).setAutoPadding(false);
let nodeOut = Buffer.alloc(0);

export const tdes: Family = {
  family: 'TDES in bulk',
  jobs: [
    {
      job: 'TDES-ECB, 512 KiB a call',
      unit: 'block',
      inputs: 4096,
      contenders: [
        ours,
        { ...ours, name: OURS_PORTABLE, around: WITHOUT_KERNEL },
        {
          name: NODE_REUSED,
          operations: BLOCKS,
          run: () => {
            nodeOut = node.update(data);
          },
          answer: (i) => hexAt(nodeOut, i),
        },
        ...opensslC('tdes', 4096),
      ],
      goals: [
        { against: NODE_REUSED, goal: 14, label: 'TDES-ECB bulk' },
        { of: OURS_PORTABLE, against: OPENSSL_C, goal: 2, label: 'TDES-ECB bulk without WebAssembly' },
      ],
    },
  ],
};
