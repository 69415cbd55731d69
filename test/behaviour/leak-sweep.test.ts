/**
 * Leak sweep: marker PINs, PANs and keys through every failing path, and every sink through which a
 * value can reach a log.
 */
import { format, inspect } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { describe, expect, it } from 'vitest';
import * as cw from '../../src/index.ts';
import { PaymentCryptoError } from '../../src/index.ts';
import { exportClearKey, importClearKeyHex } from '../../src/keys/clear-face.ts';
import { badCalls, MARKER, makeFixture, PUBLIC_CALLS } from '../support/public-calls.ts';

const f = makeFixture();

/** Every way in which a value is turned into text or copied. */
const SINKS: Readonly<Record<string, (value: unknown) => string>> = {
  message: (value) => String((value as { message?: unknown }).message ?? ''),
  stack: (value) => String((value as { stack?: unknown }).stack ?? ''),
  String: (value) => String(value),
  template: (value) => `${value as string}`,
  'Array.join': (value) => [value].join(),
  'JSON.stringify': (value) => JSON.stringify(value) ?? '',
  'JSON.stringify of a wrapper': (value) => JSON.stringify({ value, list: [value] }),
  inspect: (value) => inspect(value),
  'inspect in full': (value) =>
    inspect(value, {
      showHidden: true,
      depth: Number.POSITIVE_INFINITY,
      getters: true,
      maxArrayLength: null,
      maxStringLength: null,
    }),
  '%o': (value) => format('%o', value),
  '%O': (value) => format('%O', value),
  '%s': (value) => format('%s', value),
  '%j': (value) => format('%j', value),
  'console.log': (value) => format(value),
  'Object.entries': (value) => JSON.stringify(Object.entries(value as object)),
  'own property descriptors': (value) =>
    inspect(Object.getOwnPropertyDescriptors(value as object), { depth: 6 }),
  spread: (value) => JSON.stringify({ ...(value as object) }),
  structuredClone: (value) =>
    inspect(structuredClone(value), { showHidden: true, depth: Number.POSITIVE_INFINITY }),
  'v8.serialize': (value) => {
    const bytes = serialize(value);
    return (
      bytes.toString('latin1') +
      bytes.toString('utf16le') +
      bytes.toString('hex') +
      inspect(deserialize(bytes), { depth: 9 })
    );
  },
};

/** The cause chain of an error, each member. */
function chain(error: unknown): unknown[] {
  const found: unknown[] = [];
  for (
    let at = error;
    at !== undefined && at !== null && found.length < 9;
    at = (at as { cause?: unknown }).cause
  )
    found.push(at);
  return found;
}

/** The forms in which digits or bytes could be met. */
function formsOf(marker: string): readonly string[] {
  const forms = [marker, marker.toLowerCase(), [...marker].join(','), [...marker].join(', ')];
  if (/^[0-9]+$/.test(marker))
    forms.push(Buffer.from(marker, 'latin1').toString('hex'), [...Buffer.from(marker)].join(', '));
  if (/^[0-9A-F]{32}$/.test(marker)) {
    const bytes = Buffer.from(marker, 'hex');
    forms.push(
      bytes.toString('latin1'),
      [...bytes].join(', '),
      [...bytes].join(','),
      bytes.toString('base64'),
    );
    forms.push(marker.slice(0, 16), marker.slice(16), (marker.match(/../g) ?? []).join(' ').toLowerCase());
  }
  return forms;
}

