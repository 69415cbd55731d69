/**
 * Corners that laws and matrices do not come by: each a refusal or a choice that a reader of the code
 * would ask about.
 */
import { describe, expect, it } from 'vitest';
import { aes } from '../../src/aes/block.ts';
import type { UnixSeconds } from '../../src/brand.ts';
import { cardCvkOf } from '../../src/dcvv2/scheme.ts';
import { PaymentCryptoError } from '../../src/error.ts';
import {
  type CardCodeState,
  createCapabilityAuthority,
  createCardCodeState,
  createMemoryRecords,
  decryptPinBlock,
  defineDynamicCvv2,
  defineIbm3624Method,
  definePanRange,
  defineTokenProfile,
  detokenizePan,
  enableDynamicCvv2,
  encryptFf1,
  encryptPinBlock,
  generateDynamicCvv2,
  generatePvv,
  holdIssuedCode,
  issueDynamicCode,
  openPin,
  parseExpiry,
  parsePan,
  parsePin,
  parsePsn,
  parsePvki,
  parseUnixSeconds,
  pinOffset,
  randomKey,
  sealCode,
  verifyCardCode,
  verifyDynamicCvv2,
  verifyPinBlock,
  wrapKeyBlock,
} from '../../src/index.ts';
import { importClearKey, splitKey } from '../../src/keys/clear-face.ts';
import { openKeyBlock } from '../../src/keys/key-block-binding.ts';
import { decodeKeyBlockHeader, encodeKeyBlockHeader } from '../../src/keys/key-block-header.ts';
import { Alphabet } from '../../src/mode/alphabet.ts';
import { Ff1 } from '../../src/mode/ff1.ts';
import { pad, unpad } from '../../src/mode/pad.ts';
import { reduce } from '../../src/mode/reduce.ts';
import { range, seededTdesKey } from '../support/arbitraries.ts';

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof PaymentCryptoError) return error.code;
    throw error;
  }
  return 'none';
}

const E = { exportability: 'E' } as const;
const pan = parsePan('4000000000285066');
const card = { pan, psn: parsePsn('00'), expiry: parseExpiry('2812') };
const at = parseUnixSeconds(1_795_132_800);

/** A source that gives the listed draws, then bytes that count up. */
function scripted(...draws: readonly number[]) {
  let call = 0;
  let next = 1;
  return {
    fill(out: Uint8Array): void {
      const value = draws[call++];
      for (let i = 0; i < out.length; i++) out[i] = value ?? next++ & 255;
    },
  };
}

describe('JS-11 random sources', () => {
  it('that repeat themselves are refused for keys, and a zero draw too', () => {
    const attributes = { usage: 'K1', algorithm: 'A', mode: 'B', ...E } as const;
    expect(codeOf(() => randomKey(attributes, 16, { random: scripted(0) }))).toBe('ERR_INTERNAL');
    expect(codeOf(() => randomKey(attributes, 16, { random: scripted(7) }))).toBe('ERR_INTERNAL');
  });

  it('that repeat a draw give no components', () => {
    const key = randomKey({ usage: 'D0', algorithm: 'A', mode: 'B', ...E }, 16);
    const permit = createCapabilityAuthority({ now: () => 1 as UnixSeconds }).grant('export-clear-key', 9);
    const same = { fill: (out: Uint8Array) => out.set(out.map((_, i) => i)) };
    expect(codeOf(() => splitKey(key, 3, permit, { random: same }))).toBe('ERR_INTERNAL');
  });
});

describe('PAN ranges', () => {
  const whole = { from: '000', to: '999' };
  it('with nothing left are refused', () => {
    expect(codeOf(() => definePanRange({ iin: '40000012', length: 12, exclude: [whole] }))).toBe(
      'ERR_PAN_SPACE',
    );
  });

  it('sort their exclusions, and refuse those that overlap', () => {
    const high = { from: '500', to: '599' };
    const low = { from: '000', to: '099' };
    const { exclude, available } = definePanRange({ iin: '40000012', length: 12, exclude: [high, low] });
    expect(exclude.map(({ from }) => from)).toEqual(['000', '500']);
    expect(available).toBe(800);
    const overlapping = [low, { from: '099', to: '100' }];
    expect(codeOf(() => definePanRange({ iin: '40000012', length: 12, exclude: overlapping }))).toBe(
      'ERR_INPUT',
    );
  });
});

