/** Records in memory, for tests and demonstrations: they are forgotten when the process ends. */
import { requireObject, requireText } from '../input.ts';
import type { RecordPort } from '../port.ts';

function equalRecords(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every(
      (name) =>
        Object.hasOwn(b, name) &&
        equalRecords((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name]),
    )
  );
}

/**
 * Flat or nested plain records by identifier, with compare-and-set by value.
 *
 * `put` stores a record whatever was there: it is how a record begins. A change of one that is in use
 * goes by compare-and-set, or tickets of the old one would count on the new. Records are kept as they
 * are handed in; hand in frozen ones.
 *
 * @throws ERR_INPUT  an identifier that is not a string, a record that is not an object
 * @source own construction
 */
export function createMemoryRecords<T extends object>(): RecordPort<T> & {
  put(id: string, record: T): void;
} {
  const records = new Map<string, T>();
  return Object.freeze({
    async read(id: string): Promise<T | undefined> {
      return records.get(id);
    },
    async compareAndSet(id: string, expected: T, next: T): Promise<'done' | 'stale'> {
      if (!records.has(id) || !equalRecords(records.get(id), expected)) return 'stale';
      records.set(id, next);
      return 'done';
    },
    put(id: string, record: T): void {
      requireText(id, 'id', 'a string');
      requireObject(record, 'record');
      records.set(id, record);
    },
  });
}
