/**
 * Prototype pollution, and objects that answer differently each time they are asked.
 *
 * O. Arteau, "Prototype pollution attack in NodeJS application" (2018); CWE-1321; CWE-367 (time of
 * check, time of use).
 *
 * What a call is not told itself must not come from a prototype; what it is told is read once.
 */
import { afterEach, describe, expect, it } from 'vitest';
import * as cw from '../../src/index.ts';
import { combineComponents, importClearKey, splitKey } from '../../src/keys/clear-face.ts';
import { type Fixture, makeFixture, OneRecord, PUBLIC_CALLS } from '../support/public-calls.ts';

const f: Fixture = makeFixture();
const names = new Set<string>();

function pollute(properties: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(properties)) {
    names.add(name);
    Object.defineProperty(Object.prototype, name, {
      value,
      configurable: true,
      writable: true,
      enumerable: true,
    });
  }
}

function clean(): void {
  for (const name of names) delete (Object.prototype as Record<string, unknown>)[name];
  names.clear();
}

afterEach(clean);

/** What a call gives, as text that can be compared; the outside of it where it is random. */
function outcome(call: () => unknown): string {
  try {
    const value = call();
    return `gave ${JSON.stringify(value instanceof Uint8Array ? [...value] : value)}`;
  } catch (error) {
    return `refused ${String((error as { code?: unknown }).code ?? error)}`;
  }
}

const evenParity = Uint8Array.from({ length: 16 }, (_, i) => 0x10 + 6 * i);
const fiveDigits = cw.encryptPinBlock(f.keys.pek, cw.parsePin('94731'), f.pan, 'ISO-0');
const isoOne = cw.encryptPinBlock(f.keys.pek, f.pin4, f.pan, 'ISO-1');
const strangerPan = cw.parsePan('4000009999999994', { checkDigit: 'any' });
const livePermit = f.authority.grant('change-pan', 900);
const verifyKeys = { pek: f.keys.pek, pvk: f.keys.pvkVisa };

