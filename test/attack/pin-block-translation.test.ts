/**
 * PIN block translation as a road out of a PIN's binding to its PAN.
 *
 * J. Clulow, "On the security of PKCS #11 and PIN processing" (2003); O. Berkman, O. M. Ostrovsky, "The
 * unbearable lightness of PIN cracking", FC 2007; G. Steel, "Formal analysis of PIN block attacks",
 * TCS 2006; PCI PIN Security 3.1, requirement 3-3.
 *
 * The table stands here a second time, written from the requirement and not from the source.
 */
import { describe, expect, it } from 'vitest';
import {
  createCapabilityAuthority,
  decodePinBlock,
  decryptPinBlock,
  type EncryptedPinBlock,
  encodePinBlock,
  encryptPinBlock,
  type Key,
  PIN_BLOCK_TRANSLATIONS,
  type PinBlockFormat,
  parsePan,
  parsePin,
  parseUnixSeconds,
  randomKey,
  revealPin,
  translatePinBlock,
} from '../../src/index.ts';
import { cipherFor } from '../../src/keys/key.ts';

const FORMATS: readonly PinBlockFormat[] = ['ISO-0', 'ISO-1', 'ISO-2', 'ISO-3', 'ISO-4'];

/** From (row), to (column): + always · = same PAN · c to the chip only · - never. */
const TABLE: Readonly<Record<PinBlockFormat, string>> = {
  //       0 1 2 3 4
  'ISO-0': '= - c = =',
  'ISO-1': '+ + c + +',
  'ISO-2': '- - c - -',
  'ISO-3': '= - c = =',
  'ISO-4': '= - c = =',
};

let now = 1_800_000_000;
const authority = createCapabilityAuthority({ now: () => parseUnixSeconds(now) });
const changePan = authority.grant('change-pan', 900);
const submitToChip = authority.grant('submit-to-chip', 900);
const reveal = authority.grant('reveal-pin', 900);

const pan = parsePan('4000001234567899');
const otherPan = parsePan('4000001234567907', { checkDigit: 'any' });
const PIN = '73918';
const pin = parsePin(PIN);

const key = (algorithm: 'T' | 'A'): Key<'P0'> =>
  randomKey({ usage: 'P0', algorithm, mode: 'B', exportability: 'N' }, 16);
const FROM = { T: key('T'), A: key('A') };
const TO = { T: key('T'), A: key('A') };
const fromKey = (format: PinBlockFormat): Key<'P0'> => (format === 'ISO-4' ? FROM.A : FROM.T);
const toKey = (format: PinBlockFormat): Key<'P0'> => (format === 'ISO-4' ? TO.A : TO.T);

/** A block of any format, format 2 too, which no public function enciphers. */
function blockOf(format: PinBlockFormat): EncryptedPinBlock {
  if (format !== 'ISO-2') return encryptPinBlock(fromKey(format), pin, pan, format);
  const clear = encodePinBlock('ISO-2', pin, pan, submitToChip);
  cipherFor(FROM.T, 'encryptPinBlock').encryptBlocks(clear, clear);
  return { format, block: Buffer.from(clear).toString('hex') };
}

/** The PIN in a block that came out, under the PAN it must now be bound to. */
function pinIn(block: EncryptedPinBlock, bound: typeof pan): string {
  if (block.format !== 'ISO-2') return revealPin(decryptPinBlock(toKey(block.format), block, bound), reveal);
  const clear = Uint8Array.from(Buffer.from(block.block, 'hex'));
  cipherFor(TO.T, 'decryptPinBlock').decryptBlocks(clear, clear);
  return revealPin(decodePinBlock('ISO-2', clear, bound), reveal);
}

type Permit = 'none' | 'change-pan' | 'submit-to-chip';
const PERMITS: Readonly<Record<Permit, typeof changePan | undefined>> = {
  none: undefined,
  'change-pan': changePan,
  'submit-to-chip': submitToChip,
};

/** What a cell must give. */
function expected(from: PinBlockFormat, to: PinBlockFormat, same: boolean, permit: Permit): string {
  const rule = TABLE[from].split(' ')[FORMATS.indexOf(to)] as string;
  if (rule === '-') return 'ERR_PIN_BLOCK_TRANSLATION';
  if (rule === 'c') return permit === 'submit-to-chip' ? 'translated' : 'ERR_POLICY';
  if (rule === '+') return 'translated';
  return same || permit === 'change-pan' ? 'translated' : 'ERR_POLICY';
}

const CELLS = FORMATS.flatMap((from) =>
  FORMATS.flatMap((to) => [true, false].map((same) => ({ from, to, same }))),
);

