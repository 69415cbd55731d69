/** Guards against what the language and its platform do with options, text and chance. */
import {
  createCapabilityAuthority,
  decryptLegacyBlocks,
  defineIbm3624Method,
  encryptPinBlock,
  type KeyAttributes,
  naturalPin,
  parsePan,
  parsePin,
  parseUnixSeconds,
  randomKey,
  revealPin,
} from '../../src/index.ts';
import { importClearKeyHex } from '../../src/keys/clear-face.ts';
import type { Guard } from './guard.ts';
import { DATA, isKeyOf, known, messageOf } from './known-key.ts';
import { PIN, tdesKey, VICTIM } from './thief.ts';

const PVK: KeyAttributes<'V1'> = { usage: 'V1', algorithm: 'T', mode: 'C', exportability: 'N' };
const authority = createCapabilityAuthority({ now: () => parseUnixSeconds(0) });
const METHOD = defineIbm3624Method({
  dectab: '0123456789012345',
  validationData: { start: 0, from: 'left', digits: 16, padSide: 'right', padDigit: 'F' },
  pinLength: 4,
});

const fillKnown = <T extends Uint8Array>(out: T): T => {
  out.set(known().subarray(0, out.length));
  return out;
};

/** Runs with a property that everything inherits. */
function polluted<T>(name: string, value: unknown, act: () => T): T {
  Object.defineProperty(Object.prototype, name, { value, configurable: true });
  try {
    return act();
  } finally {
    delete (Object.prototype as Record<string, unknown>)[name];
  }
}

export const GUARDS: readonly Guard[] = [
  {
    ids: ['ST-04'],
    guard: 'options are own properties',
    cuts: [
      {
        file: 'input.ts',
        passage: 'for (const name of namesOf(value, field)) {',
        instead: 'for (const name of names) {',
      },
    ],
    attack: () => polluted('random', { fill: fillKnown }, () => isKeyOf(randomKey(DATA, 16, {}), known())),
  },
  {
    ids: ['JS-01'],
    guard: 'an error tells the kind of what came, not what it was',
    cuts: [
      {
        file: 'error.ts',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: a passage of the source.
        passage: "if (typeof value === 'string') return `length=${value.length}`;",
        instead: "if (typeof value === 'string') return value;",
      },
    ],
    attack: () => messageOf(() => parsePan('400000123456789x')).includes('400000123456789'),
  },
  {
    ids: ['JS-05'],
    guard: 'every character of hex is one: as a pattern, and digit by digit',
    cuts: [
      {
        file: 'keys/clear.ts',
        passage: "requirePattern(hex, /^([0-9A-Fa-f]{2})*$/, 128, 'hex', '32 to 128 hex digits');",
        instead: '',
      },
      {
        file: 'bytes/hex.ts',
        passage: "if ((high | low) < 0) fail(code, field, expected, 'another character');",
        instead: '',
      },
    ],
    // A text that stands for a key becomes one that everybody can guess.
    attack: () => isKeyOf(importClearKeyHex(DATA, '?'.repeat(32)), new Uint8Array(16).fill(255)),
  },
  {
    ids: ['JS-05'],
    guard: 'hex comes in pairs: as a pattern, and by its length',
    cuts: [
      {
        file: 'keys/clear.ts',
        passage: "requirePattern(hex, /^([0-9A-Fa-f]{2})*$/, 128, 'hex', '32 to 128 hex digits');",
        instead: '',
      },
      {
        file: 'bytes/hex.ts',
        passage: 'if (text.length % 2 !== 0 || (bytes !== undefined && text.length !== bytes * 2))',
        instead: 'if (bytes !== undefined && text.length < bytes * 2)',
      },
    ],
    // A digit that was lost on the way moves all that follow, and the last one is dropped.
    attack() {
      const hex = Buffer.from(known()).toString('hex');
      const moved = `${hex.slice(0, 7)}${hex.slice(8)}a5`;
      return isKeyOf(importClearKeyHex(DATA, moved), Uint8Array.from(Buffer.from(moved.slice(0, 32), 'hex')));
    },
  },
  {
    ids: ['JS-07'],
    guard: 'digits are those of ASCII',
    cuts: [
      {
        file: 'bytes/digits.ts',
        passage: 'if (code < 0x30 || code > 0x39) return false;',
        instead: 'if (!/[0-9\\u{1d7ce}-\\u{1d7ff}\\uff10-\\uff19]/u.test(text[i] as string)) return false;',
      },
    ],
    // One card under two texts: whoever keeps tries, or a list of stolen cards, by PAN does not know the other.
    attack() {
      const pan = '4000001234567899';
      const wide = pan.replace(/[0-9]/g, (digit) => String.fromCharCode(0xff10 + Number(digit)));
      const pvk = randomKey(PVK, 16);
      const pinOf = (text: string): string =>
        revealPin(
          naturalPin(pvk, parsePan(text, { checkDigit: 'any' }), METHOD),
          authority.grant('reveal-pin', 60),
        );
      return pinOf(wide) === pinOf(pan);
    },
  },
  {
    ids: ['JS-10'],
    guard: 'the random source of the platform is the one of when the library was loaded',
    cuts: [
      {
        file: 'bytes/random.ts',
        passage: 'const getRandomValues = crypto.getRandomValues.bind(crypto);',
        instead: 'const getRandomValues = (out: Uint8Array) => crypto.getRandomValues(out);',
      },
    ],
    attack() {
      Object.defineProperty(crypto, 'getRandomValues', { value: fillKnown, configurable: true });
      try {
        return isKeyOf(randomKey(DATA, 16), known());
      } finally {
        delete (crypto as { getRandomValues?: unknown }).getRandomValues;
      }
    },
  },
  {
    ids: ['JS-10'],
    guard: 'what a key permits is asked by the set of when the library was loaded',
    cuts: [
      {
        file: 'keys/key.ts',
        passage: 'operations: Object.assign(new Set(operations), { has }),',
        instead: 'operations: new Set(operations),',
      },
    ],
    // A set that has everything: the key of PINs deciphers their blocks as data.
    attack() {
      const pek = tdesKey('pek', 'P0', 'B');
      const { block } = encryptPinBlock(pek, parsePin(PIN), VICTIM, 'ISO-0');
      const { has } = Set.prototype;
      Set.prototype.has = () => true;
      try {
        const clear = decryptLegacyBlocks(pek as never, Uint8Array.from(Buffer.from(block, 'hex')));
        return Buffer.from(clear).toString('hex').slice(2, 6) === PIN;
      } finally {
        Set.prototype.has = has;
      }
    },
  },
  {
    ids: ['JS-11'],
    guard: 'a source that gives one value over and over makes no key',
    cuts: [
      {
        file: 'bytes/random.ts',
        passage: 'if (length >= TELLING_BYTES && out.every((byte) => byte === out[0])) stuck();',
        instead: '',
      },
    ],
    attack: () =>
      isKeyOf(
        randomKey(DATA, 16, { random: { fill: (out) => void out.fill(7) } }),
        new Uint8Array(16).fill(7),
      ),
  },
];
