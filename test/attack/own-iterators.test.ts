/**
 * Bytes that hand out others than they hold, or none, when they are walked through: what was measured and checked
 * would not be what is used. Bytes are read by their places, and copied as memory.
 */
import { describe, expect, it } from 'vitest';
import { outcomeOf } from '../support/outcome.ts';
import { makeFixture, PUBLIC_CALLS } from '../support/public-calls.ts';

const f = makeFixture();

/** The same arguments, with an iterator of its own on each array of bytes; `asked` is told when one is walked. */
function withIterators(value: unknown, asked: () => void): unknown {
  if (value instanceof Uint8Array) {
    const bytes = new Uint8Array(value);
    return Object.defineProperty(bytes, Symbol.iterator, {
      *value() {
        asked();
        yield 1;
      },
    });
  }
  if (Array.isArray(value)) return value.map((item) => withIterators(item, asked));
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  if (Object.isFrozen(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withIterators(item, asked)]));
}

const rows = PUBLIC_CALLS.filter((row) => {
  let found = false;
  JSON.stringify(row.valid(f), (_, value) => {
    found ||= value instanceof Uint8Array;
    return value instanceof Uint8Array || typeof value === 'bigint' ? null : value;
  });
  return found;
});

describe('ST-05 bytes with an iterator of their own', () => {
  it('go to many functions', () => {
    expect(rows.length).toBeGreaterThan(40);
  });

  it.each(rows.map((row, i) => [`${row.name} (row ${i})`, row] as const))(
    '%s never asks it',
    async (_, row) => {
      let asked = 0;
      const given = withIterators(row.valid(f), () => asked++) as readonly unknown[];
      const { how } = await outcomeOf(() => row.call(...given));
      expect(asked).toBe(0);
      expect(how).toBe(row.async === true ? 'resolved' : 'returned');
    },
  );
});