describe('token profiles', () => {
  it('need a length, and an offset only where it is used', () => {
    expect(codeOf(() => defineTokenProfile({ kind: 'alphanumeric', panLengths: [] }))).toBe('ERR_INPUT');
    const valid = {
      kind: 'numeric',
      panLengths: [16],
      keepFirst: 6,
      keepLast: 0,
      luhn: 'valid',
      panLike: true,
    } as const;
    expect(codeOf(() => defineTokenProfile({ ...valid, checkDigitOffset: 2 }))).toBe('ERR_INPUT');
  });

  it('refuse numeric tokens of another length or with a letter', () => {
    const key = randomKey({ usage: 'D0', algorithm: 'A', mode: 'B', ...E }, 16);
    const profile = defineTokenProfile({ kind: 'numeric', panLengths: [16], keepFirst: 0, keepLast: 0 });
    for (const token of ['400000000028506', '400000000028506A'])
      expect(codeOf(() => detokenizePan(key, token, profile, 't'))).toBe('ERR_TOKEN');
  });
});

describe('FF1', () => {
  it('refuses a tweak beyond 1024 bytes, a radix beyond 65536, text that is not text', () => {
    const key = randomKey({ usage: 'D0', algorithm: 'A', mode: 'B', ...E }, 16);
    expect(codeOf(() => encryptFf1(key, 10, [0, 1, 2, 3, 4, 5], new Uint8Array(1025)))).toBe('ERR_INPUT');
    expect(codeOf(() => new Ff1(aes(new Uint8Array(16).fill(1)), 65_537))).toBe('ERR_INPUT');
    expect(codeOf(() => new Alphabet('01').toNumerals(5 as unknown as string))).toBe('ERR_INPUT');
  });

  it('reduces to zero where the last bit completes the modulus', () => {
    // Odd, above 2^45: the bitwise road. Twice half of it and one is the modulus.
    const modulus = 2 ** 52 + 1;
    expect(reduce(0, 1, modulus)).toBe(1);
    // r · 2^32 + word = modulus for r = 2^20, word = 1.
    expect(reduce(2 ** 20, 1, modulus)).toBe(0);
  });
});

describe('padding', () => {
  it('is not found in what is empty or no whole blocks', () => {
    expect(unpad(new Uint8Array(0), 'pkcs7', 8)).toBeUndefined();
    expect(unpad(pad(new Uint8Array(3), 'iso9797-2', 8).subarray(1), 'iso9797-2', 8)).toBeUndefined();
  });
});

describe('key blocks', () => {
  const header = {
    version: 'D',
    usage: 'D0',
    algorithm: 'A',
    mode: 'B',
    keyVersion: '00',
    exportability: 'E',
  } as const;

  it('carry optional blocks of printable text, each once, 9999 characters in all', () => {
    const write = (optionalBlocks: readonly { readonly id: string; readonly text: string }[]) =>
      codeOf(() => encodeKeyBlockHeader({ ...header, optionalBlocks }, 0));
    expect(write([{ id: 'KS', text: 'a\u0003' }])).toBe('ERR_KEY_BLOCK');
    expect(write([{ id: 'KS', text: 'x'.repeat(9990) }])).toBe('ERR_KEY_BLOCK');
    expect(
      write([
        { id: 'KS', text: '1' },
        { id: 'KS', text: '2' },
      ]),
    ).toBe('ERR_KEY_BLOCK');
    expect(codeOf(() => decodeKeyBlockHeader('D0000D0AB00E0200KS051KS052'))).toBe('ERR_KEY_BLOCK');
  });

  it.each([
    ['A', 16 + 16 + 8],
    ['B', 16 + 16 + 16],
    ['C', 16 + 16 + 8],
    ['D', 16 + 32 + 32],
    // Under a key stream: two bytes of length and one of key.
    ['E', 16 + 6 + 32],
  ])('of version %s have %i characters at least: header, enciphered key, MAC', (version, least) => {
    const codes = range(16, least).map((length) => {
      const header = `${version}${String(length).padStart(4, '0')}P0TE00E0000`;
      return codeOf(() => openKeyBlock(new Uint8Array(16), header.padEnd(length, '0')));
    });
    expect(codes.pop()).toBe('ERR_KEY_BLOCK_AUTH');
    expect(new Set(codes)).toEqual(new Set(['ERR_KEY_BLOCK']));
  });

  it('keep a long optional block in the extended form', () => {
    const text = 'x'.repeat(300);
    const written = encodeKeyBlockHeader({ ...header, optionalBlocks: [{ id: 'CT', text }] }, 0);
    expect(written.slice(16, 26)).toBe('CT00040136');
    expect(decodeKeyBlockHeader(written).header.optionalBlocks).toEqual([{ id: 'CT', text }]);
  });
});

