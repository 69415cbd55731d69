/**
 * PIN blocks as oracles: another PAN, another format, a damaged block, a short PIN. A verification
 * says yes or no and nothing else; a decryption has one refusal for every cause.
 *
 * J. Clulow, "On the security of PKCS #11 and PIN processing" (2003), for the PAN modification attack;
 * M. Centenaro, R. Focardi, F. L. Luccio, G. Steel, "Type-based analysis of PIN processing APIs",
 * ESORICS 2009; ISO 9564-1:2017, 9.3 and 9.4.
 */
import { describe, expect, it, vi } from 'vitest';
import {
  createCapabilityAuthority,
  createMemoryRecords,
  createTryCounter,
  decodePinBlock,
  decryptPinBlock,
  defineIbm3624Method,
  definePinPolicy,
  type EncryptedPinBlock,
  encodePinBlock,
  encryptPinBlock,
  generatePvv,
  type Key,
  PaymentCryptoError,
  type PinBlockFormat,
  parseEncryptedPinBlock,
  parsePan,
  parsePin,
  parsePvki,
  parseUnixSeconds,
  pinOffset,
  prepareVerifyPinBlock,
  randomKey,
  requirePinPolicy,
  revealPin,
  type TryCounter,
  verifyPin,
  verifyPinBlock,
} from '../../src/index.ts';
import { cipherFor, tdesFor } from '../../src/keys/key.ts';
import { seededRandom } from '../support/arbitraries.ts';

const pan = parsePan('4000001234567899');
const PIN = '7391';
const pin = parsePin(PIN);
// The same keys every time: of a hundred wrong PANs one in ten thousand hits by chance.
const pek = randomKey({ usage: 'P0', algorithm: 'T', mode: 'B', exportability: 'N' }, 16, {
  random: seededRandom(1),
});
const pekAes = randomKey({ usage: 'P0', algorithm: 'A', mode: 'B', exportability: 'N' }, 16, {
  random: seededRandom(2),
});
const pvk = randomKey({ usage: 'V2', algorithm: 'T', mode: 'C', exportability: 'N' }, 16, {
  random: seededRandom(3),
});
const pvkIbm = randomKey({ usage: 'V1', algorithm: 'T', mode: 'C', exportability: 'N' }, 16, {
  random: seededRandom(4),
});
const reference = generatePvv(pvk, pin, pan, parsePvki('1'));
const method = defineIbm3624Method({
  dectab: '0123456789012345',
  validationData: { start: 1, from: 'right', digits: 12, padSide: 'right', padDigit: 'F' },
  pinLength: 4,
});
const byOffset = { offset: pinOffset(pvkIbm, pin, pan, method), method };
const authority = createCapabilityAuthority({ now: () => parseUnixSeconds(0) });
const permit = authority.grant('reveal-pin', 900);
const chip = authority.grant('submit-to-chip', 900);
const clearBlock = (format: PinBlockFormat): Uint8Array =>
  encodePinBlock(format, pin, pan, format === 'ISO-2' ? chip : permit);

const keyOf = (format: PinBlockFormat): Key<'P0'> => (format === 'ISO-4' ? pekAes : pek);

/** Clear bytes enciphered as a block of the format; for ISO-4 with a PAN field of the PAN. */
function seal(format: PinBlockFormat, clear: Uint8Array): EncryptedPinBlock {
  const bytes = Uint8Array.from(clear);
  const cipher = cipherFor(keyOf(format), 'encryptPinBlock');
  cipher.encryptBlocks(bytes, bytes);
  if (format === 'ISO-4') {
    const text = `${pan.length - 12}${pan}`.padEnd(32, '0');
    for (let i = 0; i < 16; i++)
      bytes[i] = (bytes[i] as number) ^ Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
    cipher.encryptBlocks(bytes, bytes);
  }
  return parseEncryptedPinBlock(format, Buffer.from(bytes).toString('hex'));
}

interface Seen {
  readonly decrypted: string;
  readonly code: string | undefined;
  readonly message: string | undefined;
}

function decrypt(block: EncryptedPinBlock, account = pan): Seen {
  try {
    const found = decryptPinBlock(keyOf(block.format), block, account);
    return { decrypted: revealPin(found, permit), code: undefined, message: undefined };
  } catch (error) {
    if (!(error instanceof PaymentCryptoError)) throw error;
    return { decrypted: '', code: error.code, message: `${error.field}: ${error.message}` };
  }
}

