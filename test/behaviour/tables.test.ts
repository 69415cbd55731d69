/**
 * What the tables say is part of what users rely on: all of it stands in tables.json, so that a changed cell is seen in
 * a review. `npm run refusals` writes the file anew.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { TABLES } from './tables.ts';

const written = JSON.parse(readFileSync(new URL('tables.json', import.meta.url), 'utf8')) as Record<
  string,
  unknown
>;

/** Whether an object is frozen, to its last part. */
const isFrozen = (value: unknown): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (Object.isFrozen(value) && Object.values(value).every(isFrozen));

describe('tables', () => {
  it('are written down', () => {
    expect(Object.keys(TABLES)).toEqual(Object.keys(written));
    expect(Object.keys(TABLES)).toContain('POLICY');
  });

  it.each(Object.keys(written))('%s says what is written, and cannot be changed', (name) => {
    expect(TABLES[name]).toEqual(written[name]);
    expect(isFrozen(TABLES[name])).toBe(true);
  });
});
