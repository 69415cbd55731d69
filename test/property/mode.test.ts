import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aes } from '../../src/aes/block.ts';
import { gcmOpen, gcmSeal } from '../../src/aes/gcm.ts';
import { tdes } from '../../src/des/tdes.ts';
import { decryptCbc, encryptCbc } from '../../src/mode/cbc.ts';
import { macAlgorithm1, macAlgorithm2, macAlgorithm3, macAlgorithm4 } from '../../src/mode/cbc-mac.ts';
import { cmac } from '../../src/mode/cmac.ts';
import { cryptCtr } from '../../src/mode/ctr.ts';
import { decryptEcb, encryptEcb } from '../../src/mode/ecb.ts';
import { PADDINGS, pad, unpad } from '../../src/mode/pad.ts';
import { at, bytes, codeOf, hex, range, same, seededBytes } from '../support/arbitraries.ts';

const MARKED = ['iso9797-2', 'iso7816-4', 'pkcs7', 'x9.23'] as const;
const CIPHERS = [
  { name: 'TDES, 2 keys', cipher: tdes(seededBytes(1, 16)) },
  { name: 'TDES, 3 keys', cipher: tdes(seededBytes(2, 24)) },
  { name: 'AES-128', cipher: aes(seededBytes(3, 16)) },
  { name: 'AES-192', cipher: aes(seededBytes(4, 24)) },
  { name: 'AES-256', cipher: aes(seededBytes(5, 32)) },
];
const flip = (raw: Uint8Array, bit: number): Uint8Array => {
  const out = Uint8Array.from(raw);
  out[bit >>> 3] = at(out, bit >>> 3) ^ (0x80 >>> (bit & 7));
  return out;
};

