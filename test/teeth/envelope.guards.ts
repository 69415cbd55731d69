/** Guards around envelopes, code blocks and sealed fields: what is told of the contents, and whose they are. */
import type { SealedField } from '../../src/brand.ts';
import { lengthPrefixed } from '../../src/bytes/length-prefixed.ts';
import { randomSource } from '../../src/bytes/random.ts';
import { fieldSealer } from '../../src/hsm/sealed-field.ts';
import {
  type EnvelopeAlgorithm,
  encryptLegacyBlocks,
  type Key,
  openEnvelope,
  PaymentCryptoError,
  parsePin,
  randomKey,
  sealEnvelope,
  sealPin,
  TDES_BLOCK_BUDGET,
  wrapKeyBlock,
} from '../../src/index.ts';
import { importClearKey } from '../../src/keys/clear.ts';
import { chargeBlocks } from '../../src/keys/key.ts';
import { aesGcmSeal, asciiToHex, hkdf } from '../support/oracle/cipher.ts';
import { lpBytes } from '../support/oracle/lp.ts';
import type { Guard } from './guard.ts';

const KEK = { usage: 'K1', algorithm: 'A', mode: 'B', exportability: 'N' } as const;
const TDES_KEK = { usage: 'K1', algorithm: 'T', mode: 'B', exportability: 'N' } as const;
const DATA_KEY = { usage: 'D0', algorithm: 'T', mode: 'E', exportability: 'N' } as const;
const AES_DATA_KEY = { usage: 'D0', algorithm: 'A', mode: 'B', exportability: 'E' } as const;
const FIELD_KEY = { usage: 'D3', algorithm: 'A', mode: 'B', exportability: 'N' } as const;

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase();
const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
const ascii = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

const EMPTY = new Uint8Array(0);

/** PINs that many people have; the victim is one of them. */
const COMMON = ['1234', '1111', '0000', '1212', '7777', '1004', '2000', '4444', '2222', '6969'] as const;
const VICTIMS = '4444';

/** Bytes of an envelope under an AES KEK before the IV, of the IV and tag of TDES-CBC-HMAC, and of its blocks. */
const HEADER = 5 + 144;
const TAG = 32;
const BLOCK = 8;

/** Whether a refusal tells more than that an envelope does not open. */
function saysMore(open: () => unknown): boolean {
  try {
    open();
    return true;
  } catch (error) {
    if (!(error instanceof PaymentCryptoError)) throw error;
    return error.code !== 'ERR_ENVELOPE_AUTH';
  }
}

/**
 * The last digits of a block, from the last to the first: with an IV that turns a digit that was guessed right into
 * 80, and those behind it into 00, the padding is right.
 */
function recoveredByPadding(): string {
  const kek = randomKey(KEK, 32);
  const sealed = sealEnvelope(kek, ascii('PIN=4837'), EMPTY, { algorithm: 'TDES-CBC-HMAC' });
  const cut = Uint8Array.from(sealed.subarray(0, HEADER + 2 * BLOCK + TAG));
  let found = '';
  for (let at = BLOCK - 1; at >= 4; at--)
    for (const digit of '0123456789') {
      const guess = ascii(digit + found);
      const asked = Uint8Array.from(cut);
      guess.forEach((byte, i) => {
        asked[HEADER + at + i] = (cut[HEADER + at + i] as number) ^ byte ^ (i === 0 ? 0x80 : 0);
      });
      if (!saysMore(() => openEnvelope(kek, asked, EMPTY))) continue;
      found = digit + found;
      break;
    }
  return found;
}

/** The victim's PIN by a dictionary: what `seal` makes of common PINs is compared with what was captured. */
function foundInDictionary(seal: (pin: string) => Uint8Array): boolean {
  const captured = hexOf(seal(VICTIMS));
  return COMMON.find((pin) => hexOf(seal(pin)) === captured) === VICTIMS;
}

