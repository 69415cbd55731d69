/**
 * The decimalisation table attack: whoever chooses the table of a verification asks questions about
 * the digits of a PIN.
 *
 * M. Bond, P. Zieliński, "Decimalisation table attacks for PIN cracking", UCAM-CL-TR-560 (2003).
 *
 * Here a table belongs to a method that is defined once. The last group runs the published attack
 * against the building block below that rule, to show that the attack is real and the rule is what
 * stops it.
 */
import { describe, expect, it } from 'vitest';
import * as cw from '../../src/index.ts';
import {
  defineIbm3624Method,
  naturalPin,
  parseDectab,
  parsePan,
  parsePin,
  parsePinOffset,
  pinOffset,
  randomKey,
  verifyPinBlock,
  verifyPinOffset,
} from '../../src/index.ts';
import { tdesFor } from '../../src/keys/key.ts';
import { computeNaturalPin } from '../../src/pin/ibm3624.ts';
import { validationDataOf } from '../../src/pin/ibm3624-method.ts';

const TABLE = '0123456789012345';
const LAYOUT = { start: 1, from: 'right', digits: 12, padSide: 'right', padDigit: 'F' } as const;
const method = defineIbm3624Method({ dectab: TABLE, validationData: LAYOUT, pinLength: 4 });
const pvk = randomKey({ usage: 'V1', algorithm: 'T', mode: 'C', exportability: 'N' }, 16);
const pek = randomKey({ usage: 'P0', algorithm: 'T', mode: 'B', exportability: 'N' }, 16);
const pan = parsePan('4000001234567899');
const pin = parsePin('7391');
const offset = pinOffset(pvk, pin, pan, method);
const block = cw.encryptPinBlock(pek, pin, pan, 'ISO-0');

/** 0 everywhere but 1 where the natural digit is `digit`: the table of the first questions. */
const zeroOne = (digit: number): string =>
  Array.from(TABLE, (d) => (Number(d) === digit ? '1' : '0')).join('');

/** The table with every `digit` raised by one: the table that keeps every sanity rule. */
const raised = (digit: number): string =>
  Array.from(TABLE, (d) => (Number(d) === digit ? String((digit + 1) % 10) : d)).join('');

