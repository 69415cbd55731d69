/**
 * What refusals say is part of what users see: all of it stands in refusals.json, so that a changed word is seen in a
 * review. `npm run refusals` writes the file anew.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { makeFixture } from '../support/public-calls.ts';
import { FUNCTIONS, type Refusals, refusalsOf } from './refusals.ts';

const written = JSON.parse(readFileSync(new URL('refusals.json', import.meta.url), 'utf8')) as Refusals;
const f = makeFixture();

describe('refusals', () => {
  it('are written down for every function', () => {
    expect(Object.keys(written)).toEqual(FUNCTIONS);
  });

  it.each(FUNCTIONS)('of %s', async (name) => {
    expect(await refusalsOf(name, f)).toEqual(written[name]);
  });
});