const clearPinsOf = (...texts: readonly string[]): cw.ClearPins => cw.parsePins(cw.digitColumn(texts));
/** PINs of which the first is the marker. */
const clearPins = clearPinsOf(MARKER.pin, '482915');
/** A marker with something that is no digit. */
const columnWith = (text: string, last: string): cw.DigitColumn => ({
  data: new TextEncoder().encode(text.slice(0, -1) + last),
  digits: text.length,
  encoding: 'ascii',
});
const panColumn = cw.digitColumn([MARKER.pan, MARKER.pan]);
const numeric = cw.defineTokenProfile({ kind: 'numeric', panLengths: [16], keepFirst: 6, keepLast: 0 });
const blank = (digits: number, rows: number): cw.DigitColumn => ({
  data: new Uint8Array(rows * digits),
  digits,
  encoding: 'ascii',
});
const batch = {
  keys: { pan: f.keys.dataAes, cvk: f.keys.cvk, pvk: f.keys.pvkVisa, pek: f.keys.pek },
  range: f.range,
  expiry: f.expiry,
  serviceCode: f.serviceCode,
  pvki: f.reference.pvki,
  pinPolicy: f.policy,
  pinBlockFormat: 'ISO-0',
  pinLength: 6,
} as const;

const FORMS = [MARKER.pan, MARKER.amexPan, MARKER.pin, MARKER.keyHex, MARKER.plaintext].flatMap(formsOf);

function leaksOf(value: unknown, forms: readonly string[] = FORMS): string[] {
  const found: string[] = [];
  for (const [name, sink] of Object.entries(SINKS)) {
    let text: string;
    try {
      text = sink(value);
    } catch {
      // A sink that refuses the value shows nothing.
      continue;
    }
    if (forms.some((form) => text.includes(form))) found.push(name);
  }
  return found;
}

