/** A thread that runs chunks of cases: it is handed one, says what came of it, and is handed the next. */
import { parentPort, workerData } from 'node:worker_threads';
import { runChunk, type Tally } from './cases.ts';
import { targetNamed } from './targets.ts';

/** What a thread is asked. */
export interface Chunk {
  readonly target: string;
  readonly seed: number;
  readonly count: number;
}

/** What it answers, and how long it took. */
export interface Answer {
  readonly tally: Tally;
  readonly milliseconds: number;
}

const port = parentPort;
if (port === null) throw new Error('a thread, not a program');

/** The place of the case that runs: whoever waits in vain looks here. */
const { progress } = workerData as { readonly progress: Int32Array };

port.on('message', async ({ target, seed, count }: Chunk) => {
  const began = performance.now();
  const tally = await runChunk(targetNamed(target), seed, count, (place) =>
    Atomics.store(progress, 0, place),
  );
  port.postMessage({ tally, milliseconds: performance.now() - began } satisfies Answer);
});
