/** A store in memory, for tests and demonstrations: it is forgotten when the process ends. */
import { fail } from '../error.ts';
import { readOptions } from '../input.ts';
import { claimTwice, readChanges, readQuery, requireId, requireKind } from './checked.ts';
import { isProduction } from './environment.ts';
import type { Change, CommitAnswer, Query, Store, StoreRecord } from './port.ts';

const nameOf = (kind: string, id: string): string => `${kind} ${id}`;

/**
 * A store in memory.
 *
 * @param options  allowLoss: true to have one in production all the same, where nothing would survive
 * @throws ERR_POLICY  in production (`NODE_ENV`) without `allowLoss: true`
 * @throws ERR_INPUT   options
 * @source own construction
 */
export function createMemoryStore(options?: { readonly allowLoss?: true }): Store {
  const { allowLoss } = readOptions(options, 'options', ['allowLoss']);
  if (allowLoss !== undefined && allowLoss !== true) fail('ERR_INPUT', 'allowLoss', 'true, or nothing');
  if (isProduction() && allowLoss !== true)
    fail('ERR_POLICY', 'options', 'a store that survives the process, or allowLoss: true');
  const records = new Map<string, StoreRecord>();
  const holders = new Map<string, string>();

  const judge = (changes: readonly Change[]): CommitAnswer => {
    if (claimTwice(changes)) return 'taken';
    for (const { record, expected } of changes) {
      const name = nameOf(record.kind, record.id);
      const revision = records.get(name)?.revision ?? 0;
      if (expected > 0 && revision !== expected) return 'stale';
      if (expected === 0 && revision !== 0) return 'taken';
      if (record.unique.some((value) => (holders.get(value) ?? name) !== name)) return 'taken';
    }
    return 'done';
  };

  return Object.freeze({
    durability: Object.freeze({ processCrash: false, powerLoss: false, failover: false }),
    async get(kind: string, id: string): Promise<StoreRecord | undefined> {
      return records.get(nameOf(requireKind(kind), requireId(id)));
    },
    async find(query: Query): Promise<readonly StoreRecord[]> {
      const read = readQuery(query);
      if ('unique' in read) {
        const holder = holders.get(read.unique);
        return holder === undefined ? [] : [records.get(holder) as StoreRecord];
      }
      const { kind, after, limit } = read;
      return [...records.values()]
        .filter((record) => record.kind === kind && record.id > after)
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, limit);
    },
    async commit(changes: readonly Change[]): Promise<CommitAnswer> {
      const read = readChanges(changes);
      const answer = judge(read);
      if (answer !== 'done') return answer;
      for (const { record } of read) {
        const name = nameOf(record.kind, record.id);
        for (const value of records.get(name)?.unique ?? []) holders.delete(value);
        for (const value of record.unique) holders.set(value, name);
        records.set(name, record);
      }
      return 'done';
    },
  });
}