/** Whether an envelope opens where it does not belong: with a PIN that the thief knows, in the victim's place. */
function opensElsewhere(algorithm: EnvelopeAlgorithm, own: readonly (string | number)[]): boolean {
  const kek = randomKey(KEK, 32);
  const envelope = sealEnvelope(kek, ascii('1111'), lengthPrefixed(...own), { algorithm });
  return textOf(openEnvelope(kek, envelope, lengthPrefixed('tenant', 'victim', 'pin', 1))) === '1111';
}

/** Another card, another field, an earlier generation. */
const movedOrPutBack = (algorithm: EnvelopeAlgorithm): boolean =>
  [
    ['tenant', 'thief', 'pin', 1],
    ['tenant', 'victim', 'hint', 1],
    ['tenant', 'victim', 'pin', 0],
  ].every((own) => opensElsewhere(algorithm, own));

/** An envelope of somebody who has not the KEK: any key block, and the contents under a secret that he knows. */
function forgedUnder(kek: Key<'K1'>, keyBlock: string, secret: string): boolean {
  const iv = '00'.repeat(12);
  const before = `0102${kek.kcv}${asciiToHex(keyBlock)}${iv}`;
  const key = hkdf('SHA256', secret, '', asciiToHex('enc'), 32);
  const { ciphertext, tag } = aesGcmSeal(key, iv, lpBytes(before, ''), asciiToHex('forged'));
  return textOf(openEnvelope(kek, bytesOf(before + ciphertext + tag), EMPTY)) === 'forged';
}

