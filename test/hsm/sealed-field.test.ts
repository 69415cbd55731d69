/** Sealed fields, tags, indexes, code blocks and envelopes: opened and recomputed by other hands. */
import { createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SealedField } from '../../src/brand.ts';
import { hexToBytes } from '../../src/bytes/hex.ts';
import { generateCsc } from '../../src/cvv/csc.ts';
import { generateCvv, generateCvv2, generateIcvv } from '../../src/cvv/cvv.ts';
import { openCode } from '../../src/envelope/code-block.ts';
import { openEnvelope } from '../../src/envelope/envelope.ts';
import { fieldSealer, openField } from '../../src/hsm/sealed-field.ts';
import type { Key } from '../../src/keys/key.ts';
import { revealPin } from '../../src/pin/clear-pin.ts';
import { openPin } from '../../src/pin/pin-code-block.ts';
import { codeOf } from '../support/arbitraries.ts';
import {
  AMEX_PAN,
  blockOf,
  CountedRandom,
  cardOf,
  faceOf,
  METHODS,
  openBench,
  panOf,
  RANGE,
} from '../support/hsm.ts';
import { KEYS, keyOf, namedKey, TOKENS } from '../support/world.ts';

/** The clear bytes of a key of the tests, as its custodians know them. */
async function bytesOf(label: string): Promise<Buffer> {
  const { exportClearKey } = await import('../../src/keys/clear.ts');
  const { createCapabilityAuthority } = await import('../../src/keys/capability.ts');
  const [attributes, size] = KEYS[label] as (typeof KEYS)[string];
  const authority = createCapabilityAuthority({ now: () => 0 as never });
  const key = namedKey(label, { ...attributes, exportability: 'E' }, size);
  return Buffer.from(exportClearKey(key, authority.grant('export-clear-key', 60)));
}

/** LP: length and bytes of each part, by hand. */
function lp(...parts: readonly (string | number | Uint8Array)[]): Buffer {
  const pieces = parts.map((part) =>
    part instanceof Uint8Array ? Buffer.from(part) : Buffer.from(String(part)),
  );
  return Buffer.concat(
    pieces.flatMap((piece) => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(piece.length);
      return [length, piece];
    }),
  );
}

const hmac = async (label: string, message: Buffer): Promise<string> =>
  createHmac('sha256', await bytesOf(label))
    .update(message)
    .digest('hex')
    .toUpperCase();

const key = keyOf<Key<'D3'>>('seal');

describe('a sealed field', () => {
  const context = lp('context', 1);
  const seal = (plaintext: Uint8Array, of: Uint8Array = context): SealedField =>
    fieldSealer(key, new CountedRandom()).seal(plaintext, of);

  it('opens in its context, and gives what was sealed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4096 }), fc.uint8Array({ maxLength: 100 }), (plaintext, of) => {
        expect(openField(key, seal(plaintext, of), of)).toEqual(Uint8Array.from(plaintext));
      }),
      { numRuns: 100 },
    );
  });

  it('is refused with any bit flipped, cut, in another context or under another key', () => {
    const sealed = Buffer.from(seal(Uint8Array.of(4, 8, 3, 7)), 'base64');
    const refused = (bytes: Buffer, of: Uint8Array = context, under = key) =>
      codeOf(() => openField(under, bytes.toString('base64') as SealedField, of));
    expect(refused(sealed)).toBe('none');
    for (let bit = 0; bit < 8 * sealed.length; bit++) {
      const changed = Buffer.from(sealed);
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      expect([bit, refused(changed)]).toEqual([bit, 'ERR_STORE_CORRUPT']);
    }
    for (let length = 0; length < sealed.length; length++)
      expect(refused(sealed.subarray(0, length))).toBe('ERR_STORE_CORRUPT');
    expect(refused(Buffer.concat([sealed, Buffer.of(0)]))).toBe('ERR_STORE_CORRUPT');
    expect(refused(sealed, lp('context', 2))).toBe('ERR_STORE_CORRUPT');
    expect(refused(sealed, new Uint8Array(0))).toBe('ERR_STORE_CORRUPT');
    const stranger = namedKey('stranger', { usage: 'D3', algorithm: 'A', mode: 'B', exportability: 'N' }, 32);
    expect(refused(sealed, context, stranger as Key<'D3'>)).toBe('ERR_STORE_CORRUPT');
    for (const text of ['', 'QUJD', '*', 5, null, 'A'.repeat(6000)])
      expect(codeOf(() => openField(key, text as SealedField, context))).toBe('ERR_STORE_CORRUPT');
  });

  it('is AES-256-GCM under HKDF of the key and the salt, by node:crypto', async () => {
    const sealed = Buffer.from(seal(Buffer.from('plaintext')), 'base64');
    const salt = sealed.subarray(1, 17);
    const dataKey = Buffer.from(
      hkdfSync('sha256', await bytesOf('seal'), Buffer.alloc(0), lp('field/1', salt), 32),
    );
    const gcm = createDecipheriv('aes-256-gcm', dataKey, sealed.subarray(17, 29));
    gcm.setAAD(context);
    gcm.setAuthTag(sealed.subarray(-16));
    expect(Buffer.concat([gcm.update(sealed.subarray(29, -16)), gcm.final()]).toString()).toBe('plaintext');
    expect(sealed[0]).toBe(1);
  });

  it('has a nonce of its own, and a salt of its sealer', () => {
    const sealer = fieldSealer(key, new CountedRandom());
    const [a, b] = [1, 2].map(() => Buffer.from(sealer.seal(Uint8Array.of(1), context), 'base64')) as [
      Buffer,
      Buffer,
    ];
    expect(a.subarray(0, 17)).toEqual(b.subarray(0, 17));
    expect(a.subarray(17, 29)).not.toEqual(b.subarray(17, 29));
    sealer.close();
    // What is sealed after the end is under no key of ours.
    expect(codeOf(() => openField(key, sealer.seal(Uint8Array.of(1), context), context))).toBe(
      'ERR_STORE_CORRUPT',
    );
  });
});

