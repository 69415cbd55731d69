/**
 * The keys around a PIN: a captured block sent again, a PIN searched with the key of its PVV, a transport key in
 * other places, a verification key that is short enough to search.
 *
 * PCI PIN Security 3.1, requirements 18 and 19 (a key has one purpose); ANSI X9.143:2021, 6.3; SP 800-67 Rev. 2, 3.
 */
import { describe, expect, it } from 'vitest';
import * as cw from '../../src/index.ts';
import {
  createCapabilityAuthority,
  createMemoryRecords,
  createTryCounter,
  encryptPinBlock,
  generatePvv,
  type Key,
  type KeyUsage,
  prepareVerifyPinBlock,
  randomKey,
  type TryCounter,
  verifyPin,
  verifyPinBlock,
} from '../../src/index.ts';
import { combineComponents, exportClearKey, importClearKey, splitKey } from '../../src/keys/clear-face.ts';
import { cardWithPin, recordOf, tryPin } from '../issuer/scenarios/hand.ts';
import { at, codeOf, seededBytes } from '../support/arbitraries.ts';
import { blockOf, cardOf, METHODS, openBench, panOf, refusalOf } from '../support/hsm.ts';
import { openWorld } from '../support/world.ts';

const PIN = '0271';
const pan = panOf(1);
const pin = cw.parsePin(PIN);
const pvki = cw.parsePvki('1');
const four = (n: number): string => String(n).padStart(4, '0');

const pek = randomKey({ usage: 'P0', algorithm: 'T', mode: 'B', exportability: 'N' }, 16);
const pekAes = randomKey({ usage: 'P0', algorithm: 'A', mode: 'B', exportability: 'N' }, 16);
const pvk = randomKey({ usage: 'V2', algorithm: 'T', mode: 'C', exportability: 'N' }, 16);
const reference = generatePvv(pvk, pin, pan, pvki);
const FORMATS = ['ISO-0', 'ISO-3', 'ISO-4'] as const;
type Format = (typeof FORMATS)[number];
const under = (format: Format): Key<'P0'> => (format === 'ISO-4' ? pekAes : pek);
const blockIn = (format: Format) => encryptPinBlock(under(format), pin, pan, format);

describe('PIN-13 a captured block sent again', () => {
  it.each(FORMATS)('%s: is right each time, and no try counter stops it', async (format) => {
    const captured = blockIn(format);
    const records = createMemoryRecords<TryCounter>();
    records.put('card', createTryCounter(3));
    for (let time = 0; time < 10; time++) {
      const compare = prepareVerifyPinBlock({ pek: under(format), pvk }, captured, pan, reference);
      expect(await verifyPin(records, 'card', compare)).toEqual({ outcome: 'verified' });
    }
  });

  it('is told from a PIN that was typed again in formats 3 and 4, and not in format 0', () => {
    const different = FORMATS.map((format) => new Set([1, 2].map(() => blockIn(format).block)).size);
    expect(different).toEqual([1, 2, 2]);
  });

  it.each(FORMATS)('%s: is wrong under a fresh transport key', (format) => {
    const captured = blockIn(format);
    const fresh = randomKey(under(format).attributes, 16);
    expect(verifyPinBlock({ pek: fresh, pvk }, captured, pan, reference)).toBe(false);
  });
});

