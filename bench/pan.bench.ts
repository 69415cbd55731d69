/** New PANs without repeats: what one costs when a range is nearly empty, half full, nearly full, and at its end. */
import { definePanRange, panColumnFromSequence } from '../src/index.ts';
import type { Contender, Family, Job } from './family.ts';
import { aesKey, NODE_BACKEND, OURS } from './inputs.ts';

/** 10^7 numbers. */
const range = definePanRange({ iin: '40000012', length: 16 });
const ROWS = 65_536;
const out = { data: Buffer.alloc(16 * ROWS), digits: 16, encoding: 'ascii' } as const;

function issuedAt(percent: number): Contender {
  const first = Math.min(range.capacity - ROWS, Math.floor((range.capacity * percent) / 100));
  return {
    name: percent === 1 ? OURS : `cardwright, ${percent} % full`,
    operations: ROWS,
    run: () => panColumnFromSequence(aesKey, range, first, out, NODE_BACKEND),
    isOther: true,
  };
}

/** Random numbers and a set of those that are out: a range of 10^5, since the set of a larger one does not fit. */
function randomAndSet(percent: number): Contender {
  const CAPACITY = 100_000;
  const used = new Set<number>();
  const target = (CAPACITY * percent) / 100;
  const drawn: number[] = [];
  return {
    name: `random and a Set, ${percent} % full`,
    run: () => {
      while (used.size < target) used.add(Math.floor(Math.random() * CAPACITY));
      let candidate = 0;
      do candidate = Math.floor(Math.random() * CAPACITY);
      while (used.has(candidate));
      used.add(candidate);
      drawn.push(candidate);
      if (drawn.length === 100) for (const number of drawn.splice(0)) used.delete(number);
      return candidate;
    },
    isOther: true,
  };
}

const job: Job = {
  job: 'new PAN, columns of 65,536, range of 10^7',
  unit: 'PAN',
  inputs: 1,
  contenders: [
    issuedAt(1),
    issuedAt(50),
    issuedAt(99),
    issuedAt(100),
    randomAndSet(1),
    randomAndSet(50),
    randomAndSet(99),
  ],
  goals: [50, 99, 100].map((percent) => ({
    against: `cardwright, ${percent} % full`,
    goal: 0.9,
    label: `PAN issue at 1 % over ${percent} % full: flat`,
  })),
};

export const pan: Family = { family: 'PAN issue', jobs: [job] };