/** What is set on `Object.prototype`, and calls that do not say it themselves. */
const POLLUTIONS: readonly (readonly [
  string,
  Readonly<Record<string, unknown>>,
  readonly (() => unknown)[],
])[] = [
  [
    'parity',
    { parity: 'adjust' },
    [
      () => importClearKey({ usage: 'C0', algorithm: 'T', mode: 'C', exportability: 'N' }, evenParity),
      () => importClearKey({ usage: 'C0', algorithm: 'T', mode: 'C', exportability: 'N' }, evenParity, {}),
    ],
  ],
  [
    'expectedKcv',
    { expectedKcv: '000000' },
    [
      () =>
        importClearKey({ usage: 'C0', algorithm: 'T', mode: 'C', exportability: 'N' }, evenParity, {
          parity: 'adjust',
        }),
    ],
  ],
  [
    'keyVersion',
    { keyVersion: '77' },
    [
      () =>
        importClearKey({ usage: 'C0', algorithm: 'T', mode: 'C', exportability: 'N' }, evenParity, {
          parity: 'adjust',
        }).attributes,
    ],
  ],
  [
    'zeroComponent',
    { zeroComponent: 'allow' },
    [
      () =>
        combineComponents(
          { usage: 'D0', algorithm: 'T', mode: 'B', exportability: 'E' },
          [
            { bytes: new Uint8Array(16), kcv: '8CA64D' },
            {
              bytes: evenParity,
              kcv: String(
                cw.keyCheckValue(
                  importClearKey({ usage: 'D0', algorithm: 'T', mode: 'B', exportability: 'E' }, evenParity, {
                    parity: 'adjust',
                  }),
                ),
              ),
            },
          ],
          { parity: 'adjust' },
        ),
    ],
  ],
  [
    'longPin',
    { longPin: 'leftmost-four' },
    [
      () =>
        cw.verifyPinBlock(
          verifyKeys,
          fiveDigits,
          f.pan,
          cw.generatePvv(f.keys.pvkVisa, f.pin4, f.pan, cw.parsePvki('1')),
        ),
      () =>
        cw.verifyPinBlock(
          verifyKeys,
          fiveDigits,
          f.pan,
          cw.generatePvv(f.keys.pvkVisa, f.pin4, f.pan, cw.parsePvki('1')),
          {},
        ),
      () => cw.verifyPvv(f.keys.pvkVisa, cw.parsePin('94731'), f.pan, f.reference, {}),
      () => cw.generatePvv(f.keys.pvkVisa, cw.parsePin('94731'), f.pan, cw.parsePvki('1'), {}),
    ],
  ],
  [
    'digits',
    { digits: 5 },
    [
      () => cw.generateCvv(f.keys.cvk, f.card),
      () => cw.generateCvv(f.keys.cvk, f.card, {}),
      () => cw.generateCvv2Many(f.keys.cvk, [f.panel], {}),
      () => cw.openCode(f.keys.dataTdes, f.codeBlock, 'random-fill', {}),
      () => cw.generateCsc(f.keys.cvk, { pan: f.amexPan, expiry: f.expiry }, {} as never),
    ],
  ],
  [
    'expiryOrder',
    { expiryOrder: 'MMYY' },
    [
      () => cw.generateCvv2(f.keys.cvk, f.panel),
      () => cw.generateCvv2(f.keys.cvk, f.panel, {}),
      () =>
        cw.verifyCvv2(f.keys.cvk, f.panel, cw.generateCvv2(f.keys.cvk, f.panel, { expiryOrder: 'YYMM' }), {}),
    ],
  ],
  [
    'checkDigit',
    { checkDigit: 'any' },
    [() => cw.parsePan('4000001234567890'), () => cw.parsePan('4000001234567890', {})],
  ],
  ['first', { first: 8 }, [() => cw.maskPan(f.pan), () => cw.maskPan(f.pan, {})]],
  ['range', { range: '0-9' }, [() => cw.parsePvki('0'), () => cw.parsePvki('0', {})]],
  [
    'targetPan and permit',
    { targetPan: strangerPan, permit: livePermit },
    [
      () => cw.translatePinBlock({ from: f.keys.pek, to: f.keys.pek2 }, isoOne, { pan: f.pan }, 'ISO-0'),
      () => cw.translatePinBlock({ from: f.keys.pek, to: f.keys.pek2 }, f.block, { pan: f.pan }, 'ISO-0'),
      () =>
        cw.translatePinBlock(
          { from: f.keys.pek, to: f.keys.pek2 },
          f.block,
          { pan: f.pan, targetPan: strangerPan },
          'ISO-0',
        ),
    ],
  ],
  [
    'panLike, luhn and checkDigitOffset',
    { panLike: true, luhn: 'valid', checkDigitOffset: 9 },
    [
      () => cw.defineTokenProfile({ kind: 'numeric', panLengths: [16], keepFirst: 6, keepLast: 0 }),
      () =>
        cw.defineTokenProfile({
          kind: 'numeric',
          panLengths: [16],
          keepFirst: 6,
          keepLast: 0,
          luhn: 'valid',
        }),
    ],
  ],
  [
    'panLengths, keepFirst and keepLast',
    { panLengths: [16], keepFirst: 6, keepLast: 0 },
    [
      () => cw.defineTokenProfile({ kind: 'numeric' } as never),
      () => cw.defineTokenProfile({ kind: 'alphanumeric' }),
    ],
  ],
  [
    'repeated, sequences, listed, minLength',
    { repeated: 'allow', sequences: 'allow', listed: ['7391'], minLength: 12 },
    [
      () => cw.definePinPolicy(),
      () => cw.definePinPolicy({}),
      () => cw.isWeakPin(cw.parsePin('1111'), cw.definePinPolicy({})),
    ],
  ],
  [
    'exclude',
    { exclude: [{ from: '000000000', to: '899999999' }] },
    [() => cw.definePanRange({ iin: '400000', length: 16 })],
  ],
  [
    'floor',
    { floor: Number.MAX_SAFE_INTEGER, at: 0 },
    [
      () =>
        cw.verifyDynamicCvv2(f.scheme, f.dynamicCard, cw.generateDynamicCvv2(f.scheme, f.dynamicCard, f.at), {
          at: f.at,
          window: { past: 0, future: 0 },
        }),
      () => cw.verifyDynamicCvv2(f.scheme, f.dynamicCard, '123', { window: { past: 0, future: 0 } } as never),
    ],
  ],
  [
    'cardKey',
    { cardKey: f.keys.cardKey },
    [
      () =>
        cw.generateDynamicCvv2(
          cw.defineDynamicCvv2({
            profile: 'totp',
            hash: 'SHA-1',
            masterKey: 'provisioned',
            digits: 3,
            t0: 0,
            periodSeconds: 60,
          }),
          f.dynamicCard,
          f.at,
        ),
      () => cw.generateDynamicCvv2(f.scheme, f.dynamicCard, f.at),
    ],
  ],
  [
    'masterCvk and template',
    { masterCvk: f.keys.cvkDerive, template: '000000N00000' },
    [
      () =>
        cw.defineDynamicCvv2({
          profile: 'cvv-time',
          cvk: f.keys.cvk,
          staticCvk: f.keys.staticCvk,
          reissue: 'new-pan-only',
          digits: 3,
          t0: 0,
          periodSeconds: 300,
        }),
      () =>
        cw.defineIbm3624Method({
          dectab: '0123456789012345',
          validationData: { start: 1, from: 'right', digits: 12, padSide: 'right', padDigit: 'F' },
          pinLength: 4,
        }),
    ],
  ],
  [
    'pvv and pvki',
    { pvv: '1234', pvki: '1' },
    [
      () =>
        cw.verifyPinBlock({ pek: f.keys.pek, pvk: f.keys.pvkIbm }, f.block, f.pan, {
          offset: f.offset,
          method: f.method,
        }),
    ],
  ],
  [
    'method and bytes',
    { method: 'cmac-empty-message', bytes: 5 },
    [() => cw.keyCheckValue(f.keys.dataAes), () => cw.keyCheckValue(f.keys.dataAes, {})],
  ],
  [
    'purpose and optionalBlocks',
    { purpose: 'storage', optionalBlocks: [{ id: 'KS', text: '0'.repeat(20) }] },
    [
      () =>
        cw.wrapKeyBlock(
          f.keys.kekAes,
          cw.randomKey({ usage: 'D0', algorithm: 'T', mode: 'B', exportability: 'N' }, 16),
          'D',
        ),
      () => cw.wrapKeyBlock(f.keys.kekAes, f.marker, 'D', {}).length,
    ],
  ],
  [
    'algorithm',
    { algorithm: 'AES-256-GCM' },
    [() => cw.sealEnvelope(f.keys.kekAes, f.plaintext, f.context, {} as never)],
  ],
  [
    'mostSkips and attempts',
    { mostSkips: 0, attempts: 1 },
    [() => cw.nextPanFromSequence(f.keys.dataAes, f.range, 5, {})],
  ],
];

