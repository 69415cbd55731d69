/**
 * How long a PIN is must not be told by the size of what encloses it.
 *
 * ISO 9564-1:2017, clause 9: a PIN block has one size, and the length of the PIN is enciphered in it.
 */
import { describe, expect, it } from 'vitest';
import { encryptPinBlock, type Key, parsePin, randomKey, sealPin } from '../../src/index.ts';
import { range, rejectionOf } from '../support/arbitraries.ts';
import { openFewKeys, SEALED_PIN, tokenCard } from '../support/few-keys.ts';
import { panOf } from '../support/hsm.ts';
import { keyOf } from '../support/world.ts';

const pan = panOf(1);
const pinOf = (length: number) => parsePin('483719204651'.slice(0, length));

describe('EN-08 the size of what holds a PIN', () => {
  it('is one for all lengths: PIN blocks of every format, and code blocks', () => {
    const tdes = randomKey({ usage: 'P0', algorithm: 'T', mode: 'B', exportability: 'N' }, 16);
    const aes = randomKey({ usage: 'P0', algorithm: 'A', mode: 'B', exportability: 'N' }, 16);
    const data = randomKey({ usage: 'D0', algorithm: 'T', mode: 'B', exportability: 'N' }, 16);
    const sizes = range(4, 12).map((length) => [
      ...(['ISO-0', 'ISO-1', 'ISO-3'] as const).map(
        (format) => encryptPinBlock(tdes, pinOf(length), pan, format).block.length,
      ),
      encryptPinBlock(aes, pinOf(length), pan, 'ISO-4').block.length,
      sealPin(data, pinOf(length)).length,
    ]);
    expect(sizes).toEqual(range(4, 12).map(() => [16, 16, 16, 32, 8]));
  });

  it('is that of its product for a sealed PIN, whose length stands beside it: no other length is kept', async () => {
    const { hsm, permit } = await openFewKeys('tokens', 'pvk', 'pins', 'seal', 'atm.pek');
    const card = tokenCard(pan);
    const set = (length: number) =>
      hsm.setPin({
        card,
        method: SEALED_PIN,
        pek: 'atm.pek',
        block: encryptPinBlock(keyOf<Key<'P0'>>('atm.pek'), pinOf(length), pan, 'ISO-0'),
        permit: permit('set-pin'),
      });
    const kept = await Promise.all([
      set(4),
      ...range(1, 20).map(() => hsm.drawPin({ card, method: SEALED_PIN })),
    ]);
    expect(new Set(kept.map(({ length, sealed }) => `${length} ${sealed?.length}`)).size).toBe(1);
    for (const length of range(5, 12)) expect(await rejectionOf(set(length))).toBe('ERR_PIN_REFUSED');
  });
});
