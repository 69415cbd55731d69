/**
 * The pool of threads, as the package has it: what two threads make is what one makes, a refusal is the same, and
 * a pool that is closed says so. Runs on `dist`: build first.
 */
import { afterAll, describe, expect, it } from 'vitest';
import type * as Root from '../../src/index.ts';
import type * as Clear from '../../src/keys/clear-face.ts';
import type * as Node from '../../src/node/index.ts';

const load = <T>(path: string): Promise<T> =>
  import(/* @vite-ignore */ new URL(`../../dist/${path}`, import.meta.url).href);
const cardwright = await load<typeof Root>('index.js');
const { importClearKeyHex } = await load<typeof Clear>('keys/clear.js');
const { createWorkerPool, nodeCiphers, sharedBytes, sharedNumbers } = await load<typeof Node>('node.js');
const { PaymentCryptoError } = cardwright;

const KEY = '0123456789ABCDEFFEDCBA9876543210';
const tdes = { algorithm: 'T', mode: 'N', exportability: 'N' } as const;
const keys = {
  cvk: importClearKeyHex({ usage: 'C0', ...tdes }, KEY),
  pvk: importClearKeyHex({ usage: 'V2', ...tdes }, KEY),
  pek: importClearKeyHex({ usage: 'P0', ...tdes }, KEY),
  pan: importClearKeyHex({ usage: 'D0', algorithm: 'A', mode: 'N', exportability: 'N' }, KEY),
};
const expiry = cardwright.parseExpiry('2812');
const serviceCode = cardwright.parseServiceCode('201');

/** More than two chunks of 16,384 rows, and not a multiple. */
const ROWS = 40_001;
const texts = Array.from(
  { length: ROWS },
  (_, i) => `4${String((i * 244_877_113) % 1e15).padStart(15, '0')}`,
);
const pan = cardwright.digitColumn(texts);
const pool = createWorkerPool({ threads: 2 });
afterAll(() => pool.close());

async function refusalOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'none';
  } catch (error) {
    return error instanceof PaymentCryptoError
      ? `${error.code} ${error.field}`
      : `not ours: ${String(error)}`;
  }
}

describe('CVVs over two threads', () => {
  const expected = new Uint16Array(ROWS);
  cardwright.generateCvvColumns(keys.cvk, { pan, expiry, serviceCode }, expected);

  it('are those of one, from shared memory and from memory of its own', async () => {
    const data = sharedBytes(pan.data.length);
    data.set(pan.data);
    const shared = sharedNumbers(ROWS);
    await pool.generateCvvColumns(keys.cvk, { pan: { ...pan, data }, expiry, serviceCode }, shared);
    expect(Buffer.compare(Buffer.from(shared.slice().buffer), Buffer.from(expected.buffer))).toBe(0);
    const own = new Uint16Array(ROWS);
    const expiries = cardwright.digitColumn(Array.from({ length: ROWS }, () => expiry));
    await pool.generateCvvColumns(keys.cvk, { pan, expiry: expiries, serviceCode }, own, { digits: 3 });
    expect(Buffer.compare(Buffer.from(own.buffer), Buffer.from(expected.buffer))).toBe(0);
  });

  it('are done one call beside the other', async () => {
    const outs = [1, 2, 3, 4].map((digits) => ({
      digits: digits as 1 | 2 | 3 | 4,
      out: new Uint16Array(ROWS),
    }));
    await Promise.all(
      outs.map(({ digits, out }) =>
        pool.generateCvvColumns(keys.cvk, { pan, expiry, serviceCode }, out, { digits }),
      ),
    );
    for (const { digits, out } of outs) {
      const alone = new Uint16Array(ROWS);
      cardwright.generateCvvColumns(keys.cvk, { pan, expiry, serviceCode }, alone, { digits });
      expect(Buffer.compare(Buffer.from(out.buffer), Buffer.from(alone.buffer))).toBe(0);
    }
  });

  it.each([0, 16_383, 16_384, ROWS - 1])('are refused for a wrong row %i, which is named', async (row) => {
    const data = Uint8Array.from(pan.data);
    data[16 * row + 5] = 0x41;
    const out = new Uint16Array(ROWS).fill(7);
    const call = pool.generateCvvColumns(keys.cvk, { pan: { ...pan, data }, expiry, serviceCode }, out);
    expect(await refusalOf(call)).toBe(`ERR_PAN cards.pan[${row}]`);
    expect(out.every((value) => value === 0)).toBe(true);
  });

  it('refuse what one thread refuses', async () => {
    const out = new Uint16Array(ROWS);
    const cards = { pan, expiry, serviceCode };
    expect(await refusalOf(pool.generateCvvColumns(keys.pvk as never, cards, out))).toBe('ERR_KEY_USAGE key');
    expect(await refusalOf(pool.generateCvvColumns(keys.cvk, cards, new Uint16Array(1)))).toBe(
      'ERR_INPUT out',
    );
    expect(await refusalOf(pool.generateCvvColumns(keys.cvk, null as never, out))).toBe('ERR_INPUT cards');
    const wrong = { ...cards, serviceCode: '000' as typeof serviceCode };
    expect(await refusalOf(pool.generateCvvColumns(keys.cvk, wrong, out))).toBe(
      'ERR_SERVICE_CODE cards.serviceCode',
    );
    const tooMany = cardwright.digitColumn(Array.from({ length: ROWS + 1 }, () => expiry));
    expect(await refusalOf(pool.generateCvvColumns(keys.cvk, { ...cards, expiry: tooMany }, out))).toBe(
      'ERR_INPUT cards.expiry.data',
    );
    const destroyed = importClearKeyHex({ usage: 'C0', ...tdes }, KEY);
    destroyed.destroy();
    expect(await refusalOf(pool.generateCvvColumns(destroyed, cards, out))).toBe('ERR_KEY_DESTROYED key');
  });

  it('refuse options that cannot be sent, and what is wrong with no cards too', async () => {
    const none = { data: new Uint8Array(0), digits: 16, encoding: 'ascii' } as const;
    const empty = new Uint16Array(0);
    const cards = { pan: none, expiry, serviceCode };
    for (const options of [{ digits: () => 3 }, { digit: 3 }, { digits: 5 }])
      expect(await refusalOf(pool.generateCvvColumns(keys.cvk, cards, empty, options as never))).toMatch(
        /^ERR_INPUT (?:digits|options)$/,
      );
    const wrong = { ...cards, expiry: '9999' as typeof expiry };
    expect(await refusalOf(pool.generateCvvColumns(keys.cvk, wrong, empty))).toBe('ERR_EXPIRY cards.expiry');
  });

  it('of no cards are none', async () => {
    const none = { data: new Uint8Array(0), digits: 16, encoding: 'ascii' } as const;
    await pool.generateCvvColumns(keys.cvk, { pan: none, expiry, serviceCode }, new Uint16Array(0));
  });
});