describe('ST-04 a polluted Object.prototype changes nothing', () => {
  it.each(POLLUTIONS)('%s', (_, properties, calls) => {
    const before = calls.map(outcome);
    pollute(properties);
    const during = calls.map(outcome);
    clean();
    expect(during).toEqual(before);
  });

  it('a polluted random source is not drawn from', () => {
    let drawn = 0;
    pollute({
      random: {
        fill(out: Uint8Array): void {
          drawn += out.length;
          out.fill(7);
        },
      },
      fill: () => {
        drawn++;
      },
    });
    cw.encryptPinBlock(f.keys.pek, f.pin4, f.pan, 'ISO-3');
    cw.encryptPinBlock(f.keys.pek, f.pin4, f.pan, 'ISO-3', {});
    cw.randomPin(f.policy, 4, {});
    cw.randomPan(f.range, {});
    cw.randomKey({ usage: 'D0', algorithm: 'A', mode: 'B', exportability: 'N' }, 16, {});
    cw.sealEnvelope(f.keys.kekAes, f.plaintext, f.context, { algorithm: 'AES-256-GCM' });
    splitKey(f.marker, 3, f.exportPermit, {});
    clean();
    expect(drawn).toBe(0);
  });

  it('a polluted check of the static code is not asked', async () => {
    let asked = 0;
    const records = new OneRecord(f.state);
    pollute({
      static: () => {
        asked++;
        return true;
      },
    });
    const answer = await cw
      .verifyCardCode(records, 'card-1', '123', { at: f.at })
      .catch((error: { code?: unknown }) => error.code);
    clean();
    expect(asked).toBe(0);
    expect(answer).toBe('ERR_INPUT');
  });

  it('a key block header with the names of Object.prototype gives no such property', () => {
    for (const id of ['__', 'PR'])
      expect(
        outcome(() =>
          cw.wrapKeyBlock(f.keys.kekAes, f.marker, 'D', { optionalBlocks: [{ id, text: '__proto__' }] }),
        ),
      ).toMatch(/gave|refused ERR_/);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(outcome(() => cw.parseKeyBlockHeader('D0016__TB00E0000'))).toBe('refused ERR_KEY_BLOCK');
  });

  it('an own property called __proto__ is an unknown option', () => {
    const options = JSON.parse('{"__proto__": {"digits": 5}}') as object;
    expect(outcome(() => cw.generateCvv(f.keys.cvk, f.card, options))).toBe('refused ERR_INPUT');
    const inherited = Object.create({ digits: 5 }) as object;
    expect(outcome(() => cw.generateCvv(f.keys.cvk, f.card, inherited))).toBe(
      outcome(() => cw.generateCvv(f.keys.cvk, f.card)),
    );
  });

  it('Array.prototype with an iterator that lies, or map and fill replaced after loading, does not stop refusals', () => {
    const { includes } = Array.prototype;
    try {
      // biome-ignore lint/suspicious/noExplicitAny: a patched built-in.
      (Array.prototype as any).includes = () => true;
      expect(outcome(() => cw.generateCvv(f.keys.pek as never, f.card))).toBe('refused ERR_KEY_USAGE');
    } finally {
      Array.prototype.includes = includes;
    }
  });
});