export const GUARDS: readonly Guard[] = [
  {
    ids: ['EN-01'],
    guard: 'nothing is deciphered before the tag holds',
    cuts: [
      {
        file: 'envelope/envelope.ts',
        passage: 'if (!holds || !whole) return undefined;',
        instead: 'if (!whole) return undefined;',
      },
      {
        file: 'envelope/envelope.ts',
        passage: "return unpad(padded, 'iso9797-2', TDES_BLOCK_BYTES);",
        instead: `const plaintext = unpad(padded, 'iso9797-2', TDES_BLOCK_BYTES);
    if (plaintext === undefined) return undefined;
    return holds ? plaintext : fail('ERR_INPUT', 'envelope', 'the tag of an envelope');`,
      },
    ],
    attack: () => recoveredByPadding() === '4837',
  },
  {
    ids: ['EN-02'],
    guard: 'each envelope has a secret of its own, and behind it an IV of its own: both are cut',
    cuts: [
      {
        file: 'envelope/envelope.ts',
        passage: 'const secret = drawSecret(scheme, random);',
        instead: 'const secret = Uint8Array.from({ length: SECRET_BYTES }, (_, i) => i);',
      },
      {
        file: 'envelope/envelope.ts',
        passage: 'const iv = randomBytes(scheme.ivBytes, random);',
        instead: 'const iv = new Uint8Array(scheme.ivBytes);',
      },
    ],
    attack() {
      const kek = randomKey(KEK, 32);
      const algorithm = 'AES-256-GCM';
      return foundInDictionary((pin) =>
        sealEnvelope(kek, ascii(pin), EMPTY, { algorithm }).subarray(HEADER, HEADER + 12 + pin.length),
      );
    },
  },
  {
    ids: ['EN-02'],
    guard: 'the code block of a PIN is filled at random',
    cuts: [
      {
        file: 'envelope/code-block.ts',
        passage: "if (layout === 'random-fill') nibbles.push(...randomBelow(16, rest, random));",
        instead: "if (layout === 'random-fill') for (let i = 0; i < rest; i++) nibbles.push(0);",
      },
    ],
    attack() {
      const key = randomKey(DATA_KEY, 16);
      return foundInDictionary((pin) => sealPin(key, parsePin(pin)));
    },
  },
  {
    ids: ['EN-02'],
    guard: 'each sealed field has a nonce of its own, though a chunk of a batch has one data key',
    cuts: [
      {
        file: 'hsm/sealed-field.ts',
        passage: 'const nonce = randomBytes(GCM_NONCE_BYTES, random);',
        instead: 'const nonce = new Uint8Array(GCM_NONCE_BYTES);',
      },
    ],
    attack() {
      const sealer = fieldSealer(randomKey(FIELD_KEY, 32), randomSource(undefined));
      const contents = (field: SealedField): Uint8Array => Buffer.from(field, 'base64').subarray(29, 33);
      // The first is the attacker's own PIN, in the same chunk.
      const [own, victims] = ['1111', VICTIMS].map((pin) => contents(sealer.seal(ascii(pin), EMPTY)));
      const found = ascii('1111').map((byte, i) => byte ^ (own?.[i] as number) ^ (victims?.[i] as number));
      return textOf(found) === VICTIMS;
    },
  },
  {
    ids: ['EN-03', 'EN-04'],
    guard: 'the HMAC of an envelope covers its context',
    cuts: [
      {
        file: 'envelope/envelope.ts',
        passage: 'lengthPrefixed(join(before, body), context)',
        instead: 'join(before, body)',
      },
    ],
    attack: () => movedOrPutBack('TDES-CBC-HMAC'),
  },
  {
    ids: ['EN-03', 'EN-04'],
    guard: 'the associated data of an envelope hold its context',
    cuts: [
      {
        file: 'envelope/envelope.ts',
        passage: 'gcmSeal(key, iv, plaintext, lengthPrefixed(join(before, iv), context))',
        instead: 'gcmSeal(key, iv, plaintext, join(before, iv))',
      },
      {
        file: 'envelope/envelope.ts',
        passage: 'sealed.subarray(this.ivBytes),\n      lengthPrefixed(join(before, iv), context),',
        instead: 'sealed.subarray(this.ivBytes), join(before, iv),',
      },
    ],
    attack: () => movedOrPutBack('AES-256-GCM'),
  },
  {
    ids: ['EN-05'],
    guard: 'a TDES key enciphers 2^20 blocks and no more',
    cuts: [
      {
        file: 'keys/key.ts',
        passage: "if (rule === 'enforce' && blocks > contents.blocksLeft)",
        instead: 'if (false)',
      },
    ],
    attack() {
      const key = randomKey(DATA_KEY, 16);
      return (
        encryptLegacyBlocks(key, new Uint8Array(8 * (TDES_BLOCK_BUDGET + 1))).length > 8 * TDES_BLOCK_BUDGET
      );
    },
  },
  {
    ids: ['EN-05'],
    guard: 'each envelope is booked on its KEK',
    cuts: [
      {
        file: 'envelope/envelope.ts',
        passage: "chargeBlocks(kek, (2 + SECRET_BYTES + padding.length) / 8, 'enforce');",
        instead: '',
      },
    ],
    attack() {
      const kek = randomKey(TDES_KEK, 24);
      // As after a batch of two hundred thousand cards, five blocks each.
      chargeBlocks(kek, TDES_BLOCK_BUDGET, 'report');
      const envelope = sealEnvelope(kek, ascii(VICTIMS), EMPTY, { algorithm: 'AES-256-GCM' });
      return textOf(openEnvelope(kek, envelope, EMPTY)) === VICTIMS;
    },
  },
  {
    ids: ['EN-06'],
    guard:
      'an envelope whose secret did not open stays closed: the zeros in its place are known to everybody',
    cuts: [{ file: 'envelope/envelope.ts', passage: 'return sound && ours && ', instead: 'return ours && ' }],
    attack: () => forgedUnder(randomKey(KEK, 32), 'D'.repeat(144), '00'.repeat(32)),
  },
  {
    ids: ['EN-10'],
    guard:
      'the secret of an envelope is one by its header: another key under the KEK, known to its owner, is none',
    cuts: [
      {
        file: 'envelope/envelope.ts',
        passage:
          'header.usage === usage &&\n      header.algorithm === algorithm &&\n      header.mode === mode &&\n',
        instead: '',
      },
    ],
    attack() {
      const kek = randomKey(KEK, 32);
      const own = hkdf('SHA256', '01', '', '', 32);
      const exported = wrapKeyBlock(kek, importClearKey(AES_DATA_KEY, bytesOf(own)), 'D');
      return forgedUnder(kek, exported, own);
    },
  },
];
