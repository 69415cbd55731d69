/**
 * Every guard twice: with it the attack fails, in a build without it the attack succeeds. What the second half
 * shows is that the first is not true for another reason.
 */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Guard, guardsWithout, succeeds } from './guard.ts';

const groups = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.guards.ts'))
  .map((name) => name.replace('.guards.ts', ''));

for (const group of groups) {
  const { GUARDS }: { readonly GUARDS: readonly Guard[] } = await import(`./${group}.guards.ts`);
  describe(group, () => {
    it('names each guard once', () => {
      expect(new Set(GUARDS.map(({ guard }) => guard)).size).toBe(GUARDS.length);
    });

    for (const [place, guard] of GUARDS.entries()) {
      const name = `${guard.ids.join(', ')} ${guard.guard}`;
      it(`holds: ${name}`, async () => {
        expect(await succeeds(guard)).toBe(false);
      });

      it(`teeth: ${name}`, async () => {
        const without = await guardsWithout(`${group}.guards.ts`, guard.cuts);
        expect(await succeeds(without[place] as Guard)).toBe(true);
      });
    }
  });
}