/** Paths that fail late, with right types: wrong keys, wrong tags, wrong places. */
const LATE: Readonly<Record<string, () => unknown>> = {
  'PAN with a wrong check digit': () =>
    cw.parsePan(MARKER.pan.slice(0, -1) + String((Number(MARKER.pan.slice(-1)) + 1) % 10)),
  'PAN too long': () => cw.parsePan(MARKER.pan.repeat(2)),
  'PIN with a letter': () => cw.parsePin(`${MARKER.pin}x`),
  'PIN too long': () => cw.parsePin(MARKER.pin.repeat(3)),
  'weak PIN': () =>
    cw.requirePinPolicy(cw.parsePin(MARKER.pin), cw.definePinPolicy({ listed: [MARKER.pin] })),
  'listed PIN with a letter': () => cw.definePinPolicy({ listed: [`${MARKER.pin}x`] }),
  'PIN outside the policy': () =>
    cw.requirePinPolicy(cw.parsePin(MARKER.pin), cw.definePinPolicy({ minLength: 8, maxLength: 9 })),
  'PIN too long for a PVV': () => cw.generatePvv(f.keys.pvkVisa, f.pin, f.pan, cw.parsePvki('1')),
  'PIN too long for the method': () => cw.pinOffset(f.keys.pvkIbm, f.pin, f.pan, f.method),
  'block under another PAN': () =>
    cw.decryptPinBlock(f.keys.pek, cw.encryptPinBlock(f.keys.pek, f.pin, f.pan, 'ISO-0'), f.amexPan),
  'block of another key': () => cw.decryptPinBlock(f.keys.pek2, f.block, f.pan),
  'translation that is refused': () =>
    cw.translatePinBlock(
      { from: f.keys.pek, to: f.keys.pek2 },
      f.block,
      { pan: f.pan, targetPan: f.luhnPan },
      'ISO-3',
    ),
  'PIN without permission': () => cw.revealPin(f.pin, undefined as never),
  'hex with a stray letter': () =>
    importClearKeyHex(
      { usage: 'C0', algorithm: 'T', mode: 'C', exportability: 'E' },
      `${MARKER.keyHex.slice(0, -1)}x`,
    ),
  'key of wrong parity': () =>
    importClearKeyHex(
      { usage: 'C0', algorithm: 'T', mode: 'C', exportability: 'E' },
      MARKER.keyHex.replace(/^01/, '00'),
    ),
  'key of another KCV': () =>
    importClearKeyHex({ usage: 'C0', algorithm: 'T', mode: 'C', exportability: 'E' }, MARKER.keyHex, {
      parity: 'adjust',
      expectedKcv: '123456',
    }),
  'key of equal halves': () =>
    importClearKeyHex(
      { usage: 'C0', algorithm: 'T', mode: 'C', exportability: 'E' },
      MARKER.keyHex.slice(0, 16).repeat(2),
    ),
  'key as a usage': () => cw.requireUsage(f.marker, MARKER.pan as never),
  'key as a length': () =>
    cw.randomKey({ usage: 'D0', algorithm: 'A', mode: 'B', exportability: 'N' }, MARKER.pan as never),
  'key without permission': () => exportClearKey(f.marker, undefined as never),
  'key in the wrong place': () => cw.generateCvv(f.marker as never, f.card),
  'key block of another KEK': () =>
    cw.unwrapKeyBlock(
      f.keys.kekAes,
      cw.wrapKeyBlock(cw.randomKey(f.keys.kekAes.attributes, 32), f.marker, 'D'),
    ),
  'key block that is a PAN': () => cw.parseKeyBlockHeader(MARKER.pan),
  'key block that is a key': () => cw.unwrapKeyBlock(f.keys.kekAes, MARKER.keyHex),
  'envelope of another context': () => cw.openEnvelope(f.keys.kekAes, f.envelope, Uint8Array.of(9)),
  'envelope that is plaintext': () => cw.openEnvelope(f.keys.kekAes, f.plaintext, f.context),
  'code block of another key': () => cw.openCode(f.marker, f.codeBlock, 'F-fill'),
  'legacy field with a letter too many': () =>
    cw.encryptLegacyField(f.keys.dataTdes, `${MARKER.pan}${MARKER.pan}`, 'pan'),
  'token that is a PAN': () => cw.detokenizePan(f.keys.dataAes, f.luhnPan, f.profile, MARKER.tenant),
  'token of a PAN with a wrong check digit': () =>
    cw.tokenizePan(f.keys.dataAes, f.pan, f.profile, MARKER.tenant),
  'FF1 text outside its alphabet': () =>
    cw.encryptFf1Text(f.keys.dataAes, f.alphabet, `${MARKER.pan}-`, f.context),
  'track with a PAN as data': () => cw.formatTrack2(f.card, MARKER.pan.repeat(2)),
  'track with a PAN as name': () => cw.formatTrack1(f.card, `${MARKER.pan}^`, ''),
  'dynamic code before its time': () => cw.generateDynamicCvv2(f.scheme, f.dynamicCard, -1 as never),
  'custom algorithm that gives a PAN': () =>
    cw.generateDynamicCvv2(
      cw.defineDynamicCvv2({
        profile: 'custom',
        name: 'x',
        digits: 3,
        t0: 0,
        periodSeconds: 60,
        generate: () => MARKER.pan,
      }),
      f.dynamicCard,
      f.at,
    ),
  'time that is a PAN': () => cw.parseUnixSeconds(Number(MARKER.pan)),
  'index that is a PAN': () => cw.parsePvki(MARKER.pan),
  'number that is a PAN': () => cw.panFromSequence(f.keys.dataAes, f.range, BigInt(MARKER.pan)),
  'range that is a PAN': () => cw.definePanRange({ iin: MARKER.pan, length: 16 }),
  'table that is a PAN': () => cw.parseDectab(MARKER.pan),
  'counter that is a PAN': () => cw.createTryCounter(Number(MARKER.pan)),
  'column of PINs with a letter': () => cw.parsePins(columnWith(MARKER.pin, 'x')),
  'column of PANs with a letter': () =>
    cw.generateIcvvColumns(
      f.keys.cvk,
      { pan: columnWith(MARKER.pan, 'x'), expiry: f.expiry },
      new Uint16Array(1),
    ),
  'column of PANs in place of tokens': () =>
    cw.detokenizePanColumn(f.keys.dataAes, panColumn, numeric, MARKER.tenant, blank(16, 2)),
  'column of PANs with wrong check digits': () =>
    cw.tokenizePanColumn(f.keys.dataAes, panColumn, numeric, MARKER.tenant, blank(16, 2)),
  'column of PANs to be enciphered, with a letter': () =>
    cw.encryptFf1Column(f.keys.dataAes, columnWith(MARKER.pan, 'x'), f.context, blank(16, 1)),
  'column of digits with a letter': () => cw.digitTexts(columnWith(MARKER.pan, 'x')),
  'texts of which one has a letter': () => cw.digitColumn([MARKER.pan, `${MARKER.pan.slice(1)}x`]),
  'texts of two lengths': () => cw.digitColumn([MARKER.pin, MARKER.pan]),
  'more PINs than PANs': () =>
    cw.encryptPinBlockColumn(f.keys.pek, clearPinsOf(MARKER.pin), panColumn, 'ISO-0', new Uint8Array(16)),
  'PINs too long for PVVs': () =>
    cw.generatePvvColumn(f.keys.pvkVisa, clearPins, panColumn, f.reference.pvki, new Uint16Array(2)),
  'PINs without permission': () => cw.revealPins(clearPins, undefined as never),
  'PINs as a number': () => cw.randomPins(f.policy, MARKER.pin as never, 1),
  'cards from a number that is a PAN': () => cw.issueColumns(batch, Number(MARKER.pan), 1),
  'as many cards as a PAN': () => cw.issueColumns(batch, 0, Number(MARKER.pan)),
  'expiry that is a PAN': () => cw.issueColumns({ ...batch, expiry: MARKER.pan as never }, 0, 1),
  'numbers too large for their digits': () => cw.numberTexts(Uint16Array.of(7391), 3),
  'counter with a PAN in it': () => cw.parseTryCounter({ ...f.tries, taken: MARKER.pan }),
};