describe('objects that only the library makes', () => {
  it('cannot be made by the constructor of one', () => {
    const key = randomKey({ usage: 'K1', algorithm: 'A', mode: 'B', ...E }, 16);
    const permit = createCapabilityAuthority({ now: () => 1 as UnixSeconds }).grant('reveal-pin', 9);
    for (const made of [key, parsePin('1234'), permit]) {
      const Made = made.constructor as new (...rest: unknown[]) => unknown;
      expect(codeOf(() => new Made(Symbol('made'), {}, new Uint8Array(16)))).toBe('ERR_POLICY');
    }
  });
});

describe('codes and PINs', () => {
  it('a code block with fewer than four digits holds no PIN', () => {
    const key = randomKey({ usage: 'D0', algorithm: 'T', mode: 'B', ...E }, 16);
    expect(codeOf(() => openPin(key, sealCode(key, '123', 'random-fill')))).toBe('ERR_CODE_BLOCK');
  });

  it('a reference that is neither a PVV nor an offset is refused', () => {
    const pek = randomKey({ usage: 'P0', algorithm: 'T', mode: 'B', ...E }, 16);
    const pvk = randomKey({ usage: 'V2', algorithm: 'T', mode: 'C', ...E }, 16);
    const block = encryptPinBlock(pek, parsePin('1234'), pan, 'ISO-0');
    expect(codeOf(() => verifyPinBlock({ pek, pvk } as never, block, pan, {} as never))).toBe('ERR_INPUT');
  });

  it('a derived key that would be weak names the card as the cause', () => {
    expect(codeOf(() => cardCvkOf(new Uint8Array(16)))).toBe('ERR_KEY_WEAK');
  });
});

describe('dynamic CVV2', () => {
  const window = { past: 0, future: 0 } as const;
  const common = { digits: 3, t0: 0, periodSeconds: 1200 } as const;
  const staticCvk = randomKey({ usage: 'C0', algorithm: 'T', mode: 'C', ...E }, 16);

  it('a direct key of mode V verifies and does not generate', () => {
    const cvk = randomKey({ usage: 'C0', algorithm: 'T', mode: 'V', ...E }, 16);
    const scheme = defineDynamicCvv2({
      profile: 'cvv-time',
      cvk,
      staticCvk,
      reissue: 'new-pan-only',
      ...common,
    });
    expect(verifyDynamicCvv2(scheme, card, 'xyz', { at, window }).ok).toBe(false);
    expect(codeOf(() => generateDynamicCvv2(scheme, card, at))).toBe('ERR_KEY_MODE');
  });

  it('a custom algorithm sees the key of the card where there is one', () => {
    const cardKey = randomKey({ usage: 'M7', algorithm: 'H', mode: 'C', ...E }, 32);
    const seen: boolean[] = [];
    const generate = (shown: object): string => {
      seen.push(Object.hasOwn(shown, 'cardKey'));
      return '123';
    };
    const scheme = defineDynamicCvv2({ profile: 'custom', name: 'test', generate, ...common });
    generateDynamicCvv2(scheme, { ...card, cardKey }, at);
    generateDynamicCvv2(scheme, card, at);
    expect(seen).toEqual([true, false]);
  });

  it('the code of a card with a key of its own is verified under the budget', async () => {
    const cardKey = randomKey({ usage: 'M7', algorithm: 'H', mode: 'C', ...E }, 32);
    const scheme = defineDynamicCvv2({
      profile: 'totp',
      hash: 'SHA-256',
      masterKey: 'provisioned',
      ...common,
    });
    const own = { ...card, cardKey };
    const records = createMemoryRecords<CardCodeState>();
    records.put('card', enableDynamicCvv2(createCardCodeState(3), scheme, own, at));
    const code = generateDynamicCvv2(scheme, own, at);
    const checks = { at, scheme: { scheme, card: own, window } };
    expect(await verifyCardCode(records, 'card', code, checks)).toEqual({ outcome: 'verified' });
    expect(await verifyCardCode(records, 'card', code, checks)).toEqual({
      outcome: 'rejected',
      triesLeft: 2,
    });
  });

  it('a missing check costs no try, whichever kind of code counts', async () => {
    const key = randomKey({ usage: 'M7', algorithm: 'H', mode: 'C', ...E }, 32);
    const terms = { digits: 3, at, lifetimeSeconds: 60, staticCvv2: '123' } as const;
    const { issued } = issueDynamicCode(key, { tenant: 't', card: 'c', generation: 0 }, terms);
    const records = createMemoryRecords<CardCodeState>();
    records.put('issued', holdIssuedCode(createCardCodeState(3), issued));
    records.put('static', createCardCodeState(3));
    for (const id of ['issued', 'static']) {
      await expect(verifyCardCode(records, id, '123', { at })).rejects.toMatchObject({ code: 'ERR_INPUT' });
      expect((await records.read(id))?.tries.taken).toBe(0);
    }
  });

  it('a code whose scheme was switched off while it was verified does not count', async () => {
    const masterKey = randomKey({ usage: 'M7', algorithm: 'H', mode: 'X', ...E }, 32);
    const scheme = defineDynamicCvv2({ profile: 'totp', hash: 'SHA-1', masterKey, ...common });
    const records = createMemoryRecords<CardCodeState>();
    records.put('card', enableDynamicCvv2(createCardCodeState(3), scheme, card, at));
    let reads = 0;
    const meanwhile = {
      ...records,
      read: async (id: string) => {
        const state = await records.read(id);
        // The second read is the settlement's: by then the static code counts again.
        if (++reads === 2 && state !== undefined) records.put(id, { ...state, active: 'static' });
        return records.read(id);
      },
    };
    const code = generateDynamicCvv2(scheme, card, at);
    const answer = await verifyCardCode(meanwhile, 'card', code, { at, scheme: { scheme, card, window } });
    expect(answer).toEqual({ outcome: 'rejected', triesLeft: 2 });
  });
});

