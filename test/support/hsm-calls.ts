/**
 * Every function of an HSM in one table: how it is called rightly, and which capability it asks for. Tests of bad
 * requests, capabilities, the audit and leaks are generated from it.
 */
import type { Pan, SealedEnvelope, Tag, UnixSeconds } from '../../src/brand.ts';
import type { IssuedCode } from '../../src/dcvv2/issued.ts';
import type { BoundPin, CardReference, Hsm, TimeScheme } from '../../src/hsm/functions.ts';
import type { CapabilityScope } from '../../src/keys/capability.ts';
import type { Key } from '../../src/keys/key.ts';
import { wrapKeyBlock } from '../../src/keys/key-block.ts';
import type { KeyAttributes } from '../../src/keys/usage.ts';
import {
  AMEX_PAN,
  type Bench,
  type BenchOptions,
  blockOf,
  cardOf,
  faceOf,
  METHODS,
  openBench,
  panOf,
  partsOf,
  RANGE,
} from './hsm.ts';
import { keyOf, namedKey, START, TOKENS } from './world.ts';

/** An HSM with two cards, and with what was made for the first of them. */
export interface Scene {
  readonly bench: Bench;
  readonly pan: Pan;
  readonly card: CardReference;
  readonly other: CardReference;
  /** The PIN of all three. */
  readonly clear: string;
  readonly pins: { readonly [name in keyof typeof METHODS]: BoundPin };
  readonly issued: IssuedCode;
  readonly envelope: SealedEnvelope;
  readonly tags: readonly Tag[];
}

const SUBJECT = (card: CardReference) => ({ tenant: 'tests', card: card.token, generation: 0 });
const AT = START as UnixSeconds;
const EXPORTABLE: KeyAttributes = { usage: 'D0', algorithm: 'A', mode: 'B', exportability: 'E' };

/** PIN, new PIN and bytes of a key that nothing but where they belong may show. */
export const SECRETS = { pin: '4837', next: '9264', pan: panOf(173928450), other: panOf(28450617) } as const;

/** A scene on a bench of its own. */
export async function openScene(options: BenchOptions = {}): Promise<Scene> {
  const bench = await openBench(options);
  const { hsm, permit } = bench;
  const { pan } = SECRETS;
  const [card, other] = [cardOf(pan), cardOf(SECRETS.other)];
  const set = (method: keyof typeof METHODS): Promise<BoundPin> =>
    hsm.setPin({
      card,
      method: METHODS[method],
      pek: 'atm.pek',
      block: blockOf(pan, SECRETS.pin),
      permit: permit('set-pin'),
    });
  const pins = { pvv: await set('pvv'), sealed: await set('sealed'), offset: await set('offset') };
  const { issued } = await hsm.issueDynamicCode({
    ...faceOf(card),
    key: 'dynamic',
    subject: SUBJECT(card),
    at: AT,
    lifetimeSeconds: 60,
    under: 'atm.codes',
  });
  const envelope = await hsm.sealEnvelope({
    under: 'atm.kek',
    plaintext: Uint8Array.of(1, 2, 3),
    context: 'c',
  });
  const tags = await hsm.tagRecords({ key: 'records', records: ['one', 'two'] });
  bench.events.length = 0;
  bench.random.drawn = 0;
  return { bench, pan, card, other, clear: SECRETS.pin, pins, issued, envelope, tags };
}

/** One function. */
export interface HsmCall {
  readonly name: keyof Hsm;
  /** What the audit calls it; nothing where it is not told of. */
  readonly operation: string | undefined;
  args(scene: Scene): readonly unknown[];
  /** Name in the request → scope of the capability that is asked for there. */
  readonly permits?: { readonly [field: string]: CapabilityScope };
  /** Whether it gives a function that compares. */
  readonly prepares?: true;
  /** What the audit says of the right call. */
  readonly outcome?: 'verified' | 'rejected' | 'refused';
  /** Which of several calls of one function. */
  readonly of?: string;
}