describe('whole cards over two threads', () => {
  const batch = {
    keys,
    range: cardwright.definePanRange({ iin: '40000012', length: 16 }),
    expiry,
    serviceCode,
    pvki: cardwright.parsePvki(1),
    pinPolicy: cardwright.definePinPolicy(),
    pinBlockFormat: 'ISO-0',
  } as const;

  it('have the PANs and codes of one thread, and PVVs and PIN blocks of their own PINs', async () => {
    const alone = cardwright.issueColumns(batch, 5, ROWS, { backend: nodeCiphers });
    const cards = await pool.issueColumns(batch, 5, ROWS);
    expect([cards.count, cards.next]).toEqual([ROWS, 5 + ROWS]);
    for (const name of ['cvv', 'cvv2', 'icvv'] as const)
      expect(Buffer.compare(Buffer.from(cards[name]), Buffer.from(alone[name]))).toBe(0);
    expect(Buffer.compare(Buffer.from(cards.pan.data), Buffer.from(alone.pan.data))).toBe(0);
    const bits = new Uint8Array((ROWS + 7) >> 3);
    const pvvs = { pvki: batch.pvki, values: cards.pvv };
    cardwright.verifyPvvColumn(keys.pvk, cards.pins, cards.pan, pvvs, bits);
    expect(bits.subarray(0, ROWS >> 3).every((byte) => byte === 255)).toBe(true);
    const blocks = new Uint8Array(8 * ROWS);
    cardwright.encryptPinBlockColumn(keys.pek, cards.pins, cards.pan, 'ISO-0', blocks);
    expect(Buffer.compare(Buffer.from(cards.pinBlock), Buffer.from(blocks))).toBe(0);
    expect(String(cards.pins)).toBe(`ClearPins(${ROWS} of 4)`);
  });

  it('pass over what is excluded', async () => {
    const exclude = [{ from: '0000000', to: '0499999' }];
    const range = cardwright.definePanRange({ iin: '40000012', length: 16, exclude });
    const alone = cardwright.issueColumns({ ...batch, range }, 0, ROWS);
    const cards = await pool.issueColumns({ ...batch, range }, 0, ROWS);
    expect(cards.next).toBe(alone.next);
    expect(cards.next).toBeGreaterThan(ROWS);
    expect(Buffer.compare(Buffer.from(cards.pan.data), Buffer.from(alone.pan.data))).toBe(0);
  });

  it('end where the range ends', async () => {
    expect(await refusalOf(pool.issueColumns(batch, 10_000_000 - 10, 11))).toBe('ERR_PAN_SPACE first');
    expect((await pool.issueColumns(batch, 10_000_000 - 10, 10)).next).toBe(10_000_000);
    expect(await refusalOf(pool.issueColumns(batch, -1, 10))).toBe('ERR_INPUT first');
    expect(await refusalOf(pool.issueColumns(batch, 0, 0))).toBe('ERR_INPUT count');
  });
});

describe('a pool', () => {
  it('has as many threads as asked for, and refuses what it cannot have', async () => {
    expect(pool.threads).toBe(2);
    for (const threads of [0, 65, 1.5, '2'])
      expect(() => createWorkerPool({ threads: threads as number })).toThrow(PaymentCryptoError);
    expect(() => createWorkerPool({ thread: 2 } as never)).toThrow(PaymentCryptoError);
  });

  it('that is closed refuses calls, those under way too', async () => {
    const other = createWorkerPool({ threads: 1 });
    const underWay = refusalOf(
      other.generateCvvColumns(keys.cvk, { pan, expiry, serviceCode }, new Uint16Array(ROWS)),
    );
    await other.close();
    expect(await underWay).toBe('ERR_INPUT pool');
    expect(
      await refusalOf(
        other.generateCvvColumns(keys.cvk, { pan, expiry, serviceCode }, new Uint16Array(ROWS)),
      ),
    ).toBe('ERR_INPUT pool');
  });
});
