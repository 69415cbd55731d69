/**
 * The fuzzers in their short form; `npm run fuzz` is the long one. And what shows that they find: builds with one check
 * cut out, and parsers with a mistake in them.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PaymentCryptoError } from '../../src/error.ts';
import { tellFigures } from '../support/figures.ts';
import { buildWithout, type Cut } from '../teeth/guard.ts';
import { replay, runTarget } from './cases.ts';
import { changeText } from './changes.ts';
import { diceOf, seedOf } from './dice.ts';
import { changeJson } from './json.ts';
import { judge, law, type Target } from './target.ts';
import { TARGETS } from './targets.ts';

/** Cases of the short form for each part of a target's share. */
const CASES_OF_SHARE = 50;

const seed = fc.readConfigureGlobal().seed ?? seedOf('fuzz', Date.now());

describe.each(TARGETS.map((target) => [target.name, target] as const))('%s', (name, target) => {
  it('accepts what is valid', async () => {
    expect(target.seeds.length).toBeGreaterThan(1);
    for (const input of target.seeds) expect(await judge(target, input)).toBe('accepted');
  });

  it('accepts or refuses whatever else there is, and does nothing else', async () => {
    const { findings, ...counts } = await runTarget(target, seed, CASES_OF_SHARE * target.share);
    tellFigures('fuzz', name, { ...counts, findings: findings.length });
    expect(findings).toEqual([]);
    // Neither is all of it refused at the door, nor is nothing changed.
    expect(counts.accepted).toBeGreaterThan(counts.cases / 50);
    expect(counts.refused).toBeGreaterThan(counts.cases / 10);
  });
});

/** A target of one text, with a mistake. */
function planted(run: (text: string) => void | Promise<void>, seeds = ['3:abc', '0:']): Target {
  return {
    name: 'planted',
    share: 1,
    seeds: seeds.map((text) => [text]),
    change: ([text = ''], dice) => [changeText(text, dice)],
    run: ([text = '']) => run(text),
  };
}

/** A length, a colon, as many characters. */
function lengthAndText(text: string): string {
  const [, length = '', rest = ''] = /^([0-9]+):(.*)$/s.exec(text) ?? [];
  if (length === '') throw new PaymentCryptoError('ERR_INPUT', 'text', 'no length');
  return new Array(Number(length))
    .fill('')
    .map((_, i) => rest[i])
    .join('');
}

/** What a fuzzer is there to find, each in a parser that is right but for it. */
const MISTAKES: readonly (readonly [kind: string, mistake: string, target: Target])[] = [
  ['crash', 'an error without a code', planted((text) => void lengthAndText(text))],
  [
    'crash',
    'a promise that is rejected',
    planted(async (text) => {
      await Promise.resolve();
      if (text.includes('é')) throw new TypeError('é');
    }),
  ],
  [
    'law',
    'a text that comes out otherwise',
    planted((text) => law(text.toLowerCase().toUpperCase() === text.toUpperCase(), 'case')),
  ],
  [
    'internal',
    'a broken invariant',
    planted((text) => {
      if (text.length > 300) throw new PaymentCryptoError('ERR_INTERNAL', 'text', 'too long');
    }),
  ],
  [
    'pollution',
    'a property that every object gets',
    {
      ...planted(
        (text) => {
          let value: unknown;
          try {
            value = JSON.parse(text);
          } catch {
            throw new PaymentCryptoError('ERR_INPUT', 'text', 'no JSON');
          }
          const merge = (into: Record<string, unknown>, from: unknown): void => {
            if (typeof from !== 'object' || from === null) return;
            for (const [name, item] of Object.entries(from))
              if (typeof item === 'object' && typeof into[name] === 'object')
                merge(into[name] as Record<string, unknown>, item);
              else into[name] = item;
          };
          merge({}, value);
        },
        ['{"a":{"b":1}}'],
      ),
      change: ([text = ''], dice) => [changeJson(text, ['a', 'b'], dice)],
    },
  ],
];

