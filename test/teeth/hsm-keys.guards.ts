/** Guards of the emulated HSM: over the life of its keys, over who may act, and over what comes back to it. */
import type { Pan, SealedEnvelope } from '../../src/brand.ts';
import {
  createCapabilityAuthority,
  type Key,
  type KeyAttributes,
  openEnvelope,
  parsePan,
  parsePin,
  parseUnixSeconds,
} from '../../src/index.ts';
import { importClearKey } from '../../src/keys/clear.ts';
import { definePanRange } from '../../src/pan/range.ts';
import { encryptPinBlock } from '../../src/pinblock/encrypt.ts';
import { detokenizePan } from '../../src/token/tokenize.ts';
import { type FewKeys, openFewKeys, SEALED_PIN, tokenCard } from '../support/few-keys.ts';
import { kcv } from '../support/oracle/kcv.ts';
import { keyOf, START, TOKENS } from '../support/world.ts';
import type { Guard } from './guard.ts';

const pan = parsePan('4000001234567899');
const card = tokenCard(pan);
const RANGE = definePanRange({ iin: '400000', length: 16 });

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase();
const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
const ascii = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));

/** The contents of an envelope, for whoever has its KEK. */
const openedWith = (kek: Key<'K1'>, envelope: string, context: string): string =>
  Buffer.from(openEnvelope(kek, Uint8Array.from(Buffer.from(envelope, 'base64')), ascii(context))).toString();

/** A PIN as a cash machine sends it. */
const block = (of: Pan, pin: string) =>
  encryptPinBlock(keyOf<Key<'P0'>>('atm.pek'), parsePin(pin), of, 'ISO-0');

/** Binds a PIN to the card of the tests. */
const setPin = ({ hsm, permit }: FewKeys, pin: string) =>
  hsm.setPin({ card, method: SEALED_PIN, pek: 'atm.pek', block: block(pan, pin), permit: permit('set-pin') });