const LATE_ASYNC: Readonly<Record<string, () => Promise<unknown>>> = {
  'counter that is missing': () =>
    cw.verifyPin(cw.createMemoryRecords<cw.TryCounter>(), MARKER.pan, () => true),
  'counter that is a PAN': () =>
    cw.verifyPin(
      { read: async () => MARKER.pan as never, compareAndSet: async () => 'done' },
      MARKER.pan,
      () => true,
    ),
  'store that answers a PAN': () =>
    cw.verifyPin(
      { read: async () => f.tries, compareAndSet: async () => MARKER.pan as 'done' },
      'id',
      () => true,
    ),
  'comparison that answers a PIN': () => {
    const records = cw.createMemoryRecords<cw.TryCounter>();
    records.put('id', f.tries);
    return cw.verifyPin(records, 'id', () => MARKER.pin as never);
  },
  'registry that answers a PAN': () => cw.claimPan({ claim: async () => MARKER.pan as never }, f.range),
  'registry that is full': () => cw.claimPan({ claim: async () => false }, f.range, { attempts: 3 }),
  'card code with a wrong check': () => {
    const records = cw.createMemoryRecords<cw.CardCodeState>();
    records.put('id', f.state);
    return cw.verifyCardCode(records, 'id', MARKER.pan, { at: f.at, static: () => MARKER.pan as never });
  },
};