type Row = readonly [
  name: keyof Hsm,
  request: (scene: Scene) => object,
  more?: Partial<Omit<HsmCall, 'name' | 'args'>>,
];

const inbound = (s: Scene) => ({ pek: 'atm.pek', block: blockOf(s.pan, s.clear) });
const held = (s: Scene, method: keyof typeof METHODS) => ({
  card: s.card,
  method: METHODS[method],
  pin: s.pins[method],
});
const timed = (card: CardReference, profile: TimeScheme['profile']) => {
  const steps = { t0: 0, periodSeconds: 300, digits: 3 } as const;
  const scheme: TimeScheme =
    profile === 'totp'
      ? { profile, hash: 'SHA-256', key: 'dynamic.totp', ...steps }
      : { profile, key: 'dynamic.cvv', ...steps };
  return { card, psn: '01', expiry: '2912', scheme, at: AT };
};
const keyLabels: () => string = (() => {
  let count = 0;
  return () => `new.${++count}`;
})();

const ROWS: readonly Row[] = [
  ['cardCodes', (s) => ({ ...faceOf(s.card), under: 'atm.codes' })],
  ['cardCodes', () => ({ ...faceOf(cardOf(AMEX_PAN), 'csc'), under: 'atm.codes' }), { of: 'csc' }],
  [
    'prepareVerifyCvv2',
    (s) => ({ ...faceOf(s.card), candidate: 'wrong' }),
    { operation: 'verifyCvv2', outcome: 'rejected' },
  ],
  [
    'prepareVerifyCvv2',
    () => ({ ...faceOf(cardOf(AMEX_PAN), 'csc'), candidate: 'wrong' }),
    { operation: 'verifyCvv2', outcome: 'rejected', of: 'csc' },
  ],
  [
    'revealCvv2',
    (s) => ({ ...faceOf(s.card), permit: s.bench.permit('reveal-cvv2', 'clerk') }),
    { permits: { permit: 'reveal-cvv2' } },
  ],
  [
    'issueDynamicCode',
    (s) => ({
      ...faceOf(s.card),
      key: 'dynamic',
      subject: SUBJECT(s.card),
      at: AT,
      lifetimeSeconds: 60,
      under: 'atm.codes',
    }),
  ],
  [
    'prepareVerifyIssuedCode',
    (s) => ({ key: 'dynamic', subject: SUBJECT(s.card), issued: s.issued, candidate: 'wrong', at: AT }),
    { operation: 'verifyIssuedCode', outcome: 'rejected' },
  ],
  ...(['totp', 'cvv-time'] as const).flatMap((of): Row[] => [
    ['timeCode', (s) => ({ ...timed(s.card, of), under: 'atm.codes' }), { of }],
    [
      'prepareVerifyTimeCode',
      (s) => ({ ...timed(s.card, of), candidate: 'wrong', window: { past: 1, future: 0 }, floor: -1 }),
      { operation: 'verifyTimeCode', outcome: 'rejected', of },
    ],
  ]),
  [
    'embossData',
    (s) => ({
      ...faceOf(s.card),
      pin: s.pins.pvv,
      name: 'CARD/TEST',
      delivery: 'Branch 7',
      under: 'emb.kek',
      context: 'emboss/1',
      permit: s.bench.permit('emboss', 'clerk'),
    }),
    { permits: { permit: 'emboss' } },
  ],
  ['drawPin', (s) => ({ card: s.card, method: METHODS.pvv })],
  ['drawPin', (s) => ({ card: s.card, method: METHODS.sealed }), { of: 'sealed' }],
  ['drawPin', (s) => ({ card: s.card, method: METHODS.offset }), { of: 'offset' }],
  [
    'issuePin',
    (s) => ({
      card: s.card,
      method: METHODS.sealed,
      pek: 'emb.pek',
      format: 'ISO-3',
      permit: s.bench.permit('emboss', 'clerk'),
    }),
    { permits: { permit: 'emboss' } },
  ],
  [
    'setPin',
    (s) => ({
      card: s.card,
      method: METHODS.sealed,
      pek: 'atm.pek',
      block: blockOf(s.pan, SECRETS.next),
      permit: s.bench.permit('set-pin', 'clerk'),
    }),
    { permits: { permit: 'set-pin' } },
  ],
  [
    'prepareVerifyPin',
    (s) => ({ ...held(s, 'pvv'), ...inbound(s) }),
    { operation: 'verifyPin', outcome: 'verified' },
  ],
  [
    'prepareVerifyPin',
    (s) => ({ ...held(s, 'offset'), ...inbound(s) }),
    { operation: 'verifyPin', outcome: 'verified', of: 'offset' },
  ],
  [
    'prepareChangePin',
    (s) => ({ ...held(s, 'sealed'), ...inbound(s), requested: blockOf(s.pan, SECRETS.next) }),
    { operation: 'changePin' },
  ],
  [
    'recoverPin',
    (s) => ({
      ...held(s, 'offset'),
      under: 'atm.codes',
      permit: s.bench.permit('reveal-pin', 'clerk'),
    }),
    { permits: { permit: 'reveal-pin' } },
  ],
  [
    'printPin',
    (s) => ({ ...held(s, 'sealed'), permit: s.bench.permit('print-pin', 'clerk') }),
    { permits: { permit: 'print-pin' } },
  ],
  [
    'movePin',
    (s) => ({
      from: s.card,
      to: s.other,
      method: METHODS.sealed,
      pin: s.pins.sealed,
      permit: s.bench.permit('issuance', 'clerk'),
    }),
    { permits: { permit: 'issuance' } },
  ],
  [
    'movePinOfBlock',
    (s) => ({
      from: s.card,
      to: s.other,
      method: METHODS.pvv,
      pin: s.pins.pvv,
      ...inbound(s),
      permit: s.bench.permit('issuance', 'clerk'),
    }),
    { permits: { permit: 'issuance' } },
  ],
  [
    'translatePinBlock',
    (s) => ({
      card: s.card,
      ...inbound(s),
      target: { pek: 'aes.pek', format: 'ISO-4' },
      targetCard: s.other,
      permit: s.bench.permit('change-pan', 'clerk'),
    }),
    { permits: { permit: 'change-pan' } },
  ],
  ['drawPan', () => ({ domain: TOKENS, key: 'sequence.visa', range: RANGE, n: 7, indexKeys: ['index.1'] })],
  [
    'tokenOf',
    (s) => ({ domain: TOKENS, pan: s.pan, permit: s.bench.permit('find-token', 'clerk') }),
    { permits: { permit: 'find-token' } },
  ],
  [
    'sealPan',
    (s) => ({
      card: s.card,
      under: 'atm.kek',
      context: 'pan/1',
      permit: s.bench.permit('reveal-pan', 'clerk'),
    }),
    { permits: { permit: 'reveal-pan' } },
  ],
  [
    'revealPan',
    (s) => ({ card: s.card, permit: s.bench.permit('reveal-pan', 'clerk') }),
    { permits: { permit: 'reveal-pan' } },
  ],
  [
    'preparePossession',
    (s) => ({ card: s.card, digits: '0000' }),
    { operation: 'verifyPossession', outcome: 'rejected' },
  ],
  ['indexCards', (s) => ({ cards: [s.card, s.other], key: 'index.1' })],
  ['sealEnvelope', () => ({ under: 'atm.kek', plaintext: Uint8Array.of(1, 2, 3), context: 'c' })],
  [
    'openEnvelope',
    (s) => ({
      under: 'atm.kek',
      envelope: s.envelope,
      context: 'c',
      permit: s.bench.permit('open-envelope', 'clerk'),
    }),
    { permits: { permit: 'open-envelope' } },
  ],
  ['tagRecords', () => ({ key: 'records', records: ['one', 'two'] }), { operation: undefined }],
  [
    'verifyRecords',
    (s) => ({ key: 'records', records: ['one', 'two'], tags: s.tags }),
    { operation: undefined },
  ],
  [
    'generateKey',
    (s) => ({
      label: keyLabels(),
      attributes: EXPORTABLE,
      keyBytes: 32,
      permit: s.bench.permit('manage-keys', 'officer'),
    }),
    { permits: { permit: 'manage-keys' } },
  ],
  [
    'importKey',
    (s) => ({
      label: keyLabels(),
      keyBlock: wrapKeyBlock(keyOf<Key<'K1'>>('atm.kek'), namedKey('brought', EXPORTABLE, 32), 'D'),
      under: 'atm.kek',
      permit: s.bench.permit('manage-keys', 'officer'),
    }),
    { permits: { permit: 'manage-keys' } },
  ],
  [
    'importComponents',
    (s) => ({
      label: keyLabels(),
      attributes: EXPORTABLE,
      components: partsOf(s.bench, 'in parts', EXPORTABLE, 32),
      expectedKcv: namedKey('in parts', EXPORTABLE, 32).kcv,
      permit: s.bench.permit('manage-keys', 'officer'),
    }),
    { permits: { permit: 'manage-keys' } },
  ],
  [
    'exportKey',
    (s) => ({
      label: 'cvk',
      under: 'atm.kek',
      version: 'D',
      permit: s.bench.permit('manage-keys', 'officer'),
    }),
    { permits: { permit: 'manage-keys' } },
  ],
  [
    'exportComponents',
    (s) => ({
      label: 'cvk',
      count: 2,
      permit: s.bench.permit('manage-keys', 'officer'),
      reveal: s.bench.permit('export-clear-key', 'second-officer'),
    }),
    { permits: { permit: 'manage-keys', reveal: 'export-clear-key' } },
  ],
  [
    'retireKey',
    (s) => ({ label: 'index.2', permit: s.bench.permit('manage-keys', 'officer') }),
    { permits: { permit: 'manage-keys' } },
  ],
  [
    'destroyKey',
    (s) => ({ label: 'sequence.amex', permit: s.bench.permit('manage-keys', 'officer') }),
    { permits: { permit: 'manage-keys' } },
  ],
  [
    'issueCards',
    (s) => ({
      domain: TOKENS,
      sequence: { key: 'sequence.visa', range: RANGE },
      indexKeys: ['index.1', 'index.2'],
      cvk: 'cvk',
      expiry: '2912',
      serviceCode: '201',
      expiryOrder: 'YYMM',
      method: METHODS.sealed,
      first: 7,
      count: 3,
      kind: 'cvv',
      embosser: {
        kek: 'emb.kek',
        pek: 'emb.pek',
        pinBlockFormat: 'ISO-0',
        context: 'batch/1',
        permit: s.bench.permit('emboss', 'clerk'),
      },
    }),
  ],
];

