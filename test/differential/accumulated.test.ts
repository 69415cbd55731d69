/** Hashes over the outputs of thousands of seeded cases, by family: those that two implementations agreed on. */
import { describe, expect, it } from 'vitest';
import { Draw } from '../support/draw.ts';
import { tellFigures } from '../support/figures.ts';
import { AGREED_FILE, accumulate, FAMILIES, readAgreed } from './accumulated.ts';
import { type Family, SIDES, type Side, TESTED } from './families/family.ts';

const AGREED = readAgreed(AGREED_FILE);

/** A hash that was agreed before. */
function agreed(name: string, cases: number): string {
  return AGREED.families[name]?.hashes[cases] ?? `no hash of ${name} over ${cases} cases`;
}

/** The hash of a side over so many cases. */
function hashOf(family: Pick<Family, 'name' | 'lines'>, side: Side, cases: number): string {
  return accumulate(family, side, [cases])[cases] ?? 'none';
}

describe('accumulated hashes', () => {
  it.each(FAMILIES.map((family) => [family.name, family] as const))('%s', (name, family) => {
    const { library, other } = family.tested;
    const hash = hashOf(family, 'library', library);
    expect(hash).toBe(agreed(name, library));
    expect(hashOf(family, 'other', other)).toBe(agreed(name, other));
    tellFigures('hash', name, {
      cases: library,
      hash: hash.slice(0, 16),
      other: family.other,
      'cases of the other': other,
    });
  });

  it('are written down for every family and none besides, under the implementation that it has', () => {
    expect(Object.keys(AGREED.families)).toEqual(FAMILIES.map(({ name }) => name));
    for (const { name, other } of FAMILIES) {
      expect(AGREED.families[name]?.other).toBe(other);
      for (const cases of TESTED) expect(agreed(name, cases)).toMatch(/^[0-9a-f]{64}$/);
    }
    const far = FAMILIES.map(({ name }) => name).filter((name) => /^no/.test(agreed(name, 10_000_000)));
    expect(AGREED.belowTenMillion).toEqual(far);
  });

  it('are different for every family and every number of cases', () => {
    const hashes = Object.values(AGREED.families).flatMap((family) => Object.values(family.hashes));
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});

/** Lines as a family, whichever side is asked. */
const told = (name: string, lines: readonly string[]): Pick<Family, 'name' | 'lines'> => ({
  name,
  lines: () => lines,
});

describe('one wrong output in the middle', () => {
  const CASES = 40;

  it.each(FAMILIES.map((family) => [family.name, family] as const))('of %s shows', (name, family) => {
    const [ours, theirs] = SIDES.map((side) => {
      const lines: string[] = [];
      for (const line of family.lines(side, new Draw(name))) if (lines.push(line) === CASES) break;
      return lines;
    }) as [string[], string[]];
    const hash = hashOf(told(name, theirs), 'other', CASES);
    expect(hashOf(told(name, ours), 'library', CASES)).toBe(hash);
    // The last character of one is another.
    const right = ours[CASES / 2] ?? '';
    ours[CASES / 2] = right.slice(0, -1) + (right.endsWith('0') ? '1' : '0');
    expect(hashOf(told(name, ours), 'library', CASES)).not.toBe(hash);
  });
});
