/**
 * What every store must do, as cases that any test runner can run: hand in how to open a store, and each case
 * throws where the store breaks the contract.
 *
 *   for (const { name, run } of storeContract({ open, again, close })) it(name, run);
 */
import { requireMethods } from '../input.ts';
import { CROWD } from './contract-crowd.ts';
import { AMOUNTS } from './contract-pages.ts';
import { RECORDS } from './contract-records.ts';
import type { Cases } from './demand.ts';
import type { Store } from './port.ts';

/** One demand of the contract. */
export interface ContractCase {
  readonly name: string;
  run(): Promise<void>;
}

/** How stores are had for the cases. */
export interface StoreUnderTest {
  /** An empty store of its own for each case. */
  open(): Promise<Store>;
  /**
   * Another connection to the records of a store that was opened, which may be closed by now. Of a store that is
   * nothing but its own memory: the same one.
   */
  again(opened: Store): Promise<Store>;
  /** Ends one connection. Each that was had is ended, whatever became of its case. */
  close(opened: Store): Promise<void>;
}

const CASES: Cases = { ...RECORDS, ...AMOUNTS, ...CROWD };

/** Runs a case on a store of its own, and closes all that it had. */
async function runCase(stores: StoreUnderTest, run: Cases[string]): Promise<void> {
  const held = new Set<Store>();
  const hold = (store: Store): Store => {
    held.add(store);
    return store;
  };
  const close = async (store: Store): Promise<void> => {
    held.delete(store);
    await stores.close(store);
  };
  let ended: readonly PromiseSettledResult<void>[];
  try {
    const store = hold(await stores.open());
    await run(store, { again: async () => hold(await stores.again(store)), close });
  } finally {
    ended = await Promise.allSettled([...held].map(close));
  }
  for (const end of ended) if (end.status === 'rejected') throw end.reason;
}

/**
 * The cases of the contract over a store of your own.
 *
 * @param stores  opens an empty store for each case, opens it once more, and closes it
 * @returns       cases to run in any order, each of which rejects where the contract is broken
 * @throws ERR_INPUT  `stores` lacks one of the three
 * @source own construction: what `store/port.ts` says, case by case
 */
export function storeContract(stores: StoreUnderTest): readonly ContractCase[] {
  requireMethods<StoreUnderTest>(stores, 'stores', ['open', 'again', 'close']);
  return Object.entries(CASES).map(([name, run]) => ({ name, run: () => runCase(stores, run) }));
}