describe('ST-05 what is handed in is read once', () => {
  const rows = PUBLIC_CALLS.map((row, i) => ({ row, i })).filter(({ row }) =>
    row.shapes.some(({ kind }) => kind === 'record'),
  );

  it('covers most of the functions that take objects', () => {
    expect(rows.length).toBeGreaterThan(45);
  });

  it.each(rows.map(({ row, i }) => [`${row.name} (row ${i})`, row] as const))('%s', async (_, row) => {
    const counts = new Map<string, number>();
    const args = row.valid(f).map((arg, position) => {
      const shape = row.shapes[position];
      if (shape?.kind !== 'record') return arg;
      return shallow(arg as object, shape.fields, `#${position}`, counts);
    });
    try {
      await row.call(...args);
    } catch (error) {
      throw new Error(`a right call was refused: ${String(error)}`);
    }
    const often = [...counts]
      .filter(([, count]) => count > 1)
      .map(([name, count]) => `${name} ${count} times`);
    expect(often).toEqual([]);
    expect(counts.size).toBeGreaterThan(0);
  });

  function shallow(
    value: object,
    fields: Readonly<Record<string, { readonly kind: string; readonly fields?: unknown }>>,
    path: string,
    counts: Map<string, number>,
  ): object {
    const out = {};
    for (const [name, item] of Object.entries(value)) {
      const field = fields[name];
      const inner =
        field?.kind === 'record' && typeof item === 'object' && item !== null
          ? shallow(item, field.fields as typeof fields, `${path}.${name}`, counts)
          : item;
      Object.defineProperty(out, name, {
        enumerable: true,
        get() {
          counts.set(`${path}.${name}`, (counts.get(`${path}.${name}`) ?? 0) + 1);
          return inner;
        },
      });
    }
    return out;
  }

  it('a getter that turns 3 digits into 5 after the check changes nothing', () => {
    let asked = 0;
    const options = {
      get digits(): 3 {
        return (asked++ === 0 ? 3 : 5) as 3;
      },
    };
    expect(cw.generateCvv(f.keys.cvk, f.card, options)).toHaveLength(3);
  });

  it('numerals that change after the check do not pass', () => {
    let asked = 0;
    const numerals = [1, 2, 3, 4, 5, 6];
    Object.defineProperty(numerals, 0, { enumerable: true, get: () => (asked++ === 0 ? 1 : 77) });
    const plain = cw.encryptFf1(f.keys.dataAes, 10, [1, 2, 3, 4, 5, 6], f.context);
    expect([...cw.encryptFf1(f.keys.dataAes, 10, numerals, f.context)]).toEqual([...plain]);
  });

  it('attributes that change after the check do not make another key', () => {
    let asked = 0;
    const attributes = {
      usage: 'D0',
      get algorithm(): 'A' {
        return (asked++ === 0 ? 'A' : 'T') as 'A';
      },
      mode: 'B',
      exportability: 'N',
    } as const;
    expect(cw.randomKey(attributes, 16).attributes.algorithm).toBe('A');
  });

  it('a component that changes after its KCV was checked does not change the key', () => {
    const parts = splitKey(f.marker, 2, f.exportPermit);
    const [first, second] = parts as unknown as readonly { bytes: Uint8Array; kcv: string }[];
    let asked = 0;
    const shifty = {
      get bytes(): Uint8Array {
        return asked++ === 0 ? (first as { bytes: Uint8Array }).bytes : new Uint8Array(16).fill(9);
      },
      kcv: first?.kcv as string,
    };
    const key = combineComponents(
      { usage: 'D0', algorithm: 'T', mode: 'B', exportability: 'N' },
      [shifty, second as typeof shifty],
      { parity: 'adjust' },
    );
    expect(key.kcv).toBe(f.marker.kcv);
  });
});
