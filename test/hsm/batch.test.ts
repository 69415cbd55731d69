/** A chunk of cards in one call: the same as each card by itself, and rows that the embosser can open. */
import { describe, expect, it } from 'vitest';
import { hexToBytes } from '../../src/bytes/hex.ts';
import { openCode } from '../../src/envelope/code-block.ts';
import { openEnvelope } from '../../src/envelope/envelope.ts';
import type { CardBatchChunk, CardBatchRequest, Embosser, PinMethod } from '../../src/hsm/functions.ts';
import type { Key } from '../../src/keys/key.ts';
import { nodeCiphers } from '../../src/node/ciphers.ts';
import { parsePan } from '../../src/pan/pan.ts';
import { definePanRange } from '../../src/pan/range.ts';
import type { EncryptedPinBlock } from '../../src/pinblock/format.ts';
import { type Bench, cardOf, faceOf, METHODS, openBench, RANGE, refusalOf } from '../support/hsm.ts';
import { keyOf, NUMERIC_TOKENS, TOKENS } from '../support/world.ts';

const { expiry, serviceCode } = faceOf(cardOf(parsePan('4000000000285066')));

const embosserOf = (bench: Bench, more: Partial<Embosser> = {}): Embosser => ({
  kek: 'emb.kek',
  pek: 'emb.pek',
  pinBlockFormat: 'ISO-0',
  context: 'batch/1',
  permit: bench.permit('emboss'),
  ...more,
});

const requestOf = (bench: Bench, more: Partial<CardBatchRequest> = {}): CardBatchRequest => ({
  domain: TOKENS,
  sequence: { key: 'sequence.visa', range: RANGE },
  indexKeys: ['index.1', 'index.2'],
  cvk: 'cvk',
  expiry,
  serviceCode,
  expiryOrder: 'YYMM',
  method: METHODS.sealed,
  first: 40,
  count: 7,
  kind: 'cvv',
  embosser: embosserOf(bench),
  ...more,
});

/** The rows in the envelopes, as an embosser reads them. */
function rowsOf({ emboss }: CardBatchChunk): readonly { readonly [name: string]: string }[] {
  return emboss.flatMap((envelope) => {
    const bytes = Uint8Array.from(Buffer.from(envelope, 'base64'));
    const text = Buffer.from(
      openEnvelope(keyOf<Key<'K1'>>('emb.kek'), bytes, Uint8Array.from(Buffer.from('batch/1'))),
    ).toString();
    expect(text.endsWith('\n')).toBe(true);
    const [header = '', ...lines] = text.trimEnd().split('\n');
    const names = header.split(',');
    return lines.map((line) => Object.fromEntries(line.split(',').map((value, i) => [names[i], value])));
  });
}

async function printed(bench: Bench, chunk: CardBatchChunk, i: number, method: PinMethod): Promise<string> {
  const card = { token: chunk.cards[i]?.token as never, domain: TOKENS };
  const pin = chunk.pins[i] as NonNullable<CardBatchChunk['pins'][number]>;
  return bench.hsm.printPin({ card, method, pin, permit: bench.permit('print-pin') });
}

