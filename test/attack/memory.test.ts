/**
 * Memory of callers and of secrets: what others can write, take away or change in size while it is read, and what
 * is left in the buffers that were handed out. Strings cannot be wiped, and the engine may copy; what is shown is
 * that no buffer in which a secret came to somebody else still has it.
 */
import { createCipheriv } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { UnixSeconds } from '../../src/brand.ts';
import * as cw from '../../src/index.ts';
import {
  combineComponents,
  defineCipherBackend,
  exportClearKey,
  importClearKey,
  splitKey,
} from '../../src/keys/clear-face.ts';

const ATTRIBUTES = { usage: 'D0', algorithm: 'A', mode: 'B', exportability: 'E' } as const;
const KEK = { usage: 'K1', algorithm: 'A', mode: 'B', exportability: 'N' } as const;
const authority = cw.createCapabilityAuthority({ now: () => 0 as UnixSeconds });
const permit = authority.grant('export-clear-key', 60);
const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** A source that keeps what it filled. */
function keeping(): { readonly kept: Uint8Array[]; fill(out: Uint8Array): void } {
  const kept: Uint8Array[] = [];
  return {
    kept,
    fill(out) {
      crypto.getRandomValues(out);
      kept.push(out);
    },
  };
}

/** Memory of so many bytes that may become 64; the types of the platform do not know it yet. */
function resizable(length: number): ArrayBuffer & { resize(length: number): void } {
  return Reflect.construct(ArrayBuffer, [length, { maxByteLength: 64 }]) as ReturnType<typeof resizable>;
}

const codeOf = (act: () => unknown): string => {
  try {
    act();
    return 'none';
  } catch (error) {
    return (error as { code?: string }).code ?? 'untyped';
  }
};

describe('JS-08 what a secret came in', () => {
  it.each([16, 24, 32] as const)('the draw of a key of %i bytes is wiped', (length) => {
    const random = keeping();
    const key = cw.randomKey(ATTRIBUTES, length, { random });
    expect(random.kept.length).toBeGreaterThan(0);
    expect(random.kept.every(isZero)).toBe(true);
    expect(isZero(exportClearKey(key, permit))).toBe(false);
  });

  it('the draws of PINs are wiped, one and many', () => {
    const policy = cw.definePinPolicy({});
    const random = keeping();
    cw.randomPin(policy, 4, { random });
    cw.randomPins(policy, 4, 100, { random });
    expect(random.kept.length).toBeGreaterThan(1);
    expect(random.kept.every(isZero)).toBe(true);
  });

  it.each(['gives a cipher', 'throws', 'gives another cipher'])(
    'a key that a backend was handed is wiped where it %s',
    (how) => {
      const kept: Uint8Array[] = [];
      const backend = defineCipherBackend({
        aes(bytes) {
          kept.push(bytes);
          if (how === 'throws') throw new Error('no AES');
          const cipher = createCipheriv('aes-256-ecb', Uint8Array.from(bytes), null);
          return {
            encryptBlocks(src, dst) {
              if (how === 'gives a cipher') dst.set(cipher.update(src));
            },
            wipe: () => undefined,
          };
        },
      });
      const key = cw.randomKey(ATTRIBUTES, 32);
      const column = () => ({ data: new Uint8Array(160).fill(0x31), digits: 16, encoding: 'ascii' }) as const;
      const code = codeOf(() => cw.encryptFf1Column(key, column(), new Uint8Array(0), column(), { backend }));
      expect(code === 'none').toBe(how === 'gives a cipher');
      expect(kept.length).toBeGreaterThan(0);
      expect(kept.every(isZero)).toBe(true);
      expect(kept[0]?.length).toBe(32);
    },
  );

  it('what a caller brings is his: it is copied, and his to wipe', () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    const before = Uint8Array.from(bytes);
    const key = importClearKey(ATTRIBUTES, bytes);
    expect(same(bytes, before)).toBe(true);
    bytes.fill(0);
    expect(same(exportClearKey(key, permit), before)).toBe(true);
    const parts = splitKey(key, 2, permit);
    const kept = parts.map((part) => Uint8Array.from(part.bytes));
    combineComponents(ATTRIBUTES, parts);
    expect(parts.every((part, i) => same(part.bytes, kept[i] as Uint8Array))).toBe(true);
  });

  it('a PIN and a key that were destroyed do nothing any more', () => {
    const key = cw.randomKey(ATTRIBUTES, 16);
    const pin = cw.parsePin('7391');
    key.destroy();
    pin.destroy();
    expect(codeOf(() => exportClearKey(key, permit))).toBe('ERR_KEY_DESTROYED');
    expect(codeOf(() => cw.revealPin(pin, authority.grant('reveal-pin', 60)))).toBe('ERR_PIN');
  });
});

