/** Functions that do depend on their secrets: the method must find them. */
import { tdes } from '../../../src/des/tdes.ts';
import { byOperator, byTable, earlyExit, inList } from '../leaking.ts';
import { bytesFrom, Numbers, nearBytes, nearText, type Subject, textFrom } from '../subject.ts';

const both = ['false', 'true'];
const done = ['done'];
const LIST = Array.from({ length: 40 }, (_, i) => textFrom(new Numbers(i), 4));

export const LEAKING: readonly Subject[] = [
  {
    name: 'a comparison that stops early',
    outcomes: both,
    prepare: (i) => {
      const a = bytesFrom(new Numbers(i), 16);
      const b = nearBytes(a, i);
      return () => earlyExit(a, b);
    },
  },
  {
    name: 'a comparison by ===',
    outcomes: ['0', '1'],
    prepare: (i) => {
      const a = textFrom(new Numbers(i), 16);
      const b = nearText(a, i);
      return () => byOperator(a, b);
    },
  },
  {
    name: 'a list that is searched',
    outcomes: both,
    prepare: (i) => {
      const secret = i % 2 === 0 ? (LIST[i % LIST.length] ?? '') : textFrom(new Numbers(i), 4);
      return () => inList(LIST, secret);
    },
  },
  {
    name: 'a table that is looked up',
    outcomes: done,
    prepare: (i) => {
      const secret = bytesFrom(new Numbers(i), 8);
      return () => {
        byTable(secret);
        return 'done';
      };
    },
  },
  {
    name: 'TDES of one block, by tables',
    outcomes: done,
    prepare: (i) => {
      const numbers = new Numbers(i);
      const cipher = tdes(bytesFrom(numbers, 16));
      const block = Int32Array.from({ length: 2 }, () => numbers.below(2 ** 32));
      return () => {
        cipher.encryptWords(block);
        return 'done';
      };
    },
  },
];