const verifyBoth = (block: EncryptedPinBlock, account = pan): readonly [unknown, unknown] => [
  verifyPinBlock({ pek: keyOf(block.format), pvk }, block, account, reference),
  verifyPinBlock({ pek: keyOf(block.format), pvk: pvkIbm }, block, account, byOffset),
];

/** What ISO 9564-1 says of a PIN field, written here a second time: the digits or nothing. */
function expectedPin(format: PinBlockFormat, field: string): string | undefined {
  const [control, fill] = {
    'ISO-0': ['0', /^F*$/],
    'ISO-1': ['1', /^[0-9A-F]*$/],
    'ISO-2': ['2', /^F*$/],
    'ISO-3': ['3', /^[A-F]*$/],
    'ISO-4': ['4', /^A*$/],
  }[format] as [string, RegExp];
  const length = Number.parseInt(field[1] as string, 16);
  if (field[0] !== control || length < 4 || length > 12) return undefined;
  const digits = field.slice(2, 2 + length);
  return /^[0-9]+$/.test(digits) && fill.test(field.slice(2 + length, 16)) ? digits : undefined;
}

const ACCOUNT = `0000${pan.slice(-13, -1)}`;

/** The clear block of a PIN field given in hex. */
function clearOf(format: PinBlockFormat, field: string): Uint8Array {
  const bytes = Uint8Array.from(Buffer.from(field, 'hex'));
  if (format === 'ISO-0' || format === 'ISO-3')
    Buffer.from(ACCOUNT, 'hex').forEach((byte, i) => {
      bytes[i] = (bytes[i] as number) ^ byte;
    });
  if (format !== 'ISO-4') return bytes;
  const wide = new Uint8Array(16).fill(0x5c);
  wide.set(bytes);
  return wide;
}

function decode(format: PinBlockFormat, clear: Uint8Array): string {
  try {
    return revealPin(decodePinBlock(format, clear, pan), permit);
  } catch (error) {
    if (!(error instanceof PaymentCryptoError)) throw error;
    return `${error.code} ${error.field} ${error.message}`;
  }
}

const FORMATS: readonly PinBlockFormat[] = ['ISO-0', 'ISO-1', 'ISO-2', 'ISO-3', 'ISO-4'];
const FILL = { 'ISO-0': 'F', 'ISO-1': '7', 'ISO-2': 'F', 'ISO-3': 'C', 'ISO-4': 'A' } as const;
const refusalOf = (format: PinBlockFormat): string => decode(format, clearOf(format, 'FFFFFFFFFFFFFFFF'));