describe('PIN-14 a PIN searched from its PVV', () => {
  it('takes 10 000 trials at most for whoever has the key', () => {
    const found = Array.from({ length: 10_000 }, (_, n) => four(n)).filter(
      (guess) => generatePvv(pvk, cw.parsePin(guess), pan, pvki).pvv === reference.pvv,
    );
    expect(found.includes(PIN)).toBe(true);
    expect(found.length).toBeLessThan(12);
  });

  it('so the key does not leave, whole or in parts, unless it may and somebody may have it', () => {
    const authority = createCapabilityAuthority({ now: () => cw.parseUnixSeconds(0) });
    const exportable = randomKey({ ...pvk.attributes, exportability: 'E' }, 16);
    const doors = [exportClearKey, (key: Key, permit: cw.Capability) => splitKey(key, 2, permit)];
    for (const door of doors) {
      const given = (key: Key, scope?: cw.CapabilityScope) =>
        codeOf(() => door(key, (scope && authority.grant(scope, 60)) as cw.Capability));
      expect(given(pvk, 'export-clear-key')).toBe('ERR_KEY_EXPORT');
      expect(given(exportable)).toBe('ERR_POLICY');
      expect(given(exportable, 'reveal-pin')).toBe('ERR_POLICY');
      expect(given(exportable, 'export-clear-key')).toBe('none');
    }
  });

  it('and the PVV stands in the record of the card, and in nothing that is told of it', async () => {
    const world = await openWorld();
    const token = await cardWithPin(world);
    await tryPin(world, token, PIN);
    const { pin: kept } = await recordOf(world, token);
    if (kept?.kind !== 'pvv') throw new Error('a card without a PVV');
    const told = JSON.stringify([await world.issuer.cardStatus({ token }), world.events, world.hsmEvents]);
    expect(told.includes(kept.tag)).toBe(false);
    expect(/"(?:pvv|pvki|offset|sealed|tag)"/.test(told)).toBe(false);
  });
});

describe('PIN-16 a verification value of a block that is not bound to the card', () => {
  it('is not made by the HSM, however a new PIN comes', async () => {
    const bench = await openBench();
    const method = METHODS.pvv;
    const [card, other] = [cardOf(pan), panOf(2)];
    const permit = bench.permit('set-pin');
    const set = (block: cw.EncryptedPinBlock) =>
      refusalOf(() => bench.hsm.setPin({ card, method, pek: 'atm.pek', block, permit }));
    expect(await set(blockOf(pan, PIN, 'ISO-1'))).toBe('ERR_PIN_BLOCK_FORMAT');
    expect(await set({ ...blockOf(pan, PIN), format: 'ISO-2' })).toBe('ERR_PIN_BLOCK_FORMAT');
    expect(await set(blockOf(other, PIN))).toBe('ERR_PIN_REFUSED');
    expect(await set({ ...blockOf(pan, PIN, 'ISO-1'), format: 'ISO-0' })).toBe('ERR_PIN_REFUSED');
    expect(await set(blockOf(pan, PIN))).toBe('none');
  });
});

// biome-ignore lint/suspicious/noExplicitAny: the attack is a cast.
type Any = any;

describe('PIN-20 a transport key in other places', () => {
  const eight = new Uint8Array(8);
  const blocks = encryptPinBlock(pek, pin, pan, 'ISO-0');

  it('neither makes nor verifies PVVs and offsets, and stores nothing', () => {
    const places: readonly ((key: Any) => unknown)[] = [
      (key) => generatePvv(key, pin, pan, pvki),
      (key) => cw.verifyPvv(key, pin, pan, reference),
      (key) => cw.verifyPinBlock({ pek, pvk: key }, blocks, pan, reference),
      (key) => cw.sealPin(key, pin),
      (key) => cw.openPin(key, eight),
      (key) => cw.sealCode(key, '123', 'random-fill'),
      (key) => cw.openCode(key, eight, 'random-fill'),
      (key) => cw.encryptLegacyField(key, 'x', 'pan'),
      (key) => cw.encryptLegacyBlocks(key, eight),
      (key) => cw.decryptLegacyBlocks(key, eight),
      (key) => cw.decryptLegacyCbc(key, eight, eight),
      (key) => cw.wrapKeyBlock(key, pvk, 'B'),
      (key) => cw.sealEnvelope(key, eight, eight, { algorithm: 'AES-256-GCM' }),
      (key) => cw.generateCvv2(key, { pan, expiry: cw.parseExpiry('2912') }),
    ];
    for (const place of places) expect(codeOf(() => place(pek))).toBe('ERR_KEY_USAGE');
  });

  it.each(['V1', 'V2', 'D0', 'K1', 'C0'] as const)('and no key of usage %s sends PINs', (usage: KeyUsage) => {
    const key: Any = randomKey({ usage, algorithm: 'T', mode: 'N', exportability: 'N' }, 16);
    const sent: readonly (() => unknown)[] = [
      () => encryptPinBlock(key, pin, pan, 'ISO-0'),
      () => cw.decryptPinBlock(key, blocks, pan),
      () => cw.translatePinBlock({ from: key, to: pek }, blocks, { pan }, 'ISO-3'),
      () => cw.translatePinBlock({ from: pek, to: key }, blocks, { pan }, 'ISO-3'),
      () => verifyPinBlock({ pek: key, pvk }, blocks, pan, reference),
    ];
    for (const send of sent) expect(codeOf(send)).toBe('ERR_KEY_USAGE');
  });

  it('in the HSM: by the label of either', async () => {
    const bench = await openBench();
    const permit = bench.permit('set-pin');
    const request = { card: cardOf(pan), method: METHODS.sealed, pek: 'atm.pek', block: blockOf(pan, PIN) };
    const set = (change: object) => refusalOf(() => bench.hsm.setPin({ ...request, permit, ...change }));
    for (const name of ['pvk', 'tagKey', 'sealKey'])
      for (const label of ['atm.pek', 'aes.pek'])
        expect(await set({ method: { ...METHODS.sealed, [name]: label } })).toBe('ERR_KEY_USAGE');
    for (const label of ['pvk', 'pvk.ibm', 'pins', 'seal', 'atm.codes', 'atm.kek'])
      expect(await set({ pek: label })).toBe('ERR_KEY_USAGE');
    expect(await set({})).toBe('none');
  });
});

