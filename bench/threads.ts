/** A million CVVs in the calling thread, and over the two threads of a pool: prints the ratio. */
import { generateCvvColumns } from '../src/index.ts';
import { createWorkerPool, sharedBytes, sharedNumbers } from '../src/node/index.ts';
import { cvk, expiry, MANY, panColumn, serviceCode } from './inputs.ts';
import { median } from './measure.ts';

const repeats = Number(process.argv[2] ?? 7);
const data = sharedBytes(panColumn.data.length);
data.set(panColumn.data);
const cards = { pan: { ...panColumn, data }, expiry, serviceCode };
const out = sharedNumbers(MANY);
const pool = createWorkerPool({ threads: 2 });
// Each thread compiles the kernel for itself, and better once it is warm.
for (let i = 0; i < 20; i++) {
  generateCvvColumns(cvk, cards, out);
  await pool.generateCvvColumns(cvk, cards, out);
}
const ratios: number[] = [];
for (let i = 0; i < repeats; i++) {
  const start = process.hrtime.bigint();
  generateCvvColumns(cvk, cards, out);
  const middle = process.hrtime.bigint();
  await pool.generateCvvColumns(cvk, cards, out);
  ratios.push(Number(middle - start) / Number(process.hrtime.bigint() - middle));
}
await pool.close();
process.stdout.write(`${median(ratios)}\n`);