describe('PIN-16 a PIN that came with a PAN', () => {
  const pek = randomKey({ usage: 'P0', algorithm: 'T', mode: 'B', ...E }, 16);
  const other = parsePan('4111111111111111');
  const came = decryptPinBlock(pek, encryptPinBlock(pek, parsePin('1234'), pan, 'ISO-0'), pan);

  it('gives no PVV and no offset of another PAN', () => {
    const pvk = randomKey({ usage: 'V2', algorithm: 'T', mode: 'C', ...E }, 16);
    const ibm = randomKey({ usage: 'V1', algorithm: 'T', mode: 'C', ...E }, 16);
    const validationData = { start: 0, from: 'left', digits: 12, padSide: 'right', padDigit: 'F' } as const;
    const method = defineIbm3624Method({ dectab: '0123456789012345', validationData, pinLength: 4 });
    expect(codeOf(() => generatePvv(pvk, came, other, parsePvki(1)))).toBe('ERR_POLICY');
    expect(codeOf(() => pinOffset(ibm, came, other, method))).toBe('ERR_POLICY');
    for (const none of ['12', undefined] as unknown as (typeof other)[]) {
      expect(codeOf(() => generatePvv(pvk, came, none, parsePvki(1)))).toBe('ERR_PAN');
      expect(codeOf(() => pinOffset(ibm, came, none, method))).toBe('ERR_PAN');
    }
    expect(codeOf(() => generatePvv(pvk, came, pan, parsePvki(1)))).toBe('none');
    expect(codeOf(() => pinOffset(ibm, came, pan, method))).toBe('none');
  });
});

describe('wrapping', () => {
  it('does not put a key under itself, whichever object holds it', () => {
    const raw = seededTdesKey(9, 24);
    const kekOfRaw = () => importClearKey({ usage: 'K1', algorithm: 'T', mode: 'B', ...E }, raw);
    const kbpk = kekOfRaw();
    for (const key of [kbpk, kekOfRaw()])
      expect(codeOf(() => wrapKeyBlock(kbpk, key, 'B'))).toBe('ERR_POLICY');
  });

  it('needs a KBPK as strong as the key, and charges nothing when it refuses', () => {
    const kbpk = randomKey({ usage: 'K1', algorithm: 'T', mode: 'B', ...E }, 16);
    const key = randomKey({ usage: 'D0', algorithm: 'A', mode: 'B', ...E }, 16);
    const before = kbpk.blocksLeft;
    expect(codeOf(() => wrapKeyBlock(kbpk, key, 'B'))).toBe('ERR_KEY_WEAK');
    expect(kbpk.blocksLeft).toBe(before);
  });
});