function attempt(from: PinBlockFormat, to: PinBlockFormat, same: boolean, permit: unknown): string {
  const target = same ? pan : otherPan;
  const subject: Record<string, unknown> = { pan };
  if (!same) subject['targetPan'] = otherPan;
  if (permit !== undefined) subject['permit'] = permit;
  let out: EncryptedPinBlock;
  try {
    out = translatePinBlock(
      { from: fromKey(from), to: toKey(to) },
      blockOf(from),
      subject as unknown as { pan: typeof pan },
      to,
    );
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
  expect(out.format).toBe(to);
  expect(pinIn(out, target)).toBe(PIN);
  return 'translated';
}

describe('PIN-06, PIN-07, PIN-08 the 50 cells of PCI PIN requirement 3-3', () => {
  it('are 50, and agree with the exported table', () => {
    expect(CELLS).toHaveLength(50);
    const symbols = { yes: '+', 'same-pan': '=', chip: 'c', no: '-' };
    for (const from of FORMATS)
      expect(FORMATS.map((to) => symbols[PIN_BLOCK_TRANSLATIONS[from][to]]).join(' ')).toBe(TABLE[from]);
  });

  describe.each(['none', 'change-pan', 'submit-to-chip'] as const)('with capability: %s', (permit) => {
    it.each(CELLS)('$from to $to, same PAN: $same', ({ from, to, same }) => {
      expect(attempt(from, to, same, PERMITS[permit])).toBe(expected(from, to, same, permit));
    });
  });

  it('cannot be opened by writing to the exported table', () => {
    const table = PIN_BLOCK_TRANSLATIONS as unknown as Record<string, Record<string, string>>;
    const row = table['ISO-0'] as Record<string, string>;
    const before = row['ISO-1'] as string;
    try {
      row['ISO-1'] = 'yes';
    } catch {
      // Frozen.
    }
    try {
      expect(attempt('ISO-0', 'ISO-1', true, undefined)).toBe('ERR_PIN_BLOCK_TRANSLATION');
    } finally {
      if (!Object.isFrozen(row)) row['ISO-1'] = before;
    }
  });

  it('never opens a closed cell, whatever is handed in', () => {
    for (const from of FORMATS)
      for (const to of FORMATS)
        if (expected(from, to, true, 'none') === 'ERR_PIN_BLOCK_TRANSLATION')
          for (const permit of [changePan, submitToChip, reveal, true, { scope: 'change-pan' }, undefined])
            for (const same of [true, false])
              expect(attempt(from, to, same, permit)).toBe('ERR_PIN_BLOCK_TRANSLATION');
  });
});

describe('KM-15 a capability that is none', () => {
  const forged = (scope: 'change-pan' | 'submit-to-chip'): Record<string, unknown> => {
    const live = authority.grant(scope, 900);
    const expired = authority.grant(scope, 1);
    const revoked = authority.grant(scope, 900);
    revoked.revoke();
    return {
      expired,
      revoked,
      'of another scope': scope === 'change-pan' ? submitToChip : changePan,
      'of a third scope': reveal,
      'a look-alike': { scope, expires: now + 900, revoke() {} },
      cloned: structuredClone(live),
      'JSON-revived': JSON.parse(JSON.stringify(live)),
      spread: { ...live },
      inherited: Object.create(live),
      'behind a proxy': new Proxy(live, {}),
      'of the same prototype': Object.setPrototypeOf(
        { scope, expires: now + 900 },
        Object.getPrototypeOf(live),
      ),
      'the scope as text': scope,
      true: true,
    };
  };

  it.each([
    ['change-pan', 'ISO-0', 'ISO-3'],
    ['change-pan', 'ISO-3', 'ISO-0'],
    ['change-pan', 'ISO-4', 'ISO-4'],
    ['change-pan', 'ISO-0', 'ISO-4'],
    ['submit-to-chip', 'ISO-0', 'ISO-2'],
    ['submit-to-chip', 'ISO-1', 'ISO-2'],
    ['submit-to-chip', 'ISO-2', 'ISO-2'],
    ['submit-to-chip', 'ISO-4', 'ISO-2'],
  ] as const)('%s does not open %s to %s', (scope, from, to) => {
    const permits = forged(scope);
    now += 1;
    for (const [name, permit] of Object.entries(permits))
      expect([name, attempt(from, to, false, permit)]).toEqual([name, 'ERR_POLICY']);
    expect(attempt(from, to, false, authority.grant(scope, 900))).toBe('translated');
  });

  it('ends at its second of expiry', () => {
    const permit = authority.grant('change-pan', 10);
    now += 9;
    expect(attempt('ISO-0', 'ISO-3', false, permit)).toBe('translated');
    now += 1;
    expect(attempt('ISO-0', 'ISO-3', false, permit)).toBe('ERR_POLICY');
  });
});

describe('PIN-06 the PAN is taken as it is', () => {
  const near: readonly (readonly [string, string])[] = [
    ['its check digit', '4000001234567890'],
    ['its first digit', '5000001234567899'],
    ['a middle digit', '4000001234577899'],
    ['its length', '40000012345678992'],
    ['a digit before the twelve that enter the block', '4100001234567899'],
  ];

  it.each(near)('a target that differs in %s is another PAN', (_, text) => {
    const targetPan = parsePan(text, { checkDigit: 'any' });
    for (const [from, to] of [
      ['ISO-0', 'ISO-3'],
      ['ISO-3', 'ISO-0'],
      ['ISO-0', 'ISO-4'],
    ] as const)
      expect(() =>
        translatePinBlock({ from: fromKey(from), to: toKey(to) }, blockOf(from), { pan, targetPan }, to),
      ).toThrow(expect.objectContaining({ code: 'ERR_POLICY' }));
  });

  it('an equal target PAN needs no capability', () => {
    const targetPan = parsePan(`${pan}`);
    expect(
      translatePinBlock({ from: FROM.T, to: TO.T }, blockOf('ISO-0'), { pan, targetPan }, 'ISO-3').format,
    ).toBe('ISO-3');
  });

  it('an option that is misspelt is refused, and does not fall back', () => {
    const subject = { pan, targetpan: otherPan } as unknown as { pan: typeof pan };
    expect(() => translatePinBlock({ from: FROM.T, to: TO.T }, blockOf('ISO-1'), subject, 'ISO-0')).toThrow(
      expect.objectContaining({ code: 'ERR_INPUT' }),
    );
  });
});

describe('PIN-07 deciphering and enciphering is translating', () => {
  it.each(['ISO-0', 'ISO-3', 'ISO-4'] as const)('a PIN out of %s keeps its PAN', (from) => {
    const found = decryptPinBlock(fromKey(from), blockOf(from), pan);
    for (const to of ['ISO-0', 'ISO-3', 'ISO-4'] as const) {
      expect(pinIn(encryptPinBlock(toKey(to), found, pan, to), pan)).toBe(PIN);
      expect(() => encryptPinBlock(toKey(to), found, otherPan, to)).toThrow(
        expect.objectContaining({ code: 'ERR_POLICY' }),
      );
      expect(() => encryptPinBlock(toKey(to), found, otherPan, to, { permit: submitToChip })).toThrow(
        expect.objectContaining({ code: 'ERR_POLICY' }),
      );
      expect(pinIn(encryptPinBlock(toKey(to), found, otherPan, to, { permit: changePan }), otherPan)).toBe(
        PIN,
      );
    }
    for (const options of [{}, { permit: changePan }, { permit: submitToChip }])
      expect(() => encryptPinBlock(TO.T, found, pan, 'ISO-1', options)).toThrow(
        expect.objectContaining({ code: 'ERR_PIN_BLOCK_TRANSLATION' }),
      );
  });

  it('a PIN out of ISO-1 has none', () => {
    const found = decryptPinBlock(FROM.T, blockOf('ISO-1'), pan);
    expect(pinIn(encryptPinBlock(TO.T, found, otherPan, 'ISO-0'), otherPan)).toBe(PIN);
  });
});

describe('a translation that changes nothing', () => {
  it.each(['ISO-0', 'ISO-1', 'ISO-3'] as const)('same key and format is refused: %s', (format) => {
    expect(() => translatePinBlock({ from: FROM.T, to: FROM.T }, blockOf(format), { pan }, format)).toThrow(
      expect.objectContaining({ code: 'ERR_PIN_BLOCK_TRANSLATION' }),
    );
  });

  it('is told by the bytes of the keys, not by the objects', () => {
    const attributes = { usage: 'P0', algorithm: 'T', mode: 'B', exportability: 'N' } as const;
    const fill = (out: Uint8Array): void => {
      for (let i = 0; i < out.length; i++) out[i] = (i * 29 + 3) & 255;
    };
    const same = () => ({ random: { fill } });
    const [a, b] = [randomKey(attributes, 16, same()), randomKey(attributes, 16, same())];
    expect(a.kcv).toBe(b.kcv);
    const block = encryptPinBlock(a, pin, pan, 'ISO-3');
    expect(() => translatePinBlock({ from: a, to: b }, block, { pan }, 'ISO-3')).toThrow(
      expect.objectContaining({ code: 'ERR_PIN_BLOCK_TRANSLATION' }),
    );
    expect(translatePinBlock({ from: a, to: b }, block, { pan }, 'ISO-0').format).toBe('ISO-0');
  });

  it('same key and format is refused for ISO-4 and for another PAN too', () => {
    const block = blockOf('ISO-4');
    for (const subject of [{ pan }, { pan, targetPan: otherPan, permit: changePan }])
      expect(() => translatePinBlock({ from: FROM.A, to: FROM.A }, block, subject, 'ISO-4')).toThrow(
        expect.objectContaining({ code: 'ERR_PIN_BLOCK_TRANSLATION' }),
      );
  });
});

describe('PIN-11 a PIN is never shortened', () => {
  const lengths = [4, 5, 6, 7, 8, 9, 10, 11, 12];
  it.each(lengths)('%i digits survive every permitted translation', (length) => {
    const digits = '739184620517'.slice(0, length);
    const long = parsePin(digits);
    for (const from of ['ISO-0', 'ISO-1', 'ISO-3', 'ISO-4'] as const)
      for (const to of ['ISO-0', 'ISO-1', 'ISO-3', 'ISO-4'] as const) {
        if (PIN_BLOCK_TRANSLATIONS[from][to] === 'no') continue;
        const block = encryptPinBlock(fromKey(from), long, pan, from);
        expect(
          pinIn(translatePinBlock({ from: fromKey(from), to: toKey(to) }, block, { pan }, to), pan),
        ).toBe(digits);
      }
  });
});