describe('PIN-10 format confusion on clear blocks', () => {
  it('every format has the one refusal, and it is the same', () => {
    expect(new Set(FORMATS.map(refusalOf)).size).toBe(1);
    expect(refusalOf('ISO-0')).toMatch(/^ERR_PIN_BLOCK block /);
  });

  it.each(FORMATS)('%s: every first byte 00 to FF with a body of every length', (format) => {
    const wrong: string[] = [];
    const fill = FILL[format];
    for (let first = 0; first < 256; first++)
      for (let length = 0; length <= 14; length++) {
        const field =
          first.toString(16).toUpperCase().padStart(2, '0') +
          '73918264051738'.slice(0, length) +
          fill.repeat(14 - length);
        const expected = expectedPin(format, field) ?? refusalOf(format);
        if (decode(format, clearOf(format, field)) !== expected) wrong.push(field);
      }
    expect(wrong).toEqual([]);
  });

  it.each(FORMATS)('%s: every value of every fill nibble, for every PIN length', (format) => {
    const wrong: string[] = [];
    let accepted = 0;
    for (let length = 4; length <= 12; length++)
      for (let at = 2; at < 16; at++)
        for (let value = 0; value < 16; value++) {
          const field = (
            format.slice(-1) +
            length.toString(16) +
            '739182640517'.slice(0, length) +
            FILL[format].repeat(14 - length)
          ).toUpperCase();
          const changed = field.slice(0, at) + value.toString(16).toUpperCase() + field.slice(at + 1);
          const expected = expectedPin(format, changed);
          if (expected !== undefined) accepted++;
          if (decode(format, clearOf(format, changed)) !== (expected ?? refusalOf(format)))
            wrong.push(changed);
        }
    expect(wrong).toEqual([]);
    expect(accepted).toBeGreaterThan(500);
  });

  it('a block of one format declared as another is refused', () => {
    for (const from of FORMATS)
      for (const to of FORMATS) {
        if (from === to || (from === 'ISO-4') !== (to === 'ISO-4')) continue;
        expect(decode(to, clearBlock(from))).toBe(refusalOf(to));
      }
  });

  it('a block of the other width is refused as input, before any decipherment', () => {
    for (const format of FORMATS) {
      const odd = new Uint8Array(format === 'ISO-4' ? 8 : 16);
      expect(() => decodePinBlock(format, odd, pan)).toThrow(expect.objectContaining({ code: 'ERR_INPUT' }));
      expect(() => parseEncryptedPinBlock(format, '00'.repeat(odd.length))).toThrow(
        expect.objectContaining({ code: 'ERR_INPUT' }),
      );
    }
  });

  it('PIN-09 formats 5 to 15 and the names of other formats do not exist', () => {
    const names = [5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15].map((n) => `ISO-${n}`);
    for (const name of [...names, 'IBM-3624', 'VISA-2', 'VISA-3', 'ECI-2', 'ECI-3', 'DIEBOLD', 'ANSI', '0'])
      for (const call of [
        () => parseEncryptedPinBlock(name as PinBlockFormat, '00'.repeat(8)),
        () => encodePinBlock(name as PinBlockFormat, pin, pan, permit),
        () => encryptPinBlock(pek, pin, pan, name as 'ISO-0'),
      ])
        expect(call).toThrow(expect.objectContaining({ code: 'ERR_PIN_BLOCK_FORMAT' }));
  });

  it('PIN-08 format 2 is never deciphered, enciphered or verified; format 1 is never verified', () => {
    const two = seal('ISO-2', clearBlock('ISO-2'));
    const one = encryptPinBlock(pek, pin, pan, 'ISO-1');
    for (const call of [
      () => decryptPinBlock(pek, two, pan),
      () => encryptPinBlock(pek, pin, pan, 'ISO-2' as 'ISO-0'),
      () => verifyPinBlock({ pek, pvk }, two, pan, reference),
      () => verifyPinBlock({ pek, pvk }, one, pan, reference),
    ])
      expect(call).toThrow(expect.objectContaining({ code: 'ERR_PIN_BLOCK_FORMAT' }));
  });
});

describe('PIN-05 the PAN modification attack on formats 0 and 3', () => {
  it.each(['ISO-0', 'ISO-3'] as const)(
    '%s: no answer of a verification tells a bad block from a wrong PIN',
    (format) => {
      const block = encryptPinBlock(pek, pin, pan, format);
      const head = pan.slice(0, 3);
      const tail = pan.slice(6);
      const answers = new Map<string, number>();
      let refusedByDecode = 0;
      for (let n = 0; n < 1000; n++) {
        // The digits of the PAN that lie over the PIN digits in the block.
        const other = parsePan(head + String(n).padStart(3, '0') + tail, { checkDigit: 'any' });
        const answer = JSON.stringify(verifyBoth(block, other));
        answers.set(answer, (answers.get(answer) ?? 0) + 1);
        if (decrypt(block, other).code !== undefined) refusedByDecode++;
      }
      // Some of the 1 000 do not decode, some decode to another PIN: nobody can tell which.
      expect(refusedByDecode).toBeGreaterThan(0);
      expect(refusedByDecode).toBeLessThan(1000);
      expect([...answers.keys()].every((answer) => !answer.includes('null'))).toBe(true);
      expect((answers.get('[false,false]') ?? 0) + (answers.get('[true,true]') ?? 0)).toBeGreaterThanOrEqual(
        990,
      );
      expect(verifyBoth(block)).toEqual([true, true]);
    },
  );

  it('two PAN digits under the PIN: a hundred PANs, one shape of answer for each', () => {
    const block = encryptPinBlock(pek, pin, pan, 'ISO-0');
    const messages = new Set<string>();
    for (let a = 0; a < 10; a++)
      for (let b = 0; b < 10; b++) {
        const digits = [...pan];
        digits[3] = String(a);
        digits[4] = String(b);
        const other = parsePan(digits.join(''), { checkDigit: 'any' });
        const seen = decrypt(block, other);
        if (seen.code !== undefined) messages.add(`${seen.code} ${seen.message}`);
        if (digits.join('') !== pan)
          expect(verifyPinBlock({ pek, pvk: pvkIbm }, block, other, byOffset)).toBe(false);
      }
    expect(messages.size).toBe(1);
  });

  it('a PAN that differs under the filler of format 0 never decodes', () => {
    for (let at = 8; at < 15; at++)
      for (let digit = 0; digit < 10; digit++) {
        const digits = [...pan];
        if (digits[at] === String(digit)) continue;
        digits[at] = String(digit);
        const other = parsePan(digits.join(''), { checkDigit: 'any' });
        expect(decrypt(encryptPinBlock(pek, pin, pan, 'ISO-0'), other).code).toBe('ERR_PIN_BLOCK');
      }
  });

  it('format 4 under any other PAN does not decode', () => {
    const block = encryptPinBlock(pekAes, pin, pan, 'ISO-4');
    for (let n = 0; n < 500; n++) {
      const other = parsePan(String(4_000_001_234_567_900 + n), { checkDigit: 'any' });
      expect(decrypt(block, other).code).toBe('ERR_PIN_BLOCK');
      expect(verifyBoth(block, other)).toEqual([false, false]);
    }
  });
});

