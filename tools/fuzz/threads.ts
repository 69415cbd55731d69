/** Threads that run jobs, as many at a time as were asked for. A job that does not end, or ends its thread, is told. */
import { Worker } from 'node:worker_threads';
import type { Finding } from '../../test/fuzz/target.ts';

/** Milliseconds without a new case after which a thread hangs. */
const MOST_SILENCE = 60_000;

/** A job that gave no answer: at which of its cases, and why. */
export interface Lost extends Finding {
  readonly place: number;
}

/** Whether a job gave no answer. */
export function isLost(result: object): result is Lost {
  return 'kind' in result;
}

type Ending<Answer> = Answer | Omit<Lost, 'place'>;

/** One thread; a new one takes its place where it ends. */
class Thread<Job, Answer extends object> {
  readonly #module: string;
  readonly #progress = new Int32Array(new SharedArrayBuffer(4));
  #worker: Worker | undefined;
  /** Takes the end of the job that runs. */
  #end: (ending: Ending<Answer>) => void = () => undefined;

  constructor(module: string) {
    this.#module = module;
  }

  #started(): Worker {
    // No loader: the module is plain.
    const worker = new Worker(this.#module, { workerData: { progress: this.#progress }, execArgv: [] });
    worker.on('message', (answer: Answer) => this.#end(answer));
    worker.on('error', (error: unknown) => {
      this.#end({
        kind: 'crash',
        what: `the thread ended: ${error instanceof Error ? error.name : typeof error}`,
      });
    });
    worker.on('exit', () => this.#end({ kind: 'crash', what: 'the thread ended' }));
    return worker;
  }

  /** Runs one job. */
  async run(job: Job): Promise<Answer | Lost> {
    this.#worker ??= this.#started();
    const worker = this.#worker;
    Atomics.store(this.#progress, 0, 0);
    let watch: NodeJS.Timeout | undefined;
    const ending = await new Promise<Ending<Answer>>((resolve) => {
      let last = -1;
      watch = setInterval(() => {
        const now = Atomics.load(this.#progress, 0);
        if (now === last) resolve({ kind: 'hang', what: `no end after ${MOST_SILENCE / 1000} s` });
        last = now;
      }, MOST_SILENCE);
      this.#end = resolve;
      worker.postMessage(job);
    });
    clearInterval(watch);
    if (!isLost(ending)) return ending as Answer;
    this.#worker = undefined;
    await worker.terminate();
    return { ...ending, place: Atomics.load(this.#progress, 0) };
  }

  async end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }
}

/**
 * Runs jobs; answers come in the order of the jobs, whatever thread had which. A fresh thread for
 * each job has nothing of those before it.
 */
export async function runJobs<Job, Answer extends object>(
  module: string,
  jobs: readonly Job[],
  { threads, fresh = false }: { readonly threads: number; readonly fresh?: boolean },
  done: (count: number) => void,
): Promise<readonly (Answer | Lost)[]> {
  const answers: (Answer | Lost)[] = new Array(jobs.length);
  let next = 0;
  let ended = 0;
  const work = async (): Promise<void> => {
    const thread = new Thread<Job, Answer>(module);
    try {
      for (let mine = next++; mine < jobs.length; mine = next++) {
        answers[mine] = await thread.run(jobs[mine] as Job);
        if (fresh) await thread.end();
        done(++ended);
      }
    } finally {
      await thread.end();
    }
  };
  await Promise.all(Array.from({ length: threads }, work));
  return answers;
}
