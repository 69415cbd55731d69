/** What every adapter checks of what it is handed, and of what its database hands back. */
import { type ErrorCode, fail, kindOf } from '../error.ts';
import { readOptions, requireArray, requireObject, requirePattern, requireWhole } from '../input.ts';
import type { Change, Query, StoreRecord } from './port.ts';

/** Most changes of one commit, and records of one answer. */
export const MOST_CHANGES = 4000;
export const MOST_FOUND = 1000;

const MOST_UNIQUE = 8;
const MOST_REVISION = 2 ** 31 - 1;

/** A kind of record. */
export function requireKind(kind: unknown, code: ErrorCode = 'ERR_INPUT'): string {
  return requirePattern(kind, /^[a-z-]{1,32}$/, 32, 'kind', '1 to 32 lower-case letters and hyphens', code);
}

/** An identifier of a record. */
export function requireId(id: unknown, code: ErrorCode = 'ERR_INPUT'): string {
  return requirePattern(id, /^[\x21-\x7e]{1,128}$/, 128, 'id', '1 to 128 printable ASCII characters', code);
}

function requireUnique(value: unknown, code: ErrorCode): string {
  return requirePattern(
    value,
    /^[\x21-\x7e]{1,256}$/,
    256,
    'unique',
    '1 to 256 printable ASCII characters',
    code,
  );
}

/** A record that came in or back, read once, checked and frozen. */
export function readRecord(value: unknown, code: ErrorCode = 'ERR_INPUT'): StoreRecord {
  if (typeof value !== 'object' || value === null) return fail(code, 'record', 'a record', kindOf(value));
  const { kind, id, revision, unique, body, tag } = value as StoreRecord;
  const values = requireArray(unique, 'unique', MOST_UNIQUE, code).map((item) => requireUnique(item, code));
  if (new Set(values).size !== values.length) fail(code, 'unique', 'each value once');
  return Object.freeze({
    kind: requireKind(kind, code),
    id: requireId(id, code),
    revision: requireWhole(revision, 'revision', 1, MOST_REVISION, code),
    unique: Object.freeze(values),
    body: requirePattern(
      body,
      /^[\x20-\x7e]*$/,
      65_536,
      'body',
      'at most 65536 printable ASCII characters',
      code,
    ),
    tag: requirePattern(tag, /^[\x20-\x7e]*$/, 128, 'tag', 'at most 128 printable ASCII characters', code),
  });
}

/** The changes of a commit, read once and checked. */
export function readChanges(changes: readonly Change[]): readonly Change[] {
  const given = requireArray(changes, 'changes', MOST_CHANGES);
  if (given.length === 0) fail('ERR_INPUT', 'changes', 'at least one change');
  const names = new Set<string>();
  return given.map((change) => {
    requireObject(change, 'changes');
    const { record: given, expected } = change;
    const record = readRecord(given);
    requireWhole(expected, 'expected', 0, MOST_REVISION - 1);
    if (record.revision !== expected + 1) fail('ERR_INPUT', 'revision', 'one more than what is expected');
    const name = `${record.kind} ${record.id}`;
    if (names.has(name)) fail('ERR_INPUT', 'changes', 'each record once');
    names.add(name);
    return { record, expected };
  });
}

/** Whether two records of a commit claim one value: no store need be asked. */
export function claimTwice(changes: readonly Change[]): boolean {
  const seen = new Set<string>();
  for (const { record } of changes)
    for (const value of record.unique) {
      if (seen.has(value)) return true;
      seen.add(value);
    }
  return false;
}

/** A query, read once and checked. */
export function readQuery(query: Query): Query {
  requireObject(query, 'query');
  if (Object.hasOwn(query, 'unique')) {
    const { unique } = readOptions(query as { unique: string }, 'query', ['unique']);
    return { unique: requireUnique(unique, 'ERR_INPUT') };
  }
  const read = readOptions(query as Exclude<Query, { unique: string }>, 'query', ['kind', 'after', 'limit']);
  const after = read.after === '' ? '' : requireId(read.after);
  return { kind: requireKind(read.kind), after, limit: requireWhole(read.limit, 'limit', 1, MOST_FOUND) };
}
