/** Codes and tags: of key blocks, envelopes and sealed fields, and check values of keys. */
import { openEnvelope, sealEnvelope } from '../../../src/envelope/envelope.ts';
import { importClearKeyHex } from '../../../src/keys/clear.ts';
import { combineComponents } from '../../../src/keys/component.ts';
import { unwrapKeyBlock, type WrapVersion, wrapKeyBlock } from '../../../src/keys/key-block.ts';
import { bytesFrom, HEX, keyOf, Numbers, nearBytes, nearText, type Subject, textFrom } from '../subject.ts';
import { AES } from './single.ts';

/** Letters and digits of what the caller gives take steps of their own. */
const READ = { 'bytes/hex.ts: nibble': 'letters and digits of what the caller gave' } as const;

const ATTRIBUTES = { usage: 'K1', mode: 'B', exportability: 'E' } as const;
const tdesKek = keyOf({ ...ATTRIBUTES, algorithm: 'T' }, 24);
const aesKek = keyOf({ ...ATTRIBUTES, algorithm: 'A' }, 32);
const wrapped = keyOf({ usage: 'P0', algorithm: 'T', mode: 'B', exportability: 'E' }, 16, 2);

const unwrapping = (version: WrapVersion, macDigits: number, varying: Subject['varying']): Subject => {
  const kbpk = version === 'D' ? aesKek : tdesKek;
  const block = wrapKeyBlock(kbpk, wrapped, version, { random: new Numbers(1), legacyVersion: 'allow' });
  const [before, mac] = [block.slice(0, -macDigits), block.slice(-macDigits)];
  return {
    name: `unwrapKeyBlock, version ${version}: the MAC`,
    outcomes: ['ERR_KEY_BLOCK_AUTH', 'a key'],
    perOutcome: true,
    prepare: (i) => {
      const changed = before + nearText(mac, i, HEX);
      return () => {
        unwrapKeyBlock(kbpk, changed);
        return 'a key';
      };
    },
    varying: { ...READ, ...varying },
  };
};

const context = Uint8Array.of(1, 2, 3);

const opening = (algorithm: 'TDES-CBC-HMAC' | 'AES-256-GCM', tagBytes: number): Subject => {
  const sealed = sealEnvelope(aesKek, bytesFrom(new Numbers(2), 40), context, {
    algorithm,
    random: new Numbers(3),
  });
  return {
    name: `openEnvelope, ${algorithm}: the tag`,
    outcomes: ['ERR_ENVELOPE_AUTH', 'open'],
    perOutcome: true,
    prepare: (i) => {
      const changed = Uint8Array.from(sealed);
      changed.set(nearBytes(sealed.subarray(-tagBytes), i), sealed.length - tagBytes);
      return () => {
        openEnvelope(aesKek, changed, context);
        return 'open';
      };
    },
  };
};

const HEX_KEY = textFrom(new Numbers(4), 64, HEX);
const importing = { usage: 'D0', algorithm: 'A', mode: 'B', exportability: 'E' } as const;
const right = importClearKeyHex(importing, HEX_KEY).kcv;

const parts = [5, 6].map((seed) => bytesFrom(new Numbers(seed), 32));
const kcvs = parts.map((part) => importClearKeyHex(importing, Buffer.from(part).toString('hex')).kcv);

const checkValues: readonly Subject[] = [
  {
    name: 'importClearKey: the check value',
    outcomes: ['ERR_KEY_KCV', 'a key'],
    perOutcome: true,
    prepare: (i) => {
      const expectedKcv = nearText(right, i, HEX);
      return () => {
        importClearKeyHex(importing, HEX_KEY, { expectedKcv });
        return 'a key';
      };
    },
  },
  {
    name: 'combineComponents: a check value',
    outcomes: ['ERR_KEY_COMPONENT', 'a key'],
    perOutcome: true,
    prepare: (i) => {
      const components = parts.map((bytes, n) => ({ bytes, kcv: nearText(kcvs[n] ?? '', n * i, HEX) }));
      return () => {
        combineComponents(importing, components);
        return 'a key';
      };
    },
  },
];

export const SEALED: readonly Subject[] = [
  unwrapping('A', 8, {}),
  unwrapping('D', 32, AES),
  opening('TDES-CBC-HMAC', 32),
  opening('AES-256-GCM', 16),
  ...checkValues,
];
