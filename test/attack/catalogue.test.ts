/** Every attack of the catalogue has tests that carry its number, and every guard has teeth. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { testNamesIn } from '../support/test-names.ts';
import type { Guard } from '../teeth/guard.ts';
import { ATTACK_NUMBER, ATTACKS } from './catalogue.ts';

const TEST = fileURLToPath(new URL('..', import.meta.url));

const sources = readdirSync(TEST, { recursive: true, encoding: 'utf8' });
const named = new Set(
  sources
    .filter((name) => name.endsWith('.test.ts'))
    .flatMap((name) => testNamesIn(join(TEST, name)))
    .flatMap((name) => name.match(ATTACK_NUMBER) ?? []),
);
const guards = (
  await Promise.all(
    readdirSync(join(TEST, 'teeth'))
      .filter((name) => name.endsWith('.guards.ts'))
      .map(async (name) => {
        const group: { readonly GUARDS: readonly Guard[] } = await import(
          `../teeth/${name.replace('.guards.ts', '')}.guards.ts`
        );
        return group.GUARDS;
      }),
  )
).flat();
const bitten = new Set(guards.flatMap(({ ids }) => ids));
const known = new Set(ATTACKS.map(({ id }) => id));

describe('the catalogue of attacks', () => {
  it('numbers each attack once', () => {
    expect(known.size).toBe(ATTACKS.length);
  });

  it('has a test for each attack on what exists', () => {
    const without = ATTACKS.filter(({ id, stand }) => stand !== 'not-built' && !named.has(id));
    expect(without.map(({ id }) => id)).toEqual([]);
  });

  it('has teeth for each guard, and a reason where there is no guard', () => {
    const toothless = ATTACKS.filter(({ id, stand }) => stand === 'guard' && !bitten.has(id));
    expect(toothless.map(({ id }) => id)).toEqual([]);
    for (const { id, stand, why } of ATTACKS) if (stand !== 'guard') expect(why, id).toMatch(/.{12}/);
  });

  it('knows every number that a test or a guard carries', () => {
    expect([...named, ...bitten].filter((id) => !known.has(id))).toEqual([]);
  });
});