describe('a fuzzer finds', () => {
  it.each(MISTAKES)('%s: %s; again by its seed and path, and shrunk', async (kind, _, target) => {
    const { findings } = await runTarget(target, 1, 500);
    const found = findings.find((one) => one.kind === kind);
    expect(found?.kind).toBe(kind);
    if (found === undefined) return;
    const again = await replay(target, found, false);
    expect([again.finding?.kind, again.finding?.what]).toEqual([kind, found.what]);
    const shrunk = await replay(target, found, true);
    expect(shrunk.place.path.startsWith(found.path)).toBe(true);
    expect((await replay(target, shrunk.place, false)).finding?.kind).toBe(kind);
  });

  it('slow: what takes too long each time, and not what did so once', async () => {
    const work = (): void => {
      let sum = 0;
      for (const began = process.cpuUsage(); process.cpuUsage(began).user < 80_000; )
        for (let i = 0; i < 100_000; i++) sum += i % 7;
      expect(sum).toBeGreaterThan(0);
    };
    expect(await judge(planted(work), ['3:abc'])).toMatchObject({ kind: 'slow' });
    let times = 0;
    expect(
      await judge(
        planted(() => (times++ === 0 ? work() : undefined)),
        ['3:abc'],
      ),
    ).toBe('accepted');
    expect(times).toBe(2);
  });

  it('the same for the same seed, and something else for another', async () => {
    const run = async (from: number): Promise<string[]> => {
      const inputs: string[] = [];
      await runTarget(
        planted((text) => void inputs.push(text)),
        from,
        600,
      );
      return inputs;
    };
    expect(await run(7)).toEqual(await run(7));
    expect(await run(8)).not.toEqual(await run(7));
  });

  it('nothing where a change changes nothing', async () => {
    const target = planted((text) => law(text === '3:abc', 'changed'), ['3:abc']);
    const still: Target = { ...target, change: (input) => input };
    expect((await runTarget(still, 1, 500)).findings).toEqual([]);
    expect((await runTarget(target, 1, 500)).findings).not.toEqual([]);
    expect(target.change(['3:abc'], diceOf(1))).not.toEqual(['3:abc']);
  });
});

type Alone = typeof import('./alone.ts');

/** One check less, and the target that must miss it. */
const CUTS: readonly (readonly [check: string, target: keyof Omit<Alone, 'runTarget'>, cut: Cut])[] = [
  [
    'the MAC of a key block',
    'keyBlock',
    { file: 'keys/key-block-binding.ts', passage: '!authentic || bits === 0', instead: 'bits === 0' },
  ],
  [
    'the length of the key inside a key block',
    'keyBlock',
    { file: 'keys/key-block-binding.ts', passage: ' || bits / 8 > clear.length - LENGTH_BYTES', instead: '' },
  ],
  [
    'the length of the PIN in a PIN block',
    'pinBlock',
    { file: 'pinblock/field.ts', passage: ' | ((length - 4) >>> 31)', instead: '' },
  ],
  [
    'the fill of a code block',
    'envelopes',
    {
      file: 'envelope/code-block.ts',
      passage: "bad |= nibble(i) ^ (layout === 'F-fill' ? 15 : 0)",
      instead: 'bad |= 0',
    },
  ],
  [
    'the shape of a counter in the record of a card',
    'record',
    {
      file: 'issuer/parse-card.ts',
      passage: '!Array.isArray(value) || value.length !== 5',
      instead: 'false',
    },
  ],
];

describe('a build is found out that lacks', () => {
  it.each(CUTS)('%s', async (_, name, cut) => {
    const { runTarget: run, ...targets } = await buildWithout<Alone>('fuzz/alone.ts', [cut]);
    expect((await run(targets[name], 1, 1000)).findings).not.toEqual([]);
  });
});