describe('by node:crypto', () => {
  const pan = panOf(173928450);
  const card = cardOf(pan);

  it('a PAN index is HMAC-SHA-256 over the PAN', async () => {
    const { hsm } = await openBench();
    const expected = [
      await hmac('index.1', lp('pan-index/1', pan)),
      await hmac('index.2', lp('pan-index/1', pan)),
    ];
    for (const [i, label] of ['index.1', 'index.2'].entries())
      expect(await hsm.indexCards({ cards: [card], key: label })).toEqual([expected[i]]);
    const request = {
      domain: TOKENS,
      key: 'sequence.visa',
      range: RANGE,
      n: 7,
      indexKeys: ['index.2', 'index.1'],
    };
    const { card: drawn, next } = await hsm.drawPan(request);
    const of = { token: drawn.token, domain: TOKENS };
    expect(drawn.index).toEqual([
      ...(await hsm.indexCards({ cards: [of], key: 'index.2' })),
      ...(await hsm.indexCards({ cards: [of], key: 'index.1' })),
    ]);
    expect([drawn.iin, next]).toEqual(['400000', 8]);
    expect(drawn.token.endsWith(drawn.lastFour)).toBe(true);
  });

  it('the code of a bound PIN is HMAC-SHA-256 over all that it binds', async () => {
    const { hsm } = await openBench();
    for (const method of Object.values(METHODS)) {
      const pin = await hsm.drawPin({ card, method });
      const [how, value] = pin.kind === 'pvv' ? [pin.pvki, pin.pvv] : [pin.method, pin.offset];
      const message = lp(
        'bound-pin/1',
        pan,
        pin.kind,
        keyOf(method.pvk).kcv,
        how,
        4,
        value,
        pin.sealed ?? '',
      );
      expect(pin.tag).toBe(await hmac('pins', message));
      expect(pin.sealed !== undefined).toBe(method.sealKey !== undefined);
      if (pin.sealed === undefined) continue;
      expect(openField(key, pin.sealed, lp('sealed-pin/1', pan, 4))).toHaveLength(4);
    }
  });

  it('the code of a record is HMAC-SHA-256 over its text', async () => {
    const { hsm } = await openBench();
    const records = ['', 'one', '{"two":2}'];
    const tags = await hsm.tagRecords({ key: 'records', records });
    for (const [i, record] of records.entries())
      expect(tags[i]).toBe(await hmac('records', lp('record/1', record)));
    const verify = (texts: readonly string[], given: readonly unknown[]) =>
      hsm.verifyRecords({ key: 'records', records: texts, tags: given as string[] });
    expect(await verify(records, tags)).toBe(true);
    expect(await verify([], [])).toBe(true);
    expect(await verify(records, [tags[1], tags[0], tags[2]])).toBe(false);
    expect(await verify(['', 'One', '{"two":2}'], tags)).toBe(false);
    expect(await verify(records, tags.slice(1))).toBe(false);
    expect(await verify(records, [...tags, tags[0]])).toBe(false);
    expect(await verify(records, [tags[0], tags[1], undefined])).toBe(false);
    expect(await verify(records, [5, tags[1], tags[2]])).toBe(false);
    expect(await verify(records, [tags[0], (tags[1] as string).toLowerCase(), tags[2]])).toBe(false);
  });
});