describe('ST-06 memory that does not stay as it is', () => {
  const kek = cw.randomKey(KEK, 32);
  const context = Uint8Array.of(1, 2, 3);
  const seal = (plaintext: Uint8Array, random?: { fill(out: Uint8Array): void }): Uint8Array =>
    cw.sealEnvelope(kek, plaintext, context, { algorithm: 'AES-256-GCM', ...(random && { random }) });

  it('that another thread can write is refused wherever it is not read once', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(32)).fill(7);
    for (const act of [
      () => importClearKey(ATTRIBUTES, shared.subarray(0, 16)),
      () => seal(shared),
      () => cw.openEnvelope(kek, shared, context),
      () => cw.openEnvelope(kek, seal(context), shared),
      () => combineComponents(ATTRIBUTES, [{ bytes: shared.subarray(0, 16), kcv: '000000' }] as never),
    ])
      expect(['ERR_INPUT', 'ERR_KEY_COMPONENT']).toContain(codeOf(act));
  });

  it('that was transferred away is refused, and is not taken for empty', () => {
    const gone = (): Uint8Array => {
      const bytes = new Uint8Array(16).fill(7);
      structuredClone(bytes, { transfer: [bytes.buffer] });
      return bytes;
    };
    for (const act of [
      () => importClearKey(ATTRIBUTES, gone()),
      () => seal(gone()),
      () => cw.openEnvelope(kek, gone(), context),
      () => cw.openEnvelope(kek, seal(context), gone()),
    ])
      expect(codeOf(act)).toBe('ERR_INPUT');
  });

  it('that shrank to before where bytes begin is refused', () => {
    const buffer = resizable(32);
    const bytes = new Uint8Array(buffer, 16, 16).fill(9);
    buffer.resize(8);
    for (const act of [
      () => importClearKey(ATTRIBUTES, bytes),
      () => seal(bytes),
      () => cw.sealEnvelope(kek, context, bytes, { algorithm: 'AES-256-GCM' }),
      () => cw.openEnvelope(kek, bytes, context),
      () => cw.openEnvelope(kek, seal(context), bytes),
      () => cw.encryptFf1(cw.randomKey(ATTRIBUTES, 16), 10, [1, 2, 3, 4, 5, 6], bytes),
      () => cw.parsePins({ data: bytes, digits: 4, encoding: 'ascii' }),
    ])
      expect(codeOf(act)).toBe('ERR_INPUT');
  });

  it('that can be resized is read as it is, and what is kept of it does not follow', () => {
    const buffer = resizable(16);
    const bytes = crypto.getRandomValues(new Uint8Array(buffer));
    const before = Uint8Array.from(bytes);
    const key = importClearKey(ATTRIBUTES, bytes);
    const sealed = seal(bytes);
    buffer.resize(0);
    expect(same(exportClearKey(key, permit), before)).toBe(true);
    expect(same(cw.openEnvelope(kek, sealed, context), before)).toBe(true);
    buffer.resize(64);
    expect(codeOf(() => importClearKey(ATTRIBUTES, bytes))).toBe('ERR_KEY_LENGTH');
  });

  it.each(['shrunk', 'transferred'])('that is %s in the middle of a call seals nothing else', (how) => {
    const buffer = resizable(32);
    const bytes = new Uint8Array(buffer).fill(9);
    let sealed: Uint8Array | undefined;
    try {
      sealed = seal(bytes, {
        fill(out) {
          crypto.getRandomValues(out);
          if (bytes.length === 0) return;
          if (how === 'shrunk') buffer.resize(0);
          else structuredClone(buffer, { transfer: [buffer] });
        },
      });
    } catch {
      // A caller who takes his own memory away gets no envelope.
    }
    const opened = sealed === undefined ? undefined : cw.openEnvelope(kek, sealed, context);
    expect(opened === undefined || same(opened, new Uint8Array(32).fill(9))).toBe(true);
  });
});

describe('JS-06 numbers where digits are meant', () => {
  const LOOKS = [
    '',
    ' ',
    '1e3',
    '0x1F',
    '+123',
    '-123',
    '12.0',
    '1_0',
    '12\u0000',
    ' 12',
    '12 ',
    'NaN',
    '1n',
  ];
  const PARSERS: { readonly [name: string]: (value: never) => unknown } = {
    parsePan: cw.parsePan,
    parsePin: cw.parsePin,
    parseExpiry: cw.parseExpiry,
    parseServiceCode: cw.parseServiceCode,
    parsePsn: cw.parsePsn,
    parsePvv: cw.parsePvv,
    parsePvki: cw.parsePvki,
    parseDectab: cw.parseDectab,
    parseUnixSeconds: cw.parseUnixSeconds,
    createTryCounter: cw.createTryCounter,
  };

  it.each(Object.entries(PARSERS))('%s takes no text that only a number is made of', (_, parse) => {
    for (const look of LOOKS) {
      const texts = [look, look.padEnd(3, '0'), look.padEnd(4, '0'), look.padEnd(16, '0'), look.padStart(4)];
      for (const text of texts) {
        if (/^[0-9]*$/.test(text) && text !== '') continue;
        expect(codeOf(() => parse(text as never))).toMatch(/^ERR_/);
      }
    }
  });

  it.each(['parsePan', 'parsePin', 'parseExpiry', 'parseServiceCode', 'parsePsn', 'parsePvv'])(
    '%s takes no number: leading zeros, and digits beyond 2^53, would be lost',
    (name) => {
      const parse = PARSERS[name] as (value: never) => unknown;
      for (const value of [0, 12, 101, 1234, 4000001234567899, 6304000000000000123n, Number.NaN])
        expect(codeOf(() => parse(value as never))).toMatch(/^ERR_/);
    },
  );
});