describe('PIN-21 a verification key that is short enough to search', () => {
  const half = seededBytes(21, 8);
  const twice = Uint8Array.of(...half, ...half);
  const three = Uint8Array.of(...seededBytes(22, 16), ...seededBytes(22, 8));
  const usages = ['V1', 'V2'] as const;
  const attributes = <const U extends KeyUsage>(usage: U) =>
    ({ usage, algorithm: 'T', mode: 'C', exportability: 'E' }) as const;

  it.each(usages)('%s: of one length, or of one length twice, does not come to be', (usage) => {
    const imported = (bytes: Uint8Array) =>
      codeOf(() => importClearKey(attributes(usage), bytes, { parity: 'adjust' }));
    expect(imported(half)).toBe('ERR_KEY_LENGTH');
    expect(imported(twice)).toBe('ERR_KEY_WEAK');
    expect(imported(three)).toBe('ERR_KEY_WEAK');
    expect(codeOf(() => randomKey(attributes(usage), 8 as 16))).toBe('ERR_KEY_LENGTH');
  });

  it.each(usages)('%s: nor of components whose halves come out equal', (usage) => {
    const first = seededBytes(23, 16);
    const components = [first, first.map((byte, i) => byte ^ at(twice, i))].map((bytes) => ({
      bytes,
      kcv: importClearKey(attributes(usage), bytes, { parity: 'adjust' }).kcv,
    }));
    expect(codeOf(() => combineComponents(attributes(usage), components, { parity: 'adjust' }))).toBe(
      'ERR_KEY_WEAK',
    );
  });

  it('of a PVV has two parts, of an offset two or three', () => {
    const lengths = (usage: KeyUsage) =>
      [...cw.POLICY.verifyPvv, ...cw.POLICY.verifyPinOffset].find((row) => row.usage === usage)?.keyBytes;
    expect([lengths('V2'), lengths('V1')]).toEqual([[16], [16, 24]]);
    const wide = randomKey(attributes('V2'), 24);
    expect(codeOf(() => generatePvv(wide, pin, pan, pvki))).toBe('ERR_KEY_LENGTH');
  });

  it('five known PINs single a key out: 128 keys, which differ in one byte, give 128 answers', () => {
    const known = ['7391', '2846', '9017', '5530', '6172'].map((text) => cw.parsePin(text));
    const answers = Array.from({ length: 128 }, (_, n) => {
      const bytes = Uint8Array.of(...half, ...seededBytes(24, 7), 2 * n);
      const key = importClearKey(attributes('V2'), bytes, { parity: 'adjust' });
      return known.map((one) => generatePvv(key, one, pan, pvki).pvv).join();
    });
    expect(new Set(answers).size).toBe(128);
  });
});