describe('PIN-19 random blocks, as under a wrong key', () => {
  it.each(['ISO-0', 'ISO-3', 'ISO-4'] as const)(
    '%s: 10 000 blocks: true or false, and one refusal',
    (format) => {
      const seen = new Set<string>();
      let yes = 0;
      let state = 0x1234567;
      for (let n = 0; n < 10_000; n++) {
        let hex = '';
        for (let i = 0; i < (format === 'ISO-4' ? 4 : 2); i++) {
          state ^= state << 13;
          state ^= state >>> 17;
          state ^= state << 5;
          hex += (state >>> 0).toString(16).padStart(8, '0');
        }
        const block = parseEncryptedPinBlock(format, hex);
        const answer = verifyPinBlock({ pek: keyOf(format), pvk }, block, pan, reference);
        if (typeof answer !== 'boolean') throw new Error('not a boolean');
        if (answer) yes++;
        const { code, message } = decrypt(block);
        if (code !== undefined) seen.add(`${code} ${message}`);
      }
      // A random block decodes less than once in 10^5, and then verifies once in 10^4.
      expect(yes).toBeLessThanOrEqual(1);
      expect(seen.size).toBe(1);
      expect([...seen][0]).toMatch(/^ERR_PIN_BLOCK /);
    },
  );

  it('the cipher calls are the same for a right PIN, a wrong PIN and a bad block', () => {
    const blockCipher = cipherFor(pek, 'decryptPinBlock');
    const pvkCipher = tdesFor(pvk, 'verifyPvv');
    const decryptions = vi.spyOn(blockCipher, 'decryptWords');
    const encryptions = vi.spyOn(pvkCipher, 'encryptWords');
    try {
      const counts = [
        encryptPinBlock(pek, pin, pan, 'ISO-0'),
        encryptPinBlock(pek, parsePin('1234'), pan, 'ISO-0'),
        encryptPinBlock(pek, parsePin('12345'), pan, 'ISO-0'),
        parseEncryptedPinBlock('ISO-0', '0123456789ABCDEF'),
        seal('ISO-0', clearOf('ISO-0', '0373AFFFFFFFFFFF')),
      ].map((block) => {
        decryptions.mockClear();
        encryptions.mockClear();
        verifyPinBlock({ pek, pvk }, block, pan, reference);
        return [decryptions.mock.calls.length, encryptions.mock.calls.length];
      });
      expect(counts).toEqual(counts.map(() => [1, 1]));
    } finally {
      decryptions.mockRestore();
      encryptions.mockRestore();
    }
  });
});