describe('by the functions of layer 4', () => {
  const pan = panOf(173928450);
  const codes = keyOf<Key<'D0'>>('atm.codes');
  const opened = (block: string): string => openCode(codes, hexToBytes(block, 'block'), 'random-fill');

  it('code blocks hold the codes of the card', async () => {
    const { hsm, permit } = await openBench();
    const face = faceOf(cardOf(pan));
    const cvk = keyOf<Key<'C0'>>('cvk');
    const { expiry, serviceCode } = face;
    for (const expiryOrder of ['YYMM', 'MMYY'] as const) {
      const found = await hsm.cardCodes({ ...face, expiryOrder, under: 'atm.codes' });
      if (found.kind !== 'cvv') throw new Error('not the codes that were asked for');
      expect(opened(found.cvv)).toBe(generateCvv(cvk, { pan, expiry, serviceCode }));
      expect(opened(found.cvv2)).toBe(generateCvv2(cvk, { pan, expiry }, { expiryOrder }));
      expect(opened(found.icvv)).toBe(generateIcvv(cvk, { pan, expiry }));
      const cvv2 = await hsm.revealCvv2({ ...face, expiryOrder, permit: permit('reveal-cvv2') });
      expect(cvv2).toBe(opened(found.cvv2));
      for (const [candidate, right] of [
        [cvv2, true],
        [`${cvv2}0`, false],
        ['', false],
      ] as const)
        expect(await (await hsm.prepareVerifyCvv2({ ...face, expiryOrder, candidate }))()).toBe(right);
    }
    const amex = faceOf(cardOf(AMEX_PAN), 'csc');
    const csc = await hsm.cardCodes({ ...amex, under: 'atm.codes' });
    if (csc.kind !== 'csc') throw new Error('not the codes that were asked for');
    const csck = keyOf<Key<'C0'>>('csck');
    expect(opened(csc.csc5)).toBe(generateCsc(csck, { pan: AMEX_PAN, expiry }, { digits: 5 }));
    expect(opened(csc.csc4)).toBe(generateCsc(csck, { pan: AMEX_PAN, expiry }, { digits: 4 }));
    const four = await hsm.revealCvv2({ ...amex, permit: permit('reveal-cvv2') });
    expect(four).toBe(opened(csc.csc4));
    expect(await (await hsm.prepareVerifyCvv2({ ...amex, candidate: four }))()).toBe(true);
    // A card of 16 digits has no CSC.
    await expect(hsm.cardCodes({ ...faceOf(cardOf(pan), 'csc'), under: 'atm.codes' })).rejects.toMatchObject({
      code: 'ERR_PAN',
    });
  });

  it('a PIN that is recovered is the one in the block that set it', async () => {
    const { hsm, permit } = await openBench();
    const card = cardOf(pan);
    for (const method of [METHODS.sealed, METHODS.offset]) {
      const pin = await hsm.setPin({
        card,
        method,
        pek: 'atm.pek',
        block: blockOf(pan, '4837', 'ISO-3'),
        permit: permit('set-pin'),
      });
      const code = await hsm.recoverPin({
        card,
        method,
        pin,
        under: 'atm.codes',
        permit: permit('reveal-pin'),
      });
      const clear = openPin(codes, hexToBytes(code, 'block'));
      expect(revealPin(clear, permit('reveal-pin')) === '4837').toBe(true);
      expect((await hsm.printPin({ card, method, pin, permit: permit('print-pin') })) === '4837').toBe(true);
    }
  });

  it('envelopes open under the key of their receiver, with their context', async () => {
    const { hsm, permit } = await openBench();
    const kek = keyOf<Key<'K1'>>('atm.kek');
    const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));
    const open = (envelope: string, context: string): string =>
      Buffer.from(
        openEnvelope(kek, Uint8Array.from(Buffer.from(envelope, 'base64')), bytes(context)),
      ).toString();
    const context = 'pan/1';
    const of = await hsm.sealPan({
      card: cardOf(pan),
      under: 'atm.kek',
      context,
      permit: permit('reveal-pan'),
    });
    expect(open(of, context)).toBe(pan);
    expect(codeOf(() => open(of, 'pan/2'))).toBe('ERR_ENVELOPE_AUTH');
    const plaintext = bytes('anything');
    const envelope = await hsm.sealEnvelope({ under: 'atm.kek', plaintext, context });
    expect(open(envelope, context)).toBe('anything');
    expect(
      await hsm.openEnvelope({ under: 'atm.kek', envelope, context, permit: permit('open-envelope') }),
    ).toEqual(plaintext);
    await expect(
      hsm.openEnvelope({ under: 'atm.kek', envelope, context: 'x', permit: permit('open-envelope') }),
    ).rejects.toMatchObject({
      code: 'ERR_ENVELOPE_AUTH',
    });
  });
});