describe('padding', () => {
  it('taking it off gives the message again, for every method with a mark', () => {
    fc.assert(
      fc.property(
        bytes(0, 70),
        fc.constantFrom(...MARKED),
        fc.constantFrom(8, 16),
        (message, padding, block) => {
          const padded = pad(message, padding, block);
          expect(padded.length % block).toBe(0);
          expect(padded.length).toBeGreaterThan(message.length);
          expect(padded.length).toBeLessThanOrEqual(message.length + block);
          const back = unpad(padded, padding, block);
          expect(back !== undefined && same(back, message)).toBe(true);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('taking it off accepts nothing that putting it on would not have made', () => {
    // Whole blocks whose last bytes are nearly a padding.
    const nearly = fc.constantFrom(8, 16).chain((block) =>
      fc.tuple(
        fc
          .tuple(
            bytes(block),
            fc.integer({ min: 0, max: block - 1 }),
            fc.constantFrom(0, 0, 0x80, 1, 2, 8, 9, block, block + 1),
            fc.constantFrom(0, 0, 0, 0x80, 1, 2, 8, block, block + 1, 255),
          )
          .map(([start, from, fill, last]) => {
            const raw = Uint8Array.from(start).fill(fill, from);
            if (fill === 0) raw[from] = 0x80;
            if (last > 0) raw[block - 1] = last;
            return raw;
          }),
        fc.constantFrom(...MARKED),
        fc.constant(block),
      ),
    );
    let accepted = 0;
    fc.assert(
      fc.property(nearly, ([raw, padding, block]) => {
        const given = Uint8Array.from(raw);
        const message = unpad(given, padding, block);
        if (message === undefined) return;
        accepted++;
        expect(same(pad(message, padding, block), given)).toBe(true);
      }),
      { numRuns: 3000 },
    );
    expect(accepted).toBeGreaterThan(50);
  });

  it('every count byte that is not one of 1 to the block is refused', () => {
    for (const block of [8, 16])
      for (let count = 0; count < 256; count++) {
        const padded = new Uint8Array(2 * block).fill(count);
        expect(unpad(padded, 'pkcs7', block) !== undefined).toBe(count >= 1 && count <= block);
      }
  });

  it('methods without a mark keep the message in front, and method 3 its length in bits before it', () => {
    fc.assert(
      fc.property(bytes(0, 70), fc.constantFrom(8, 16), (message, block) => {
        expect(same(pad(message, 'none', block), message)).toBe(true);
        const zeros = pad(message, 'zero', block);
        const one = pad(message, 'iso9797-1', block);
        const three = pad(message, 'iso9797-3', block);
        expect(zeros.length).toBe(Math.ceil(message.length / block) * block);
        expect(one.length).toBe(Math.max(block, zeros.length));
        expect(same(zeros.subarray(0, message.length), message)).toBe(true);
        expect(one.subarray(message.length).every((byte) => byte === 0)).toBe(true);
        expect(same(three.subarray(block), one)).toBe(true);
        expect(BigInt(`0x${hex(three.subarray(0, block))}`)).toBe(BigInt(8 * message.length));
      }),
    );
  });

  it('never alters the message and never hands it back itself', () => {
    const message = seededBytes(9, 16);
    const before = hex(message);
    for (const padding of PADDINGS) {
      const padded = pad(message, padding, 8);
      padded.fill(0);
      expect(hex(message)).toBe(before);
    }
  });
});

describe.each(CIPHERS)('modes over $name', ({ cipher }) => {
  const size = cipher.blockBytes;
  const whole = fc.integer({ min: 0, max: 6 }).chain((blocks) => bytes(blocks * size));

  it('deciphering undoes enciphering, both ways, in both modes', () => {
    fc.assert(
      fc.property(whole, bytes(size), (data, iv) => {
        const before = hex(data);
        expect(same(decryptEcb(cipher, encryptEcb(cipher, data)), data)).toBe(true);
        expect(same(encryptEcb(cipher, decryptEcb(cipher, data)), data)).toBe(true);
        expect(same(decryptCbc(cipher, iv, encryptCbc(cipher, iv, data)), data)).toBe(true);
        expect(same(encryptCbc(cipher, iv, decryptCbc(cipher, iv, data)), data)).toBe(true);
        expect(hex(data)).toBe(before);
      }),
    );
  });

  it('words and bytes are one cipher, and the output may be the input', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }).chain((blocks) => bytes(blocks * size)),
        (data) => {
          const out = new Uint8Array(data.length);
          cipher.encryptBlocks(data, out);
          const inPlace = Uint8Array.from(data);
          cipher.encryptBlocks(inPlace, inPlace);
          expect(same(inPlace, out)).toBe(true);
          const view = new DataView(data.buffer, data.byteOffset, size);
          const block = Int32Array.from(range(0, size / 4 - 1), (i) => view.getInt32(4 * i));
          cipher.encryptWords(block);
          const first = new DataView(out.buffer);
          expect([...block]).toEqual(range(0, size / 4 - 1).map((i) => first.getInt32(4 * i)));
          cipher.decryptBlocks(inPlace, inPlace);
          expect(same(inPlace, data)).toBe(true);
        },
      ),
    );
  });

  it('ECB repeats what is repeated, CBC does not', () => {
    const data = new Uint8Array(4 * size);
    const ecb = encryptEcb(cipher, data);
    expect(same(ecb.subarray(0, size), ecb.subarray(size, 2 * size))).toBe(true);
    const cbc = encryptCbc(cipher, new Uint8Array(size), data);
    expect(new Set(range(0, 3).map((i) => hex(cbc.subarray(i * size, (i + 1) * size)))).size).toBe(4);
  });

  it('a changed bit of CBC garbles its block and flips the same bit of the next, no other', () => {
    fc.assert(
      fc.property(bytes(4 * size), bytes(size), fc.nat(), (data, iv, n) => {
        const sealed = encryptCbc(cipher, iv, data);
        const bit = n % (8 * 3 * size);
        const opened = decryptCbc(cipher, iv, flip(sealed, bit));
        const hit = Math.floor(bit / (8 * size));
        const expected = flip(data, bit + 8 * size);
        range(0, 3).forEach((i) => {
          const equal = same(
            opened.subarray(i * size, (i + 1) * size),
            expected.subarray(i * size, (i + 1) * size),
          );
          expect(equal).toBe(i !== hit);
        });
      }),
      { numRuns: 50 },
    );
  });

  it('CTR undoes itself, keeps the length, and a changed bit changes that bit', () => {
    fc.assert(
      fc.property(bytes(0, 5 * size), bytes(size), fc.nat(), (data, start, n) => {
        const sealed = cryptCtr(cipher, start, data);
        expect(sealed.length).toBe(data.length);
        expect(same(cryptCtr(cipher, start, sealed), data)).toBe(true);
        if (data.length === 0) return;
        const bit = n % (8 * data.length);
        expect(same(cryptCtr(cipher, start, flip(sealed, bit)), flip(data, bit))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('refuses data that is not whole blocks and an IV of another size', () => {
    for (const length of range(1, 2 * size - 1)) {
      if (length === size) continue;
      const data = new Uint8Array(length);
      for (const call of [
        () => encryptEcb(cipher, data),
        () => decryptEcb(cipher, data),
        () => encryptCbc(cipher, new Uint8Array(size), data),
        () => decryptCbc(cipher, new Uint8Array(size), data),
        () => encryptCbc(cipher, data, new Uint8Array(size)),
        () => cryptCtr(cipher, data, new Uint8Array(size)),
        () => macAlgorithm1(cipher, data),
      ])
        expect(codeOf(call)).toBe('ERR_INPUT');
    }
  });

  it('a CMAC changes with every bit of the message and with its length', () => {
    for (const length of [1, size - 1, size, size + 1, 3 * size]) {
      const message = seededBytes(length, length);
      const macs = new Set([hex(cmac(cipher, message))]);
      for (let bit = 0; bit < 8 * length; bit++) macs.add(hex(cmac(cipher, flip(message, bit))));
      // What padding would make of it is another message.
      macs.add(hex(cmac(cipher, Uint8Array.of(...message, 0x80))));
      macs.add(hex(cmac(cipher, Uint8Array.of(...message, 0))));
      macs.add(hex(cmac(cipher, message.subarray(1))));
      expect(macs.size).toBe(8 * length + 4);
    }
  });

  it('the MAC of one block is its cipher block, and a longer one is the last block of CBC', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }).chain((blocks) => bytes(blocks * size)),
        (data) => {
          const chain = encryptCbc(cipher, new Uint8Array(size), data);
          const last = chain.subarray(-size);
          expect(same(macAlgorithm1(cipher, data), last)).toBe(true);
          const other = at(CIPHERS, cipher.blockBytes === 8 ? 1 : 4).cipher;
          expect(same(macAlgorithm2(cipher, other, data), encryptEcb(other, last))).toBe(true);
          expect(same(macAlgorithm3(cipher, other, data), encryptEcb(cipher, decryptEcb(other, last)))).toBe(
            true,
          );
        },
      ),
    );
  });

  it('MAC algorithm 4 is algorithm 2 with one more encipherment of the first block', () => {
    fc.assert(
      fc.property(bytes(3 * size), (data) => {
        const other = at(CIPHERS, cipher.blockBytes === 8 ? 0 : 3).cipher;
        const first = encryptEcb(other, encryptEcb(cipher, data.subarray(0, size)));
        const rest = encryptCbc(cipher, first, data.subarray(size)).subarray(-size);
        expect(same(macAlgorithm4(cipher, other, other, data), encryptEcb(other, rest))).toBe(true);
      }),
    );
  });
});

describe('AES-GCM', () => {
  it('opens what it sealed, and nothing of which a bit was changed', () => {
    const key = seededBytes(21, 32);
    const nonce = seededBytes(22, 12);
    const associated = seededBytes(23, 9);
    const plaintext = seededBytes(24, 21);
    const sealed = gcmSeal(key, nonce, plaintext, associated);
    const opened = gcmOpen(key, nonce, sealed, associated);
    expect(opened !== undefined && same(opened, plaintext)).toBe(true);
    for (let bit = 0; bit < 8 * sealed.length; bit++)
      expect(gcmOpen(key, nonce, flip(sealed, bit), associated)).toBe(undefined);
    for (let bit = 0; bit < 8 * associated.length; bit++)
      expect(gcmOpen(key, nonce, sealed, flip(associated, bit))).toBe(undefined);
    for (let bit = 0; bit < 96; bit++)
      expect(gcmOpen(key, flip(nonce, bit), sealed, associated)).toBe(undefined);
  });
});