describe('a verification that was prepared', () => {
  const prepared = () => {
    const keys = {
      pek: randomKey(pek.attributes, 16),
      pvk: randomKey(pvk.attributes, 16),
    };
    const stored = generatePvv(keys.pvk, pin, pan, parsePvki('1'));
    return {
      keys,
      compare: prepareVerifyPinBlock(keys, encryptPinBlock(keys.pek, pin, pan, 'ISO-0'), pan, stored),
    };
  };

  it('answers each time as the verification does', () => {
    const { compare } = prepared();
    expect([compare(), compare(), compare()]).toEqual([true, true, true]);
  });

  it.each(['pek', 'pvk'] as const)('refuses, and does not answer no, once the %s was destroyed', (name) => {
    const { keys, compare } = prepared();
    keys[name].destroy();
    expect(compare).toThrow(expect.objectContaining({ code: 'ERR_KEY_DESTROYED' }));
  });

  it('refuses malformed blocks, PANs and references before a try is paid', async () => {
    const records = createMemoryRecords<TryCounter>();
    records.put('card', createTryCounter(3));
    const block = encryptPinBlock(pek, pin, pan, 'ISO-0');
    const wrong: (() => () => boolean)[] = [
      () => prepareVerifyPinBlock({ pek, pvk }, { format: 'ISO-0', block: 'zz' }, pan, reference),
      () => prepareVerifyPinBlock({ pek, pvk }, { format: 'ISO-1', block: block.block }, pan, reference),
      () => prepareVerifyPinBlock({ pek, pvk }, block, '1' as typeof pan, reference),
      () =>
        prepareVerifyPinBlock({ pek, pvk }, block, pan, { ...reference, pvv: '12' as typeof reference.pvv }),
      () => prepareVerifyPinBlock({ pek: pvk as never, pvk }, block, pan, reference),
    ];
    for (const prepare of wrong)
      await expect((async () => verifyPin(records, 'card', prepare()))()).rejects.toBeInstanceOf(
        PaymentCryptoError,
      );
    expect(await records.read('card')).toMatchObject({ taken: 0 });
    const bad = parseEncryptedPinBlock('ISO-0', '0123456789ABCDEF');
    expect(
      await verifyPin(records, 'card', prepareVerifyPinBlock({ pek, pvk }, bad, pan, reference)),
    ).toEqual({
      outcome: 'rejected',
      triesLeft: 2,
    });
  });
});

describe('PIN-04 the length is no oracle', () => {
  it.each(['ISO-0', 'ISO-3', 'ISO-4'] as const)(
    '%s: blocks of length 0 to 15 that begin like the PIN are all a no',
    (format) => {
      for (let length = 0; length < 16; length++) {
        const body = PIN.slice(0, length).padEnd(Math.min(14, length), '8').padEnd(14, FILL[format]);
        const block = seal(format, clearOf(format, format.slice(-1) + length.toString(16) + body));
        const expected = length === 4;
        expect([length, ...verifyBoth(block)]).toEqual([length, expected, expected]);
        if (length < 4 || length > 12) expect(decrypt(block).code).toBe('ERR_PIN_BLOCK');
      }
    },
  );

  it('PIN-11 a longer PIN that begins with the right one is a no, in every length', () => {
    for (let length = 5; length <= 12; length++) {
      const long = encryptPinBlock(pek, parsePin(PIN.padEnd(length, '0')), pan, 'ISO-0');
      expect(verifyBoth(long)).toEqual([false, false]);
      expect(decrypt(long).decrypted).toHaveLength(length);
    }
  });

  it('a policy has its least length as a floor that no caller lowers', () => {
    for (const minLength of [0, 1, 2, 3])
      expect(() => definePinPolicy({ minLength })).toThrow(expect.objectContaining({ code: 'ERR_INPUT' }));
    for (let min = 4; min <= 12; min++) {
      const policy = definePinPolicy({ minLength: min, maxLength: 12 });
      for (let length = 4; length <= 12; length++) {
        const given = parsePin('739182640517'.slice(0, length));
        if (length >= min) expect(() => requirePinPolicy(given, policy)).not.toThrow();
        else
          expect(() => requirePinPolicy(given, policy)).toThrow(expect.objectContaining({ code: 'ERR_PIN' }));
      }
    }
  });
});

describe('PIN-12 the dictionary of format 0', () => {
  it('format 0 is deterministic, as documented; formats 3 and 4 are not', () => {
    const blocks = (format: 'ISO-0' | 'ISO-3' | 'ISO-4', count: number): number =>
      new Set(Array.from({ length: count }, () => encryptPinBlock(keyOf(format), pin, pan, format).block))
        .size;
    expect(blocks('ISO-0', 50)).toBe(1);
    expect(blocks('ISO-4', 5000)).toBe(5000);
    // 6^10 fills of a PIN of four digits: 1 000 draws collide once in 120 runs.
    expect(blocks('ISO-3', 1000)).toBeGreaterThanOrEqual(998);
  });
});