describe('issueCards', () => {
  it.each([
    ['alphanumeric', TOKENS, METHODS.sealed, 7],
    ['numeric', NUMERIC_TOKENS, METHODS.offset, 41],
  ] as const)('draws the cards that drawPan would draw, with %s tokens', async (_, domain, method, count) => {
    const bench = await openBench();
    const chunk = await bench.hsm.issueCards(requestOf(bench, { domain, method, count }));
    expect(chunk.cards).toHaveLength(count);
    let n = 40;
    for (const card of chunk.cards) {
      const indexKeys = ['index.1', 'index.2'];
      const one = await bench.hsm.drawPan({ domain, key: 'sequence.visa', range: RANGE, n, indexKeys });
      expect(card).toEqual(one.card);
      n = one.next;
    }
    expect(chunk.next).toBe(n);
    // A chunk goes on where the one before ended.
    const after = await bench.hsm.issueCards(
      requestOf(bench, { domain, method, count: 1, first: chunk.next }),
    );
    expect(chunk.cards.map(({ token }) => token)).not.toContain(after.cards[0]?.token);
  });

  it.each(Object.entries(METHODS))('%s: binds PINs that verify one by one', async (_, method) => {
    const bench = await openBench();
    const chunk = await bench.hsm.issueCards(requestOf(bench, { method }));
    const rows = rowsOf(chunk);
    for (const [i, card] of chunk.cards.entries()) {
      const pin = chunk.pins[i] as NonNullable<(typeof chunk.pins)[number]>;
      const block = { format: 'ISO-0', block: rows[i]?.['pinBlock'] } as EncryptedPinBlock;
      const request = { card: { token: card.token, domain: TOKENS }, method, pin, pek: 'emb.pek', block };
      expect(await (await bench.hsm.prepareVerifyPin(request))()).toBe(true);
      // Not on the next card.
      const next = chunk.cards[(i + 1) % chunk.cards.length];
      expect(
        await refusalOf(() =>
          bench.hsm.prepareVerifyPin({ ...request, card: { token: next?.token as never, domain: TOKENS } }),
        ),
      ).toBe('ERR_STORE_CORRUPT');
    }
    const pins = chunk.pins.map((pin) => pin?.tag);
    expect(new Set(pins).size).toBe(pins.length);
  });

  it('binds one PIN as drawPin does, from the same randomness', async () => {
    for (const method of [METHODS.pvv, METHODS.offset]) {
      const [one, two] = [await openBench({ seed: 'same' }), await openBench({ seed: 'same' })];
      const chunk = await one.hsm.issueCards(requestOf(one, { method, count: 1, embosser: undefined }));
      const card = { token: chunk.cards[0]?.token as never, domain: TOKENS };
      expect(chunk.pins).toEqual([await two.hsm.drawPin({ card, method })]);
    }
  });

  it('writes rows that agree with cardCodes, in every format of PIN block', async () => {
    const bench = await openBench();
    for (const [pek, pinBlockFormat] of [
      ['emb.pek', 'ISO-0'],
      ['emb.pek', 'ISO-3'],
      ['aes.pek', 'ISO-4'],
    ] as const)
      for (const expiryOrder of ['YYMM', 'MMYY'] as const) {
        const embosser = embosserOf(bench, { pek, pinBlockFormat });
        const chunk = await bench.hsm.issueCards(requestOf(bench, { embosser, expiryOrder }));
        const rows = rowsOf(chunk);
        expect(rows).toHaveLength(7);
        for (const [i, row] of rows.entries()) {
          const card = { token: chunk.cards[i]?.token as never, domain: TOKENS };
          expect(row['pan']).toBe(await bench.hsm.revealPan({ card, permit: bench.permit('reveal-pan') }));
          expect([row['expiry'], row['serviceCode']]).toEqual([expiry, serviceCode]);
          const codes = await bench.hsm.cardCodes({
            ...faceOf(card),
            expiryOrder,
            under: 'atm.codes',
          });
          if (codes.kind !== 'cvv') throw new Error('not the codes that were asked for');
          for (const name of ['cvv', 'cvv2', 'icvv'] as const)
            expect(
              openCode(keyOf<Key<'D0'>>('atm.codes'), hexToBytes(codes[name], 'block'), 'random-fill'),
            ).toBe(row[name]);
          const pin = chunk.pins[i] as NonNullable<(typeof chunk.pins)[number]>;
          const block = { format: pinBlockFormat, block: row['pinBlock'] } as EncryptedPinBlock;
          const request = { card, method: METHODS.sealed, pin, pek, block };
          expect(await (await bench.hsm.prepareVerifyPin(request))()).toBe(true);
        }
        expect(await printed(bench, chunk, 0, METHODS.sealed)).toMatch(/^[0-9]{4}$/);
      }
  });

  it('writes CSCs for cards of 15 digits, and refuses others', async () => {
    const bench = await openBench();
    const range = definePanRange({ iin: '370000', length: 15 });
    const amex = requestOf(bench, { kind: 'csc', cvk: 'csck', sequence: { key: 'sequence.amex', range } });
    const rows = rowsOf(await bench.hsm.issueCards(amex));
    for (const row of rows) {
      expect(Object.keys(row)).toEqual(['pan', 'expiry', 'serviceCode', 'csc5', 'csc4', 'pinBlock']);
      expect([row['csc5']?.length, row['csc4']?.length, row['pan']?.length]).toEqual([5, 4, 15]);
    }
    bench.random.drawn = 0;
    expect(await refusalOf(() => bench.hsm.issueCards(requestOf(bench, { kind: 'csc', cvk: 'csck' })))).toBe(
      'ERR_PAN',
    );
    expect(bench.random.drawn).toBe(0);
  });

  it('leaves out PINs and rows where there are none to be', async () => {
    const bench = await openBench();
    const bare = await bench.hsm.issueCards(
      requestOf(bench, { method: undefined, embosser: undefined, count: 2 }),
    );
    expect([bare.pins, bare.emboss]).toEqual([[undefined, undefined], []]);
    const rows = rowsOf(await bench.hsm.issueCards(requestOf(bench, { method: undefined, count: 2 })));
    expect(rows.map((row) => row['pinBlock'])).toEqual(['', '']);
  });

  it('takes 1 to 1000 cards, in as many envelopes as they need, with ciphers of the platform or not', async () => {
    const bench = await openBench();
    const embosser = embosserOf(bench, { pek: 'aes.pek', pinBlockFormat: 'ISO-4' });
    const chunk = await bench.hsm.issueCards(requestOf(bench, { count: 1000, embosser }));
    expect(chunk.emboss).toHaveLength(2);
    const rows = rowsOf(chunk);
    expect(new Set(rows.map((row) => row['pan'])).size).toBe(1000);
    expect(new Set(rows.map((row) => row['pinBlock'])).size).toBe(1000);
    const other = await openBench({ backend: nodeCiphers });
    const same = await other.hsm.issueCards(requestOf(other, { count: 1000 }));
    expect(same.cards).toEqual(chunk.cards);
    for (const count of [0, 1001, 1.5, -1])
      expect(await refusalOf(() => bench.hsm.issueCards(requestOf(bench, { count })))).toBe('ERR_INPUT');
  });

  it('is refused what is embossed without a capability, and asks for none without it', async () => {
    const bench = await openBench();
    const { hsm, permit } = bench;
    for (const wrong of [undefined, { ...permit('emboss') }, permit('issuance')]) {
      const embosser = embosserOf(bench, { permit: wrong as Embosser['permit'] });
      bench.random.drawn = 0;
      expect(await refusalOf(() => hsm.issueCards(requestOf(bench, { embosser })))).toBe('ERR_POLICY');
      expect(bench.random.drawn).toBe(0);
    }
    expect(await refusalOf(() => hsm.issueCards(requestOf(bench, { embosser: undefined })))).toBe('none');
  });

  it('ends with its range', async () => {
    const bench = await openBench();
    const range = definePanRange({ iin: '40000099', length: 15 });
    const last = requestOf(bench, {
      sequence: { key: 'sequence.small', range },
      first: range.capacity - 2,
      count: 2,
    });
    const chunk = await bench.hsm.issueCards(last);
    expect(chunk.next).toBe(range.capacity);
    const past = { ...last, count: 3 };
    bench.random.drawn = 0;
    expect(await refusalOf(() => bench.hsm.issueCards(past))).toBe('ERR_PAN_SPACE');
    expect(bench.random.drawn).toBe(0);
  });
});
