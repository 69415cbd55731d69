/** Guards around key blocks: what binds a key to its header, and under what a key leaves. */
import { createHash } from 'node:crypto';
import {
  createCapabilityAuthority,
  decryptLegacyBlocks,
  encryptFf1,
  encryptPinBlock,
  type Key,
  openEnvelope,
  PaymentCryptoError,
  parsePan,
  parsePin,
  parseUnixSeconds,
  randomKey,
  sealEnvelope,
  translatePinBlock,
  unwrapKeyBlock,
  wrapKeyBlock,
} from '../../src/index.ts';
import { exportClearKey, importClearKey } from '../../src/keys/clear.ts';
import * as oracle from '../support/oracle/keyblock.ts';
import { decodePinBlock, decryptPinBlock } from '../support/oracle/pinblock.ts';
import type { Guard } from './guard.ts';

const TDES_KBPK = { usage: 'K1', algorithm: 'T', mode: 'B', exportability: 'N' } as const;
const AES_KBPK = { usage: 'K1', algorithm: 'A', mode: 'B', exportability: 'N' } as const;
const PIN_KEY = { usage: 'P0', algorithm: 'T', mode: 'B', exportability: 'E' } as const;
const AES_KEY = { usage: 'D0', algorithm: 'A', mode: 'B', exportability: 'E' } as const;

const pan = parsePan('4000001234567899');
const PIN = '73918';
const authority = createCapabilityAuthority({ now: () => parseUnixSeconds(0) });
const mayExport = authority.grant('export-clear-key', 60);
const mayStore = authority.grant('store-key', 60);

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase();
const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
const clearOf = (key: Key): string => hexOf(exportClearKey(key, mayExport));

/** A short protection key that the attacker found by a search, and a long one of his own. */
const FOUND_KBPK = '0123456789ABCDEFFEDCBA9876543210';
const OWN_KBPK = FOUND_KBPK + FOUND_KBPK;

const EMPTY = new Uint8Array(0);

/** Eight-byte units of what a block of version B has enciphered, and what is before and after. */
function unitsOf(block: string): {
  readonly before: string;
  readonly units: readonly string[];
  readonly mac: string;
} {
  return {
    before: block.slice(0, 16),
    units: block.slice(16, -16).match(/.{16}/g) ?? [],
    mac: block.slice(-16),
  };
}

/**
 * The first unit of one wrapped key with the others of a key that the attacker knows. In CBC a unit becomes the
 * clear one xor the unit before it, so that he knows all but six bytes of what comes out.
 */
function splicedWithKnownKey(): boolean {
  const kbpk = randomKey(TDES_KBPK, 24);
  const own = randomKey(PIN_KEY, 24);
  const victims = randomKey(PIN_KEY, 16);
  const [theirs, ours] = [wrapKeyBlock(kbpk, victims, 'B'), wrapKeyBlock(kbpk, own, 'B')].map(unitsOf) as [
    ReturnType<typeof unitsOf>,
    ReturnType<typeof unitsOf>,
  ];
  const [first, ...rest] = [theirs.units[0], ...ours.units.slice(1)] as [string, ...string[]];
  const key = unwrapKeyBlock(kbpk, theirs.before + first + rest.join('') + theirs.mac) as Key<'P0'>;

  const [a, b, known] = [bytesOf(first), bytesOf(ours.units[0] as string), bytesOf(clearOf(own))];
  // What he would have to search: 42 bits.
  const searched = bytesOf(clearOf(victims)).subarray(0, 6);
  const middle = known.subarray(6, 14).map((byte, i) => byte ^ (a[i] as number) ^ (b[i] as number));
  const found = hexOf(Uint8Array.of(...searched, ...middle, ...known.subarray(14, 16)));
  const { block } = encryptPinBlock(key, parsePin(PIN), pan, 'ISO-0');
  return decryptPinBlock(found, 'ISO-0', block, pan) === PIN;
}

/**
 * Blocks of noise, whose first two bytes of MAC are tried in order. Of twenty thousand one has a length inside that
 * an AES key can have; the search begins shortly before it.
 */