/** The table. */
export const HSM_CALLS: readonly HsmCall[] = [
  ...ROWS.map(
    ([name, request, more]): HsmCall => ({
      name,
      operation: name,
      args: (scene) => [request(scene)],
      ...(name.startsWith('prepare') && { prepares: true as const }),
      ...more,
    }),
  ),
  { name: 'keyInfo', operation: undefined, args: () => ['cvk'] },
  { name: 'listKeys', operation: undefined, args: () => [] },
  { name: 'requireDistinctKeys', operation: undefined, args: () => [['cvk', 'pvk']] },
  {
    name: 'authorize',
    operation: undefined,
    args: (s) => [s.bench.permit('set-pin', 'clerk'), 'set-pin'],
  },
];

/** The name of a call, told from other calls of the same function. */
export function nameOf({ name, of }: HsmCall): string {
  return of === undefined ? name : `${name} (${of})`;
}

/** Calls a function of an HSM by name. */
export function callHsm(hsm: Hsm, name: keyof Hsm, args: readonly unknown[]): Promise<unknown> {
  return (hsm[name] as (...args: readonly unknown[]) => Promise<unknown>)(...args);
}

/** Calls it, and what it gives where that compares. */
export async function runHsm(hsm: Hsm, call: HsmCall, args: readonly unknown[]): Promise<unknown> {
  const result = await callHsm(hsm, call.name, args);
  return call.prepares === true ? (result as () => Promise<unknown>)() : result;
}