const codeOf = (call: () => unknown): string => {
  try {
    return `answered ${JSON.stringify(call())}`;
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
};

describe('PIN-01, PIN-02 a table cannot be chosen per call', () => {
  it('no function of the library but the definition of a method takes a table', () => {
    const takers = Object.entries(cw)
      .filter(([, value]) => typeof value === 'function' && /dectab/i.test(String(value)))
      .map(([name]) => name)
      .sort();
    expect(takers).toEqual(['defineIbm3624Method', 'parseDectab']);
  });

  it('a method object that was not defined is refused, by one code, whatever its table', () => {
    const codes = new Set<string>();
    for (let digit = 0; digit < 10; digit++)
      for (const dectab of [zeroOne(digit), raised(digit), TABLE]) {
        const forgeries = [
          { ...method, dectab },
          Object.freeze({ ...method, dectab }),
          Object.create(method, { dectab: { value: dectab } }),
          Object.setPrototypeOf({ dectab }, method),
          new Proxy(method, {
            get: (target, name) => (name === 'dectab' ? dectab : Reflect.get(target, name)),
          }),
          JSON.parse(JSON.stringify({ ...method, dectab })),
        ] as (typeof method)[];
        for (const forged of forgeries) {
          codes.add(codeOf(() => verifyPinOffset(pvk, pin, pan, { offset, method: forged })));
          codes.add(codeOf(() => verifyPinBlock({ pek, pvk }, block, pan, { offset, method: forged })));
          codes.add(codeOf(() => naturalPin(pvk, pan, forged)));
          codes.add(codeOf(() => pinOffset(pvk, pin, pan, forged)));
          codes.add(codeOf(() => cw.pinFromOffset(pvk, offset, pan, forged)));
        }
      }
    expect([...codes]).toEqual(['ERR_INPUT']);
  });

  it('a table handed in beside the method is not looked at', () => {
    const odd = { offset, method, dectab: zeroOne(7) } as unknown as {
      offset: typeof offset;
      method: typeof method;
    };
    expect(verifyPinOffset(pvk, pin, pan, odd)).toBe(true);
    expect(verifyPinOffset(pvk, parsePin('7392'), pan, odd)).toBe(false);
  });

  it('a defined method cannot be changed', () => {
    const open = method as unknown as { dectab: string; validationData: { start: number } };
    expect(() => {
      open.dectab = zeroOne(0);
    }).toThrow(TypeError);
    expect(() => {
      open.validationData.start = 0;
    }).toThrow(TypeError);
  });

  it('the object that a method was defined from is copied', () => {
    const given = { dectab: TABLE, validationData: { ...LAYOUT, start: 1 }, pinLength: 4 };
    const defined = defineIbm3624Method(given);
    given.dectab = raised(3);
    given.validationData.start = 0;
    expect(defined).toEqual(method);
    expect(verifyPinOffset(pvk, pin, pan, { offset, method: defined })).toBe(true);
  });
});

describe('the hygiene rule for tables', () => {
  const refused = [
    ...Array.from({ length: 10 }, (_, digit) => zeroOne(digit)),
    '0000000000000000',
    '0000000100000000',
    '0123456012345601',
    '0000123456789012'.replace('9', '0'),
    '1111123456789056',
  ];

  it.each(refused)('refuses %s', (table) => {
    expect(codeOf(() => parseDectab(table))).toBe('ERR_DECTAB');
    expect(codeOf(() => defineIbm3624Method({ dectab: table, validationData: LAYOUT, pinLength: 4 }))).toBe(
      'ERR_DECTAB',
    );
  });

  it('takes the usual tables', () => {
    for (const table of [TABLE, '9876543210987654', '0123456789123456', '8351296477461538'])
      expect(parseDectab(table)).toBe(table);
  });

  it('does not stop the attack: every table it needs passes, which is why a method is fixed', () => {
    for (let digit = 0; digit < 10; digit++)
      if (new Set(raised(digit)).size >= 8) expect(parseDectab(raised(digit))).toBe(raised(digit));
    expect(
      Array.from({ length: 10 }, (_, digit) => raised(digit)).filter((t) =>
        codeOf(() => parseDectab(t)).startsWith('answered'),
      ).length,
    ).toBeGreaterThanOrEqual(9);
  });
});

describe('PIN-03 the offset belongs to the card', () => {
  it('of all offsets only the stored one verifies, so that walking them is guessing', () => {
    let right = 0;
    for (let n = 0; n < 10_000; n++)
      if (verifyPinOffset(pvk, pin, pan, { offset: parsePinOffset(String(n).padStart(4, '0')), method }))
        right++;
    expect(right).toBe(1);
  });
});

describe('teeth: with a free table below the rule the attack recovers PINs', () => {
  const cipher = tdesFor(pvk, 'verifyPinOffset');

  /** A verification as the attacked command had it: table and offset are the caller's. */
  function oracle(attacked: string, account: typeof pan) {
    let calls = 0;
    const data = validationDataOf(account, LAYOUT);
    const ask = (table: string, trialOffset: string): boolean => {
      calls++;
      const natural = computeNaturalPin(cipher, data, table, 4);
      return Array.from(natural, (d, i) => (Number(d) + Number(trialOffset[i])) % 10).join('') === attacked;
    };
    return { ask, calls: () => calls };
  }

  /** Which digits occur, then where: raise one digit in the table and undo it by the offset, place by place. */
  function attack(ask: (table: string, trialOffset: string) => boolean, stored: string): string {
    const found: (number | undefined)[] = [undefined, undefined, undefined, undefined];
    for (let digit = 0; digit < 10 && found.includes(undefined); digit++) {
      if (ask(raised(digit), stored)) continue;
      for (let places = 1; places < 16; places++) {
        const compensated = Array.from(stored, (d, i) =>
          ((places >> i) & 1) === 1 ? String((Number(d) + 9) % 10) : d,
        ).join('');
        if (!ask(raised(digit), compensated)) continue;
        for (let i = 0; i < 4; i++) if (((places >> i) & 1) === 1) found[i] = digit;
        break;
      }
    }
    return found.map((natural, i) => String(((natural as number) + Number(stored[i])) % 10)).join('');
  }

  it('200 of 200 PINs, in far fewer questions than guesses would take', () => {
    let recovered = 0;
    let asked = 0;
    for (let n = 0; n < 200; n++) {
      const account = parsePan(String(4_000_001_000_000_000 + n * 7919), { checkDigit: 'any' });
      const secret = String((n * 6151 + 17) % 10_000).padStart(4, '0');
      const stored = pinOffset(pvk, parsePin(secret), account, method);
      const { ask, calls } = oracle(secret, account);
      if (attack(ask, stored) === secret) recovered++;
      asked += calls();
    }
    expect(recovered).toBe(200);
    expect(asked / 200).toBeLessThan(60);
  });

  it('0 of 200 against the library, which refuses every question alike', () => {
    let answered = 0;
    for (let n = 0; n < 200; n++) {
      const ask = (table: string, trialOffset: string): boolean => {
        try {
          const forged = Object.freeze({ ...method, dectab: table }) as unknown as typeof method;
          const answer = verifyPinBlock({ pek, pvk }, block, pan, {
            offset: parsePinOffset(trialOffset),
            method: forged,
          });
          answered++;
          return answer;
        } catch {
          return false;
        }
      };
      attack(ask, offset.replace(/./, String(n % 10)));
    }
    expect(answered).toBe(0);
  });
});