function conjured(): boolean {
  const kbpk = importClearKey(AES_KBPK, bytesOf(OWN_KBPK));
  const noise = createHash('sha512').update('noise').digest('hex').toUpperCase();
  for (let tried = 0xa400; tried < 0xa440; tried++) {
    const mac = tried.toString(16).toUpperCase() + noise.slice(100);
    try {
      const key = unwrapKeyBlock(kbpk, `D0144D0AB00E0000${noise.slice(0, 96)}${mac}`) as Key<'D0'>;
      return encryptFf1(key, 10, [1, 2, 3, 4, 5, 6], EMPTY).length === 6;
    } catch (error) {
      if ((error as Error).name !== PaymentCryptoError.name) throw error;
    }
  }
  return false;
}

/** A block of a PIN key whose header says by now that it is for data, and a PIN deciphered with it. */
function pinKeyForData(): boolean {
  const kbpk = randomKey(TDES_KBPK, 16);
  const pek = randomKey(PIN_KEY, 16);
  const captured = encryptPinBlock(pek, parsePin(PIN), pan, 'ISO-0');
  const claimed = wrapKeyBlock(kbpk, pek, 'B').replace('P0T', 'D0T');
  const key = unwrapKeyBlock(kbpk, claimed) as Key<'D0'>;
  return decodePinBlock('ISO-0', hexOf(decryptLegacyBlocks(key, bytesOf(captured.block))), pan) === PIN;
}

/** A block of version C of a key that may not leave, whose header says by now that it may. */
function madeExportable(): boolean {
  const kbpk = randomKey(TDES_KBPK, 16);
  const key = randomKey({ ...PIN_KEY, exportability: 'N' }, 16);
  const rest = { purpose: 'storage', permit: mayStore, legacyVersion: 'allow' } as const;
  const claimed = wrapKeyBlock(kbpk, key, 'C', rest).replace('B00N', 'B00E');
  return importClearKey(PIN_KEY, bytesOf(clearOf(unwrapKeyBlock(kbpk, claimed)))).kcv === key.kcv;
}

/** An AES key of the attacker's, in a block under a TDES key that he found. */
function smuggledIn(): boolean {
  const kbpk = importClearKey(TDES_KBPK, bytesOf(FOUND_KBPK));
  const header = oracle.makeKeyBlockHeader({
    versionId: 'B',
    keyUsage: 'K1',
    algorithm: 'A',
    modeOfUse: 'B',
    keyVersion: '00',
    exportability: 'N',
    optionalBlocks: [],
    keyBytes: 32,
    paddingBytes: 6,
  });
  const kek = unwrapKeyBlock(
    kbpk,
    oracle.wrapKeyBlock(FOUND_KBPK, header, OWN_KBPK, '00'.repeat(6)),
  ) as Key<'K1'>;
  const envelope = sealEnvelope(kek, bytesOf('73918F'), EMPTY, { algorithm: 'AES-256-GCM' });
  const own = importClearKey(AES_KBPK, bytesOf(OWN_KBPK));
  return hexOf(openEnvelope(own, envelope, EMPTY)) === '73918F';
}

/** A key in two blocks, once with its parity bits turned, that passes for two keys. */
function passesForTwo(): boolean {
  const kbpk = importClearKey(TDES_KBPK, bytesOf(FOUND_KBPK));
  const sound = bytesOf('133457799BBCDFF10E329232EA6D0D73');
  const [from, to] = [sound, sound.map((byte) => byte ^ 1)].map((bytes) => {
    const header = wrapKeyBlock(kbpk, randomKey(PIN_KEY, 16), 'B').slice(0, 16);
    return unwrapKeyBlock(kbpk, oracle.wrapKeyBlock(FOUND_KBPK, header, hexOf(bytes), '00'.repeat(14)));
  }) as [Key<'P0'>, Key<'P0'>];
  const captured = encryptPinBlock(from, parsePin(PIN), pan, 'ISO-0');
  return translatePinBlock({ from, to }, captured, { pan }, 'ISO-0').block === captured.block;
}

const macCheck = { file: 'keys/key-block-binding.ts', passage: '!authentic || ', instead: '' } as const;