describe('JS-01 what is thrown', () => {
  it('the sinks have teeth: they find a marker where there is one', () => {
    const careless = new Error(`PIN ${MARKER.pin} of ${MARKER.pan}`, { cause: { key: MARKER.keyHex } });
    expect(leaksOf(careless).length).toBeGreaterThan(8);
    expect(leaksOf({ pin: MARKER.pin }).length).toBeGreaterThan(8);
    expect(leaksOf(Buffer.from(MARKER.keyHex, 'hex')).length).toBeGreaterThan(2);
    expect(Object.keys(SINKS).length).toBeGreaterThanOrEqual(12);
  });

  it.each(Object.entries(LATE))('%s', (_, call) => {
    let thrown: unknown;
    try {
      call();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(PaymentCryptoError);
    for (const error of chain(thrown)) expect(leaksOf(error)).toEqual([]);
  });

  it.each(Object.entries(LATE_ASYNC))('%s', async (_, call) => {
    const thrown: unknown = await call().then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(thrown).toBeInstanceOf(PaymentCryptoError);
    for (const error of chain(thrown)) expect(leaksOf(error)).toEqual([]);
  });

  it('every error of the generated wrong calls, through every sink', async () => {
    const leaked = new Set<string>();
    const seen = new Set<string>();
    let errors = 0;
    for (const row of PUBLIC_CALLS)
      for (const { label, args, wrong } of badCalls(row, f)) {
        let thrown: unknown;
        try {
          await row.call(...args());
        } catch (error) {
          thrown = error;
        }
        if (!(thrown instanceof PaymentCryptoError)) continue;
        errors++;
        // The stack differs by place, the rest is told by code, field and message: look at each once.
        const known = `${thrown.code} ${thrown.field} ${thrown.message}`;
        const own =
          typeof wrong === 'string' && wrong.length >= 6 && wrong.length < 100 && /[0-9]{6}/.test(wrong)
            ? [wrong]
            : [];
        if (seen.has(known) && own.every((text) => !known.includes(text))) continue;
        seen.add(known);
        if (leaksOf(thrown, [...FORMS, ...own]).length > 0) leaked.add(label);
      }
    expect(errors).toBeGreaterThan(50_000);
    expect(seen.size).toBeGreaterThan(1000);
    expect([...leaked]).toEqual([]);
  });

  it('an error carries code, field, message and nothing else of its own', () => {
    try {
      cw.parsePin('x');
      throw new Error('not refused');
    } catch (error) {
      expect(Object.keys(error as object).sort()).toEqual(['code', 'field', 'name']);
      expect(JSON.parse(JSON.stringify(error))).toEqual({
        code: 'ERR_PIN',
        field: 'pin',
        name: 'PaymentCryptoError',
      });
      expect((error as Error).cause).toBeUndefined();
    }
  });
});

describe('JS-02, KM-12 what secrets show of themselves', () => {
  const secrets: Readonly<Record<string, readonly [object, string]>> = {
    'a TDES key': [f.marker, f.marker.kcv],
    'an AES key': [
      importClearKeyHex({ usage: 'D0', algorithm: 'A', mode: 'B', exportability: 'E' }, MARKER.keyHex),
      'D0',
    ],
    'an HMAC key': [
      importClearKeyHex({ usage: 'M7', algorithm: 'H', mode: 'C', exportability: 'E' }, MARKER.keyHex),
      'M7',
    ],
    'a PIN': [f.pin, '6'],
    'a capability': [f.exportPermit, 'export-clear-key'],
    'keys in a list': [[f.marker, f.keys.pek], 'D0'],
    'keys in a map': [new Map([['key', f.marker]]), ''],
    'a PIN in an object': [{ pin: f.pin, nested: { pin: f.pin } }, ''],
    'an issued code': [f.issued.issued, f.issued.issued.nonce],
    'a policy with listed PINs': [cw.definePinPolicy({ listed: [MARKER.pin] }), '1'],
    'an authority': [f.authority, ''],
    'clear PINs': [clearPins, 'ClearPins { count: 2, length: 6 }'],
    'clear PINs in a list': [[clearPins], 'count: 2'],
    'clear PINs in an object': [{ pins: clearPins, nested: { pins: clearPins } }, 'length: 6'],
  };

  it.each(Object.entries(secrets))('%s', (_, [value, shown]) => {
    expect(leaksOf(value)).toEqual([]);
    expect(inspect(value, { depth: 9 })).toContain(shown);
  });

  it('many PINs show their number and length, and nothing else, before and after they are used', () => {
    const issued = cw.issueColumns(batch, 17, 3);
    const natural = cw.naturalPins(f.keys.pvkIbm, panColumn, f.method);
    const random = cw.randomPins(f.policy, 6, 50);
    for (const pins of [clearPinsOf(MARKER.pin, '482915'), issued.pins, natural, random]) {
      const { count, length } = pins;
      const digits = cw.digitTexts(cw.revealPins(pins, f.revealPermit));
      cw.encryptPinBlockColumn(
        f.keys.pek,
        pins,
        cw.digitColumn(new Array(count).fill(MARKER.pan)),
        'ISO-0',
        new Uint8Array(8 * count),
      );
      expect(digits.length).toBe(count);
      expect(String(pins)).toBe(`ClearPins(${count} of ${length})`);
      expect(JSON.stringify(pins)).toBe(`{"pins":${count},"pinLength":${length}}`);
      expect(inspect(pins, { showHidden: true, depth: Number.POSITIVE_INFINITY, getters: true })).toBe(
        `ClearPins { count: ${count}, length: ${length} }`,
      );
      expect(Reflect.ownKeys(pins)).toEqual(['count', 'length']);
      expect(leaksOf(pins, digits.flatMap(formsOf))).toEqual([]);
      pins.destroy();
      expect(leaksOf(pins, digits.flatMap(formsOf))).toEqual([]);
    }
    // The PINs of issued cards are as closed within them.
    const again = cw.issueColumns(batch, 17, 3);
    const digits = cw.digitTexts(cw.revealPins(again.pins, f.revealPermit));
    expect(leaksOf({ ...again, pan: undefined, pinBlock: undefined }, digits.flatMap(formsOf))).toEqual([]);
    expect(JSON.stringify(again)).toContain('"pins":{"pins":3,"pinLength":6}');
    expect(inspect(again)).toContain('ClearPins { count: 3, length: 6 }');
  });

  it('used keys and PINs show no more than fresh ones', () => {
    const key = importClearKeyHex(
      { usage: 'P0', algorithm: 'T', mode: 'B', exportability: 'N' },
      MARKER.keyHex,
      { parity: 'adjust' },
    );
    const block = cw.encryptPinBlock(key, f.pin, f.pan, 'ISO-0');
    cw.decryptPinBlock(key, block, f.pan);
    expect(leaksOf(key)).toEqual([]);
    expect(leaksOf(f.pin)).toEqual([]);
    expect(leaksOf(block)).toEqual([]);
  });

  it('a stripped, cloned or revived key is of no use', () => {
    for (const copy of [
      structuredClone(f.marker),
      JSON.parse(JSON.stringify(f.marker)),
      deserialize(serialize(f.marker)),
      { ...f.marker },
    ])
      expect(() => cw.sealCode(copy as typeof f.marker, '123', 'F-fill')).toThrow(
        expect.objectContaining({ code: 'ERR_INPUT' }),
      );
  });

  it('no own property of a key or PIN, symbol or hidden, leads to bytes', () => {
    const seen = new Set<unknown>();
    const walk = (value: unknown): void => {
      if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value))
        return;
      seen.add(value);
      expect(ArrayBuffer.isView(value)).toBe(false);
      expect(value).not.toBeInstanceOf(ArrayBuffer);
      for (const name of Reflect.ownKeys(value)) {
        const { value: item } = Object.getOwnPropertyDescriptor(value, name) ?? {};
        walk(item);
      }
    };
    cw.encryptFf1Column(f.keys.dataAes, panColumn, f.context, blank(16, 2));
    cw.encryptLegacyBlocks(f.marker, new Uint8Array(128));
    for (const secret of [f.marker, f.keys.dataAes, f.pin, f.exportPermit, clearPinsOf(MARKER.pin)])
      walk(secret);
    expect(seen.size).toBeGreaterThan(4);
  });

  it('JS-04 bytes that come out lie in a buffer of their own', () => {
    for (const bytes of [
      exportClearKey(f.marker, f.exportPermit),
      ...f.parts.map((part) => part.bytes),
      f.envelope,
      f.codeBlock,
      cw.digitColumn([MARKER.pan]).data,
      cw.revealPins(clearPinsOf(MARKER.pin), f.revealPermit).data,
      cw.encryptLegacyBlocks(f.keys.dataTdes, new Uint8Array(16)),
      cw.decryptLegacyBlocks(f.keys.dataTdes, new Uint8Array(16)),
      cw.decryptLegacyCbc(f.keys.dataTdes, new Uint8Array(8), new Uint8Array(16)),
      cw.issueColumns(batch, 17, 3).pinBlock,
      cw.kernelBinary(),
    ])
      expect(bytes.byteLength).toBe(bytes.buffer.byteLength);
  });
});