export const GUARDS: readonly Guard[] = [
  {
    ids: ['KM-03', 'KM-15'],
    guard: 'the components of a key are brought by different people',
    cuts: [
      {
        file: 'hsm/key.ts',
        passage: 'if (holders.includes(undefined) || new Set(holders).size !== holders.length)',
        instead: 'if (false)',
      },
    ],
    async attack() {
      const { hsm, permit } = await openFewKeys();
      const attributes: KeyAttributes = { usage: 'K1', algorithm: 'A', mode: 'B', exportability: 'N' };
      const [a, b] = ['0123456789ABCDEF', 'FEDCBA9876543211'].map((hex) => bytesOf(hex.repeat(4)));
      const components = [a, b].map((bytes) => ({
        bytes: bytes as Uint8Array,
        kcv: kcv(hexOf(bytes as Uint8Array), 'aes-cmac-zero-block'),
        permit: permit('load-component', 'custodian'),
      }));
      await hsm.importComponents({
        label: 'kek',
        attributes,
        components,
        permit: permit('manage-keys', 'officer'),
      });
      const known = (a as Uint8Array).map((byte, i) => byte ^ (b?.[i] as number));
      const envelope = await hsm.sealEnvelope({
        under: 'kek',
        plaintext: ascii('PIN 4837'),
        context: 'card',
      });
      return openedWith(importClearKey(attributes, known) as Key<'K1'>, envelope, 'card') === 'PIN 4837';
    },
  },
  {
    ids: ['KM-14'],
    guard: 'a retired key protects nothing new, since somebody may have it',
    cuts: [
      { file: 'hsm/vault.ts', passage: 'if (retired && !RETIRED_MAY.has(operation))', instead: 'if (false)' },
    ],
    async attack() {
      const { hsm, permit } = await openFewKeys('tokens', 'atm.kek');
      await hsm.retireKey({ label: 'atm.kek', permit: permit('manage-keys') });
      const asked = { card, under: 'atm.kek', context: 'pan', permit: permit('reveal-pan') };
      return openedWith(keyOf<Key<'K1'>>('atm.kek'), await hsm.sealPan(asked), 'pan') === pan;
    },
  },
  {
    ids: ['KM-14'],
    guard: 'a retired key of tokens, which still finds old cards, makes no tokens of new ones',
    cuts: [
      {
        file: 'hsm/vault.ts',
        passage: "if (retired) fail('ERR_KEY_RETIRED', field, 'a live key for a new card', 'a retired one');",
        instead: '',
      },
    ],
    async attack() {
      const { hsm, permit } = await openFewKeys('tokens', 'sequence.visa', 'index.1');
      await hsm.retireKey({ label: 'tokens', permit: permit('manage-keys') });
      const asked = { domain: TOKENS, key: 'sequence.visa', range: RANGE, n: 0, indexKeys: ['index.1'] };
      const { token } = (await hsm.drawPan(asked)).card;
      const found = detokenizePan(keyOf<Key<'D0'>>('tokens'), token, TOKENS.profile, TOKENS.tenant);
      return found.startsWith('400000');
    },
  },
  {
    ids: ['ST-09'],
    guard: 'a key at rest is bound to its label: the row of one is not taken for another',
    cuts: [{ file: 'hsm/vault.ts', passage: 'if (textOf(LABEL_BLOCK) === label)', instead: '' }],
    async attack() {
      const { hsm, keyStore, permit } = await openFewKeys('tokens', 'atm.kek', 'emb.kek');
      // Whoever runs the database embosses too, and has one of the two keys.
      const own = await keyStore.get('emb.kek');
      await keyStore.put({ label: 'atm.kek', keyBlock: own?.keyBlock ?? '', revision: 2 }, 1);
      const asked = { card, under: 'atm.kek', context: 'pan', permit: permit('reveal-pan') };
      return openedWith(keyOf<Key<'K1'>>('emb.kek'), await hsm.sealPan(asked), 'pan') === pan;
    },
  },
  {
    ids: ['KM-15'],
    guard: 'a capability counts where its own authority is asked: anybody can make an authority',
    cuts: [
      {
        file: 'keys/capability.ts',
        passage: 'if (authority !== undefined && authorityOf(permit as Capability) !== authority)',
        instead: 'if (false)',
      },
    ],
    async attack() {
      const { hsm } = await openFewKeys('tokens');
      const own = createCapabilityAuthority({ now: () => parseUnixSeconds(START) });
      return (await hsm.revealPan({ card, permit: own.grant('reveal-pan', 60) })) === pan;
    },
  },
  {
    ids: ['EN-04'],
    guard: 'the code of a PIN covers its sealed form: that of an earlier PIN is put back in vain',
    cuts: [
      {
        file: 'hsm/bound-pin.ts',
        passage: 'pin.length, value, sealed)',
        instead: "pin.length, value, '')",
      },
    ],
    async attack() {
      const few = await openFewKeys('tokens', 'pvk', 'pins', 'seal', 'atm.pek');
      const { sealed } = await setPin(few, '4837');
      const pin = { ...(await setPin(few, '7391')), ...(sealed !== undefined && { sealed }) };
      // The next card gets what is sealed: the PIN of before, which somebody saw.
      const next = parsePan('4000001234567907');
      const to = tokenCard(next);
      const moved = { from: card, to, method: SEALED_PIN, pin, permit: few.permit('issuance') };
      const bound = await few.hsm.movePin(moved);
      const asked = { card: to, method: SEALED_PIN, pin: bound, pek: 'atm.pek', block: block(next, '4837') };
      return (await few.hsm.prepareVerifyPin(asked))();
    },
  },
  {
    ids: ['EN-09'],
    guard: 'an envelope has one text, so that a client who remembers what came knows it again',
    cuts: [
      {
        file: 'bytes/base64.ts',
        passage: 'return (bits & ((1 << count) - 1)) === 0 ? out : undefined;',
        instead: 'return out;',
      },
    ],
    async attack() {
      const { hsm, permit } = await openFewKeys('atm.kek');
      const about = { under: 'atm.kek', context: 'load' };
      const plaintext = 'load 50 EUR';
      const envelope = await hsm.sealEnvelope({ ...about, plaintext: ascii(plaintext) });
      // Two bytes remain of 188: their last character has two bits to spare.
      const again = envelope.replace(/.(?==$)/, (last) => String.fromCharCode(last.charCodeAt(0) + 1));
      const came = new Set<string>([envelope]);
      const asked = { ...about, envelope: again as SealedEnvelope, permit: permit('open-envelope') };
      return !came.has(again) && Buffer.from(await hsm.openEnvelope(asked)).toString() === plaintext;
    },
  },
];