export const GUARDS: readonly Guard[] = [
  {
    ids: ['KM-05'],
    guard: 'the MAC of a key block, without which noise becomes keys',
    cuts: [macCheck],
    attack: conjured,
  },
  {
    ids: ['KM-06'],
    guard:
      'the MAC over all units of a wrapped key: with those of another, ten bytes of sixteen would be known',
    cuts: [macCheck],
    attack: splicedWithKnownKey,
  },
  {
    ids: ['KM-07'],
    guard: 'the MAC of versions B and D covers the header',
    cuts: [
      {
        file: 'keys/key-block-binding.ts',
        passage: 'const message = joined(header, clear);',
        instead: 'const message = Uint8Array.from(clear);',
      },
    ],
    attack: pinKeyForData,
  },
  {
    ids: ['KM-07', 'KM-12'],
    guard: 'the MAC of versions A and C covers the header beyond the eight characters of the IV',
    cuts: [
      {
        file: 'keys/key-block-binding.ts',
        passage: 'macAlgorithm1(cipher, joined(header, sealed))',
        instead: 'macAlgorithm1(cipher, joined(header.subarray(0, 8), sealed))',
      },
    ],
    attack: madeExportable,
  },
  {
    ids: ['KM-08'],
    guard: 'a key is wrapped under none that is weaker',
    cuts: [
      {
        file: 'keys/key-block.ts',
        passage:
          'if (strengthOf(kbpk.attributes.algorithm, kbpk.keyBytes) < strengthOf(algorithm, key.keyBytes))',
        instead: 'if (false)',
      },
    ],
    attack() {
      const key = randomKey(AES_KEY, 32);
      const block = wrapKeyBlock(importClearKey(TDES_KBPK, bytesOf(FOUND_KBPK)), key, 'B');
      return oracle.unwrapKeyBlock(FOUND_KBPK, block).key === clearOf(key);
    },
  },
  {
    ids: ['KM-08'],
    guard: 'a key is taken from under none that is weaker',
    cuts: [
      {
        file: 'keys/key-block.ts',
        passage:
          'if (strengthOf(kbpk.attributes.algorithm, kbpk.keyBytes) >= strengthOf(attributes.algorithm, key.length))',
        instead: '',
      },
    ],
    attack: smuggledIn,
  },
  {
    ids: ['KM-12'],
    guard: 'a key of exportability N is not wrapped to leave',
    cuts: [
      {
        file: 'keys/key-block.ts',
        passage:
          "if (exportability === 'N') fail('ERR_KEY_EXPORT', 'key', 'an exportable key', 'exportability N');",
        instead: '',
      },
    ],
    attack() {
      const key = randomKey({ ...PIN_KEY, exportability: 'N' }, 16);
      const block = wrapKeyBlock(importClearKey(TDES_KBPK, bytesOf(FOUND_KBPK)), key, 'B');
      const bytes = bytesOf(oracle.unwrapKeyBlock(FOUND_KBPK, block).key);
      return importClearKey(PIN_KEY, bytes).kcv === key.kcv;
    },
  },
  {
    ids: ['KM-12'],
    guard: 'a key rests under none that may leave itself',
    cuts: [
      {
        file: 'keys/key-block.ts',
        passage: "if (kbpk.attributes.exportability !== 'N')",
        instead: 'if (false)',
      },
    ],
    attack() {
      const key = randomKey({ ...AES_KEY, exportability: 'N' }, 32);
      const storage = randomKey({ ...AES_KBPK, exportability: 'E' }, 32);
      const block = wrapKeyBlock(storage, key, 'D', { purpose: 'storage', permit: mayStore });
      const bytes = bytesOf(oracle.unwrapKeyBlock(clearOf(storage), block).key);
      return importClearKey(AES_KEY, bytes).kcv === key.kcv;
    },
  },
  {
    ids: ['KM-13'],
    guard: 'TDES keys come out of key blocks with odd parity',
    cuts: [
      {
        file: 'keys/key-block.ts',
        passage: "attributes.algorithm === 'T' ? adjustParity(key) : Uint8Array.from(key);",
        instead: 'Uint8Array.from(key);',
      },
    ],
    attack: passesForTwo,
  },
  {
    ids: ['EN-09'],
    guard: 'a key block has one spelling, so that a register of what came knows it again',
    cuts: [
      {
        file: 'keys/key-block-binding.ts',
        passage: 'if (!/^[0-9A-F]*$/.test(text.slice(headerLength)))',
        instead: 'if (false)',
      },
    ],
    attack() {
      const kbpk = randomKey(AES_KBPK, 32);
      const key = randomKey(AES_KEY, 32);
      const block = wrapKeyBlock(kbpk, key, 'D');
      const register = new Set([block]);
      const again = block.slice(0, 16) + block.slice(16).toLowerCase();
      return !register.has(again) && unwrapKeyBlock(kbpk, again).kcv === key.kcv;
    },
  },
];
