/** A thread that runs a target guided by what its cases come to. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Guided, guide } from './guided.ts';
import type { Input } from './target.ts';
import { targetNamed } from './targets.ts';

/** What a thread is asked. */
export interface GuidedJob {
  readonly target: string;
  readonly seed: number;
  readonly runs: number;
  readonly earlier: readonly Input[];
}

/** What it answers, and how long it took. */
export interface GuidedAnswer extends Guided {
  readonly milliseconds: number;
}

const port = parentPort;
if (port === null) throw new Error('a thread, not a program');

/** The run that is on: whoever waits in vain looks here. */
const { progress } = workerData as { readonly progress: Int32Array };

port.on('message', async ({ target, ...job }: GuidedJob) => {
  const began = performance.now();
  const guided = await guide(targetNamed(target), job, (run) => Atomics.store(progress, 0, run));
  port.postMessage({ ...guided, milliseconds: performance.now() - began } satisfies GuidedAnswer);
});
