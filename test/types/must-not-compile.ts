/**
 * Lines that must not compile, and types that must be what they are. The compiler is the runner
 * (`npm run check`): an `@ts-expect-error` without an error under it is an error itself. Nothing here
 * is ever executed.
 */

import type { macUnder } from '../../src/hsm/inside.ts';
import type { fieldSealer, openField } from '../../src/hsm/sealed-field.ts';
import * as root from '../../src/index.ts';
import {
  type Capability,
  type CapabilityAuthority,
  type CardBatch,
  type CardColumns,
  type CardData,
  type CipherBackend,
  type ClearPin,
  type ClearPins,
  type Cvv,
  type Cvv2Data,
  type CvvTimeDefinition,
  type CvvTimeDirectDefinition,
  claimPan,
  createCapabilityAuthority,
  createTryCounter,
  type Dectab,
  type DigitColumn,
  type DynamicCvv2,
  type DynamicCvv2Card,
  decodePinBlock,
  type decryptFf1,
  decryptFf1Column,
  type decryptFf1Text,
  decryptLegacyBlocks,
  decryptLegacyCbc,
  type decryptLegacyField,
  decryptPinBlock,
  defineDynamicCvv2,
  defineFf1Alphabet,
  defineIbm3624Method,
  definePanRange,
  definePinPolicy,
  defineTokenProfile,
  type detokenizePan,
  detokenizePanColumn,
  digitColumn,
  digitTexts,
  type EncryptedPinBlock,
  type ErrorCode,
  type Expiry,
  encodePinBlock,
  encryptFf1,
  encryptFf1Column,
  encryptFf1Text,
  encryptLegacyBlocks,
  encryptLegacyField,
  encryptPinBlock,
  encryptPinBlockColumn,
  type Ff1Alphabet,
  formatTrack2,
  generateCsc,
  generateCvv,
  generateCvv2,
  generateCvv2Columns,
  type generateCvv2Many,
  generateCvvColumns,
  generateCvvMany,
  generateCvvSetColumns,
  generateDynamicCvv2,
  type generateIcvv,
  generateIcvvColumns,
  type generateIcvvMany,
  generatePvv,
  generatePvvColumn,
  type Ibm3624Method,
  type Ibm3624Reference,
  type IssuedCodeSubject,
  isLuhnValidColumn,
  issueChunks,
  issueColumns,
  issueDynamicCode,
  type Key,
  type KeyAttributes,
  type KeyUsage,
  kernelBinary,
  keyCheckValue,
  loadKernel,
  luhnCheckDigitColumn,
  maskPan,
  type naturalPin,
  naturalPins,
  type nextPanFromSequence,
  numberTexts,
  type Operation,
  openCode,
  openEnvelope,
  type openPin,
  type Pan,
  type PanRange,
  type PanToken,
  type PaymentCryptoError,
  type PinOffset,
  type PinOutcome,
  type PinPolicy,
  POLICY,
  type Psn,
  type Pvki,
  type Pvv,
  type PvvReference,
  panColumnFromSequence,
  panFromSequence,
  parseExpiry,
  parsePan,
  parsePin,
  parsePins,
  parsePvki,
  parseServiceCode,
  pinFromOffset,
  pinOffset,
  pinOffsetColumn,
  type RecordPort,
  randomKey,
  randomPin,
  randomPins,
  requireUsage,
  revealPins,
  type ServiceCode,
  sealCode,
  sealEnvelope,
  sealPin,
  type TokenProfile,
  type TotpDefinition,
  type TryCounter,
  tokenizePan,
  tokenizePanColumn,
  translatePinBlock,
  translatePinBlockColumn,
  type UnixSeconds,
  type UsageFor,
  unwrapKeyBlock,
  verifyCsc,
  verifyCvv,
  type verifyCvv2,
  verifyCvv2Columns,
  verifyCvvColumns,
  verifyDynamicCvv2,
  type verifyIcvv,
  verifyIcvvColumns,
  type verifyIssuedCode,
  verifyPin,
  verifyPinBlock,
  type verifyPinOffset,
  verifyPvv,
  verifyPvvColumn,
  wrapKeyBlock,
} from '../../src/index.ts';
import * as door from '../../src/keys/clear-face.ts';

// ---- types that must be what they are -----------------------------------------------------------------

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Assert<T extends true> = T;
type First<F extends (...args: never) => unknown> = Parameters<F>[0];

/** Every parameter through which a key comes to an operation of the policy table. */
interface KeysOf {
  generateCvv: [
    First<typeof generateCvv>,
    First<typeof generateCvv2>,
    First<typeof generateIcvv>,
    First<typeof generateCvvMany>,
    First<typeof generateCvv2Many>,
    First<typeof generateIcvvMany>,
    First<typeof generateCvvColumns>,
    First<typeof generateCvv2Columns>,
    First<typeof generateIcvvColumns>,
    First<typeof generateCvvSetColumns>,
    CardBatch['keys']['cvk'],
    CvvTimeDirectDefinition['cvk'],
    CvvTimeDirectDefinition['staticCvk'],
  ];
  verifyCvv: [
    First<typeof verifyCvv>,
    First<typeof verifyCvv2>,
    First<typeof verifyIcvv>,
    First<typeof verifyCvvColumns>,
    First<typeof verifyCvv2Columns>,
    First<typeof verifyIcvvColumns>,
  ];
  generateCsc: [First<typeof generateCsc>];
  verifyCsc: [First<typeof verifyCsc>];
  deriveCvvTimeKey: [CvvTimeDefinition['masterCvk']];
  deriveTotpKey: [Exclude<TotpDefinition['masterKey'], 'provisioned'>];
  generateTotp: [NonNullable<DynamicCvv2Card['cardKey']>];
  verifyTotp: [NonNullable<DynamicCvv2Card['cardKey']>];
  issueDynamicCode: [First<typeof issueDynamicCode>];
  verifyDynamicCode: [First<typeof verifyIssuedCode>];
  generatePvv: [First<typeof generatePvv>, First<typeof generatePvvColumn>, CardBatch['keys']['pvk']];
  verifyPvv: [First<typeof verifyPvv>, First<typeof verifyPvvColumn>, PvkFor<PvvReference>];
  generatePinOffset: [
    First<typeof pinOffset>,
    First<typeof naturalPin>,
    First<typeof pinFromOffset>,
    First<typeof naturalPins>,
    First<typeof pinOffsetColumn>,
  ];
  verifyPinOffset: [First<typeof verifyPinOffset>, PvkFor<Ibm3624Reference>];
  encryptPinBlock: [
    First<typeof encryptPinBlock>,
    First<typeof translatePinBlock>['to'],
    First<typeof encryptPinBlockColumn>,
    First<typeof translatePinBlockColumn>['to'],
    CardBatch['keys']['pek'],
  ];
  decryptPinBlock: [
    First<typeof decryptPinBlock>,
    First<typeof translatePinBlock>['from'],
    First<typeof verifyPinBlock>['pek'],
    First<typeof translatePinBlockColumn>['from'],
  ];
  panFromSequence: [
    First<typeof panFromSequence>,
    First<typeof nextPanFromSequence>,
    First<typeof panColumnFromSequence>,
    CardBatch['keys']['pan'],
  ];
  tokenizePan: [First<typeof tokenizePan>, First<typeof tokenizePanColumn>];
  detokenizePan: [First<typeof detokenizePan>, First<typeof detokenizePanColumn>];
  encryptFf1: [First<typeof encryptFf1>, First<typeof encryptFf1Text>, First<typeof encryptFf1Column>];
  decryptFf1: [First<typeof decryptFf1>, First<typeof decryptFf1Text>, First<typeof decryptFf1Column>];
  sealCode: [First<typeof sealCode>, First<typeof sealPin>];
  openCode: [First<typeof openCode>, First<typeof openPin>];
  encryptLegacyField: [First<typeof encryptLegacyField>, First<typeof encryptLegacyBlocks>];
  decryptLegacyField: [
    First<typeof decryptLegacyField>,
    First<typeof decryptLegacyBlocks>,
    First<typeof decryptLegacyCbc>,
  ];
  sealEnvelope: [First<typeof sealEnvelope>];
  openEnvelope: [First<typeof openEnvelope>];
  wrapKeyBlock: [First<typeof wrapKeyBlock>];
  unwrapKeyBlock: [First<typeof unwrapKeyBlock>];
  indexPan: [First<typeof macUnder<'indexPan'>>];
  tagPin: [First<typeof macUnder<'tagPin'>>];
  verifyPinTag: [First<typeof macUnder<'verifyPinTag'>>];
  tagRecord: [First<typeof macUnder<'tagRecord'>>];
  verifyRecordTag: [First<typeof macUnder<'verifyRecordTag'>>];
  sealField: [First<typeof fieldSealer>];
  openField: [First<typeof openField>];
}

type PvkFor<R extends PvvReference | Ibm3624Reference> = root.PinVerificationKeys<R>['pvk'];

/** Whether all members of a tuple are exactly one type. */
type Each<T extends readonly unknown[], Expected> = {
  [I in keyof T]: Equal<T[I], Expected>;
} extends readonly true[]
  ? true
  : false;

/** All keys of an operation are of exactly the usages that its rows of the table have. */
type Agreement = { [O in Operation]: Each<KeysOf[O], Key<UsageFor<O>>> };

export type PolicyIsInTheTypes = [
  Assert<Equal<keyof KeysOf, Operation>>,
  Assert<Equal<Agreement, { [O in Operation]: true }>>,
  Assert<Equal<keyof typeof POLICY, Operation>>,
];

export type Shapes = [
  Assert<Equal<PvkFor<PvvReference>, Key<'V2'>>>,
  Assert<Equal<PvkFor<Ibm3624Reference>, Key<'V1'>>>,
  Assert<Equal<ReturnType<typeof generateCvv>, Cvv>>,
  Assert<Equal<ReturnType<typeof unwrapKeyBlock>, Key>>,
  Assert<Equal<ReturnType<typeof panFromSequence>, Pan | undefined>>,
  Assert<Equal<ReturnType<typeof verifyPinBlock>, boolean>>,
  Assert<Equal<PinOutcome['outcome'], 'verified' | 'rejected' | 'blocked'>>,
  Assert<Equal<PaymentCryptoError['code'], ErrorCode>>,
  Assert<Equal<Extract<keyof typeof root, keyof typeof door>, never>>,
];

// ---- what there is to hand in -------------------------------------------------------------------------

interface Hand {
  readonly c0: Key<'C0'>;
  readonly p0: Key<'P0'>;
  readonly v1: Key<'V1'>;
  readonly v2: Key<'V2'>;
  readonly d0: Key<'D0'>;
  readonly k0: Key<'K0'>;
  readonly k1: Key<'K1'>;
  readonly m7: Key<'M7'>;
  readonly some: Key;
  readonly pan: Pan;
  readonly psn: Psn;
  readonly expiry: Expiry;
  readonly serviceCode: ServiceCode;
  readonly pvki: Pvki;
  readonly pvv: Pvv;
  readonly offset: PinOffset;
  readonly pin: ClearPin;
  readonly card: CardData;
  readonly panel: Cvv2Data;
  readonly block: EncryptedPinBlock;
  readonly range: PanRange;
  readonly profile: TokenProfile;
  readonly token: PanToken;
  readonly method: Ibm3624Method;
  readonly policy: PinPolicy;
  readonly scheme: DynamicCvv2;
  readonly dynamic: DynamicCvv2Card;
  readonly subject: IssuedCodeSubject;
  readonly alphabet: Ff1Alphabet;
  readonly bytes: Uint8Array;
  readonly at: UnixSeconds;
  readonly permit: Capability;
  readonly authority: CapabilityAuthority;
  readonly records: RecordPort<TryCounter>;
  readonly pans: DigitColumn;
  readonly pins: ClearPins;
  readonly cards: CardColumns;
  readonly batch: CardBatch;
  readonly numbers: Uint16Array;
  readonly backend: CipherBackend;
}

/** A key of another usage. Each line without its comment is right but for the key. */
export function keysOfAnotherUsage(h: Hand): void {
  generateCvv(h.c0, h.card);
  // @ts-expect-error  a PIN encryption key is not a card verification key
  generateCvv(h.p0, h.card);
  // @ts-expect-error  nor is a key of whatever usage
  generateCvv(h.some, h.card);
  // @ts-expect-error
  generateCvv2(h.v2, h.panel);
  // @ts-expect-error
  generateCvvMany(h.d0, [h.card]);
  // @ts-expect-error
  verifyCvv(h.p0, h.card, '000');
  // @ts-expect-error
  generateCsc(h.v1, h.panel, { digits: 5 });
  // @ts-expect-error  IBM 3624 and PVV keys are two
  generatePvv(h.v1, h.pin, h.pan, h.pvki);
  // @ts-expect-error
  pinOffset(h.v2, h.pin, h.pan, h.method);
  // @ts-expect-error  a data key is not a PIN key
  encryptPinBlock(h.d0, h.pin, h.pan, 'ISO-0');
  // @ts-expect-error
  decryptPinBlock(h.k1, h.block, h.pan);
  // @ts-expect-error
  translatePinBlock({ from: h.p0, to: h.d0 }, h.block, { pan: h.pan }, 'ISO-0');
  // @ts-expect-error  a key that wraps keys is not a data key
  tokenizePan(h.k1, h.pan, h.profile, 'tenant');
  // @ts-expect-error
  panFromSequence(h.c0, h.range, 1);
  // @ts-expect-error
  sealCode(h.p0, '123', 'random-fill');
  // @ts-expect-error  a PIN goes under a data key of its own, never under the PIN key
  sealPin(h.p0, h.pin);
  // @ts-expect-error  K0 wraps in the old way, K1 protects key blocks
  wrapKeyBlock(h.k0, h.c0, 'B');
  // @ts-expect-error
  sealEnvelope(h.d0, h.bytes, h.bytes, { algorithm: 'AES-256-GCM' });
  // @ts-expect-error
  encryptFf1(h.k1, 10, [1], h.bytes);
  // @ts-expect-error
  issueDynamicCode(h.c0, h.subject, { digits: 3, at: h.at, lifetimeSeconds: 60, staticCvv2: '000' });
  const common = { digits: 3, t0: 0, periodSeconds: 600 } as const;
  // @ts-expect-error  the master of TOTP keys is an HMAC key
  defineDynamicCvv2({ profile: 'totp', hash: 'SHA-256', masterKey: h.c0, ...common });
  // @ts-expect-error  and that of CVV keys a card verification key
  defineDynamicCvv2({ profile: 'cvv-time', masterCvk: h.m7, ...common });

  verifyPinBlock({ pek: h.p0, pvk: h.v2 }, h.block, h.pan, { pvki: h.pvki, pvv: h.pvv });
  verifyPinBlock({ pek: h.p0, pvk: h.v1 }, h.block, h.pan, { offset: h.offset, method: h.method });
  // @ts-expect-error  the key of the other method
  verifyPinBlock({ pek: h.p0, pvk: h.v1 }, h.block, h.pan, { pvki: h.pvki, pvv: h.pvv });
  // @ts-expect-error  the key of the other method
  verifyPinBlock({ pek: h.p0, pvk: h.v2 }, h.block, h.pan, { offset: h.offset, method: h.method });
  // @ts-expect-error  the two keys the wrong way round
  verifyPinBlock({ pek: h.v2, pvk: h.p0 }, h.block, h.pan, { pvki: h.pvki, pvv: h.pvv });

  const checked: Key<'C0'> = requireUsage(h.some, 'C0');
  // @ts-expect-error  checked for another usage
  const other: Key<'P0'> = requireUsage(h.some, 'C0');
  const any: Key = h.c0;
  // @ts-expect-error  a key of whatever usage is none of a certain one
  const certain: Key<'C0'> = any;
  // @ts-expect-error  an unwrapped key has to be checked first
  generateCvv(unwrapKeyBlock(h.k1, ''), h.card);
  // @ts-expect-error  no such usage
  requireUsage(h.some, 'XX');
  void [checked, other, certain, keyCheckValue(h.some)];
}

/** A key of another usage over columns. */
export function keysOfAnotherUsageOverColumns(h: Hand): void {
  generateCvvColumns(h.c0, h.cards, h.numbers);
  // @ts-expect-error  a PIN encryption key is not a card verification key
  generateCvvColumns(h.p0, h.cards, h.numbers);
  // @ts-expect-error  nor is a key of whatever usage
  generateCvvColumns(h.some, h.cards, h.numbers);
  // @ts-expect-error
  generateCvv2Columns(h.v2, h.cards, h.numbers);
  // @ts-expect-error
  generateIcvvColumns(h.v1, h.cards, h.numbers);
  // @ts-expect-error
  generateCvvSetColumns(h.d0, h.cards, { cvv: h.numbers, cvv2: h.numbers, icvv: h.numbers });
  // @ts-expect-error
  verifyCvvColumns(h.m7, h.cards, h.numbers, h.bytes);
  // @ts-expect-error
  verifyCvv2Columns(h.k1, h.cards, h.numbers, h.bytes);
  // @ts-expect-error
  verifyIcvvColumns(h.p0, h.cards, h.numbers, h.bytes);
  // @ts-expect-error  IBM 3624 and PVV keys are two
  generatePvvColumn(h.v1, h.pins, h.pans, h.pvki, h.numbers);
  // @ts-expect-error
  verifyPvvColumn(h.v1, h.pins, h.pans, { pvki: h.pvki, values: h.numbers }, h.bytes);
  // @ts-expect-error
  naturalPins(h.v2, h.pans, h.method);
  // @ts-expect-error
  pinOffsetColumn(h.v2, h.pins, h.pans, h.method, h.pans);
  // @ts-expect-error  a data key is not a PIN key
  encryptPinBlockColumn(h.d0, h.pins, h.pans, 'ISO-0', h.bytes);
  const out = { blocks: h.bytes, decoded: h.bytes };
  const formats = { from: 'ISO-0', to: 'ISO-3' } as const;
  // @ts-expect-error
  translatePinBlockColumn({ from: h.p0, to: h.d0 }, h.bytes, h.pans, formats, out);
  // @ts-expect-error
  translatePinBlockColumn({ from: h.k1, to: h.p0 }, h.bytes, h.pans, formats, out);
  // @ts-expect-error
  panColumnFromSequence(h.c0, h.range, 1, h.pans);
  // @ts-expect-error  a key that wraps keys is not a data key
  tokenizePanColumn(h.k1, h.pans, h.profile, 'tenant', h.pans);
  // @ts-expect-error
  detokenizePanColumn(h.p0, h.pans, h.profile, 'tenant', h.pans);
  // @ts-expect-error
  encryptFf1Column(h.k1, h.pans, h.bytes, h.pans);
  // @ts-expect-error
  decryptFf1Column(h.some, h.pans, h.bytes, h.pans);
  // @ts-expect-error  a PIN block under a PIN key is no field of a file
  encryptLegacyBlocks(h.p0, h.bytes);
  // @ts-expect-error
  decryptLegacyBlocks(h.p0, h.bytes);
  // @ts-expect-error
  decryptLegacyCbc(h.k0, h.bytes, h.bytes);
  // @ts-expect-error  two keys the wrong way round
  issueColumns({ ...h.batch, keys: { ...h.batch.keys, cvk: h.p0, pek: h.c0 } }, 0, 1);
  // @ts-expect-error  no key for the PINs
  issueColumns({ ...h.batch, keys: { pan: h.d0, cvk: h.c0, pvk: h.v2 } }, 0, 1);
  // @ts-expect-error  a key of whatever usage
  issueChunks({ ...h.batch, keys: { ...h.batch.keys, pvk: h.some } }, { first: 0, count: 1 });
}

/** Columns that are none, and PINs that nobody has parsed. */
export function notColumns(h: Hand): void {
  // @ts-expect-error  digits are not PINs
  generatePvvColumn(h.v2, ['1234'], h.pans, h.pvki, h.numbers);
  // @ts-expect-error  nor are numbers
  generatePvvColumn(h.v2, [[1, 2, 3, 4]], h.pans, h.pvki, h.numbers);
  // @ts-expect-error  nor are PINs one by one
  generatePvvColumn(h.v2, [h.pin], h.pans, h.pvki, h.numbers);
  // @ts-expect-error  nor is a column
  encryptPinBlockColumn(h.p0, h.pans, h.pans, 'ISO-0', h.bytes);
  // @ts-expect-error  one PIN is not many
  encryptPinBlockColumn(h.p0, h.pin, h.pans, 'ISO-0', h.bytes);
  // @ts-expect-error  and many are not one
  encryptPinBlock(h.p0, h.pins, h.pan, 'ISO-0');
  // @ts-expect-error
  pinOffsetColumn(h.v1, ['1234'], h.pans, h.method, h.pans);
  // @ts-expect-error
  verifyPvvColumn(h.v2, ['1234'], h.pans, { pvki: h.pvki, values: h.numbers }, h.bytes);
  // @ts-expect-error  texts are not a column
  parsePins(['1234']);
  // @ts-expect-error
  naturalPins(h.v1, ['4000000000285066'], h.method);
  // @ts-expect-error
  generateIcvvColumns(h.c0, { pan: ['4000000000285066'], expiry: h.expiry }, h.numbers);
  // @ts-expect-error  text is not yet an expiry
  generateIcvvColumns(h.c0, { pan: h.pans, expiry: '2812' }, h.numbers);
  // @ts-expect-error  nor a service code
  generateCvvColumns(h.c0, { ...h.cards, serviceCode: '201' }, h.numbers);
  // @ts-expect-error
  generatePvvColumn(h.v2, h.pins, h.pans, '1', h.numbers);
  // @ts-expect-error  bytes without their digits and encoding
  generateIcvvColumns(h.c0, { pan: h.bytes, expiry: h.expiry }, h.numbers);
  // @ts-expect-error  no such encoding
  luhnCheckDigitColumn({ ...h.pans, encoding: 'raw' }, h.bytes);
  // @ts-expect-error  results are numbers of 16 bits
  generateIcvvColumns(h.c0, h.cards, h.bytes);
  // @ts-expect-error
  generateIcvvColumns(h.c0, h.cards, [0]);
  // @ts-expect-error  a bitmap is bytes
  verifyIcvvColumns(h.c0, h.cards, h.numbers, [true]);
  // @ts-expect-error
  numberTexts([1, 2, 3], 3);
  // @ts-expect-error  no five digits over columns
  generateIcvvColumns(h.c0, h.cards, h.numbers, { digits: 5 });
  // @ts-expect-error  a stripe has one order
  generateCvvColumns(h.c0, h.cards, h.numbers, { expiryOrder: 'MMYY' });
  // @ts-expect-error  formats that are bound to a PAN
  encryptPinBlockColumn(h.p0, h.pins, h.pans, 'ISO-1', h.bytes);
  // @ts-expect-error  under TDES
  encryptPinBlockColumn(h.p0, h.pins, h.pans, 'ISO-4', h.bytes);
  // @ts-expect-error  a permission
  revealPins(h.pins);
  // @ts-expect-error  the tenant
  tokenizePanColumn(h.d0, h.pans, h.profile, h.pans);
  // @ts-expect-error  how many
  issueColumns(h.batch, 0);
  // @ts-expect-error  a backend of ciphers that do nothing
  encryptFf1Column(h.d0, h.pans, h.bytes, h.pans, { backend: {} });
  // @ts-expect-error  the door is not part of the root
  root.defineCipherBackend(h.backend);
  // @ts-expect-error
  door.defineCipherBackend({ aes: () => ({}) });
  // @ts-expect-error  the class is a type here, not a value
  new root.ClearPins(h.bytes, 4);
  // @ts-expect-error  a look-alike has not what is private
  const pins: ClearPins = { count: 1, length: 4, destroy: () => undefined };
  // @ts-expect-error
  h.pins.length = 12;
  // @ts-expect-error
  h.pans.digits = 15;
  // @ts-expect-error  what is private
  h.pins.digits;
  const column: DigitColumn = digitColumn(['1234']);
  const texts: string[] = digitTexts(h.pans);
  void [pins, column, texts, randomPins(h.policy, 4, 1), loadKernel(), kernelBinary(), isLuhnValidColumn];
}

/** Text and numbers that nobody has parsed. */
export function unparsed(h: Hand): void {
  // @ts-expect-error  text is not yet a PAN
  generateCvv(h.c0, { ...h.card, pan: '4000000000285066' });
  // @ts-expect-error  nor an expiry
  generateCvv(h.c0, { ...h.card, expiry: '2812' });
  // @ts-expect-error  nor a service code
  generateCvv(h.c0, { ...h.card, serviceCode: '201' });
  // @ts-expect-error  one is not the other
  generateCvv(h.c0, { ...h.card, serviceCode: parseExpiry('2812') });
  // @ts-expect-error
  maskPan('4000000000285066');
  // @ts-expect-error
  encryptPinBlock(h.p0, h.pin, '4000000000285066', 'ISO-0');
  // @ts-expect-error  digits are not a PIN
  encryptPinBlock(h.p0, '1234', h.pan, 'ISO-0');
  // @ts-expect-error
  generatePvv(h.v2, h.pin, h.pan, '1');
  // @ts-expect-error
  generatePvv(h.v2, h.pin, h.pan, 1);
  // @ts-expect-error
  verifyPvv(h.v2, h.pin, h.pan, { pvki: h.pvki, pvv: '9704' });
  // @ts-expect-error  a PVV never goes without its PVKI
  verifyPvv(h.v2, h.pin, h.pan, { pvv: h.pvv });
  // @ts-expect-error
  pinFromOffset(h.v1, '0000', h.pan, h.method);
  // @ts-expect-error
  formatTrack2({ ...h.card, pan: '4000000000285066' }, '');
  // @ts-expect-error  a token is not a PAN
  generateCvv2(h.c0, { ...h.panel, pan: h.token });
  // @ts-expect-error  nor is a PAN a token to be tokenised again
  tokenizePan(h.d0, h.token, h.profile, 'tenant');
  // @ts-expect-error  a number is not yet a time
  generateDynamicCvv2(h.scheme, h.dynamic, 1_700_000_000);
  // @ts-expect-error  a Date neither
  generateDynamicCvv2(h.scheme, h.dynamic, new Date());
  // @ts-expect-error
  generateDynamicCvv2(h.scheme, { ...h.dynamic, psn: '00' }, h.at);
  // @ts-expect-error  bytes are not a key
  generateCvv(h.bytes, h.card);
  // @ts-expect-error  hex is not a key
  generateCvv('0123456789ABCDEFFEDCBA9876543210', h.card);
  // @ts-expect-error  hex is not an encrypted block: its format must be said
  decryptPinBlock(h.p0, '0412AC89ABCDEF67', h.pan);
  const text: string = h.pan;
  void [text, parsePan(text), parsePin('1234'), parseServiceCode('201'), parsePvki(1)];
}

/** What has no default must be said. */
export function forgotten(h: Hand): void {
  // @ts-expect-error  the format of a PIN block
  encryptPinBlock(h.p0, h.pin, h.pan);
  // @ts-expect-error
  encodePinBlock(h.pin, h.pan);
  // @ts-expect-error
  decodePinBlock(h.bytes, h.pan);
  // @ts-expect-error
  translatePinBlock({ from: h.p0, to: h.p0 }, h.block, { pan: h.pan });
  // @ts-expect-error  whose PIN it is
  translatePinBlock({ from: h.p0, to: h.p0 }, h.block, {}, 'ISO-0');
  // @ts-expect-error  the algorithm of an envelope
  sealEnvelope(h.k1, h.bytes, h.bytes);
  // @ts-expect-error
  sealEnvelope(h.k1, h.bytes, h.bytes, {});
  // @ts-expect-error  its context
  openEnvelope(h.k1, h.bytes);
  // @ts-expect-error  the layout of a code block
  sealCode(h.d0, '123');
  // @ts-expect-error
  openCode(h.d0, h.bytes);
  // @ts-expect-error  the window of a dynamic code
  verifyDynamicCvv2(h.scheme, h.dynamic, '000', { at: h.at });
  // @ts-expect-error  both sides of it
  verifyDynamicCvv2(h.scheme, h.dynamic, '000', { at: h.at, window: { past: 1 } });
  // @ts-expect-error  the time
  verifyDynamicCvv2(h.scheme, h.dynamic, '000', { window: { past: 1, future: 1 } });
  // @ts-expect-error  the digits of a CSC
  generateCsc(h.c0, h.panel);
  // @ts-expect-error
  generateCsc(h.c0, h.panel, {});
  // @ts-expect-error
  verifyCsc(h.c0, h.panel, '12345');
  // @ts-expect-error  the tenant of a token
  tokenizePan(h.d0, h.pan, h.profile);
  // @ts-expect-error  the version of a key block
  wrapKeyBlock(h.k1, h.c0);
  // @ts-expect-error  the PVKI
  generatePvv(h.v2, h.pin, h.pan);
  // @ts-expect-error  the limit of a try counter
  createTryCounter();
  // @ts-expect-error  the tweak
  encryptFf1Text(h.d0, h.alphabet, 'text');
  // @ts-expect-error  the length of a PIN
  randomPin(h.policy);
  // @ts-expect-error  the period
  defineDynamicCvv2({ profile: 'totp', hash: 'SHA-1', masterKey: 'provisioned', digits: 3, t0: 0 });
  // @ts-expect-error  the hash
  defineDynamicCvv2({ profile: 'totp', masterKey: 'provisioned', digits: 3, t0: 0, periodSeconds: 60 });
  // @ts-expect-error  that a card is never reissued under its PAN
  defineDynamicCvv2({
    profile: 'cvv-time',
    cvk: h.c0,
    staticCvk: h.c0,
    digits: 3,
    t0: 0,
    periodSeconds: 600,
  });
  // @ts-expect-error  which digits stay
  defineTokenProfile({ kind: 'numeric', panLengths: [16], keepLast: 0 });
  // @ts-expect-error
  defineTokenProfile({ kind: 'numeric', panLengths: [16], keepFirst: 0 });
  // @ts-expect-error  for which PAN lengths
  defineTokenProfile({ kind: 'numeric', keepFirst: 0, keepLast: 0 });
  // @ts-expect-error  the length of a PAN
  definePanRange({ iin: '400000' });
  // @ts-expect-error  the layout of the validation data
  defineIbm3624Method({ dectab: '0123456789012345', pinLength: 4 });
  // @ts-expect-error  how long a capability lives
  h.authority.grant('reveal-pin');
  // @ts-expect-error  a permission
  root.revealPin(h.pin);
  // @ts-expect-error  a permission
  door.exportClearKey(h.c0);
  // @ts-expect-error  exportability
  randomKey({ usage: 'C0', algorithm: 'T', mode: 'C' }, 16);
}

/** Values that are none of those that may be said. */
export function outOfChoice(h: Hand): void {
  // @ts-expect-error  format 2 does not travel
  encryptPinBlock(h.p0, h.pin, h.pan, 'ISO-2');
  // @ts-expect-error
  encryptPinBlock(h.p0, h.pin, h.pan, 'iso0');
  // @ts-expect-error  no 3CSC
  generateCsc(h.c0, h.panel, { digits: 3 });
  // @ts-expect-error
  generateCvv(h.c0, h.card, { digits: 6 });
  // @ts-expect-error
  generateCvv(h.c0, h.card, { digit: 3 });
  // @ts-expect-error  a stripe has one order
  generateCvv(h.c0, h.card, { expiryOrder: 'MMYY' });
  // @ts-expect-error
  generateCvv2(h.c0, h.panel, { expiryOrder: 'MMYYYY' });
  // @ts-expect-error  a window of two steps at most
  verifyDynamicCvv2(h.scheme, h.dynamic, '000', { at: h.at, window: { past: 3, future: 0 } });
  // @ts-expect-error  no key has 17 bytes
  randomKey({ usage: 'C0', algorithm: 'T', mode: 'C', exportability: 'N' }, 17);
  // @ts-expect-error
  randomKey({ usage: 'C9', algorithm: 'T', mode: 'C', exportability: 'N' }, 16);
  // @ts-expect-error
  randomKey({ usage: 'C0', algorithm: 'D', mode: 'C', exportability: 'N' }, 16);
  // @ts-expect-error  version E is read only
  wrapKeyBlock(h.k1, h.c0, 'E');
  // @ts-expect-error
  sealCode(h.d0, '123', 'ones');
  // @ts-expect-error
  sealEnvelope(h.k1, h.bytes, h.bytes, { algorithm: 'TDES-CBC' });
  // @ts-expect-error
  encryptLegacyField(h.d0, 'text', 'track3');
  // @ts-expect-error
  definePanRange({ iin: '400000', length: 20 });
  // @ts-expect-error
  defineTokenProfile({ kind: 'numeric', panLengths: [16], keepFirst: 7, keepLast: 0 });
  // @ts-expect-error
  definePinPolicy({ minLength: '4' });
  // @ts-expect-error
  h.authority.grant('everything', 60);
  // @ts-expect-error
  maskPan(h.pan, { first: 10 });
  // @ts-expect-error  a counter port answers with promises
  verifyPin({ read: () => undefined, compareAndSet: () => 'done' }, 'id', () => true);
  // @ts-expect-error  a comparison that answers text
  verifyPin(h.records, 'id', () => 'yes');
  // @ts-expect-error
  claimPan({ claim: () => true }, h.range);
  // @ts-expect-error
  createCapabilityAuthority({ now: () => 1 });
  void [defineFf1Alphabet('01'), defineTokenProfile({ kind: 'alphanumeric' })];
}

/** What cannot be made, or not be changed. */
export function fixed(h: Hand): void {
  // @ts-expect-error  the class is a type here, not a value
  new root.Key({ usage: 'C0', algorithm: 'T', mode: 'C', exportability: 'N' }, h.bytes);
  // @ts-expect-error
  new root.ClearPin(h.bytes);
  // @ts-expect-error
  new root.Capability(Symbol(), 'reveal-pin', h.at, { now: () => h.at });
  // @ts-expect-error  the door is not part of the root
  root.importClearKey({ usage: 'C0', algorithm: 'T', mode: 'C', exportability: 'N' }, h.bytes);
  // @ts-expect-error  a look-alike has not what is private
  const forged: Key<'C0'> = { attributes: h.c0.attributes, keyBytes: 16, kcv: h.c0.kcv };
  // @ts-expect-error
  const pin: ClearPin = { length: 4, destroy: () => undefined };
  // @ts-expect-error
  const permit: Capability = { scope: 'reveal-pin', expires: h.at, revoke: () => undefined };
  // @ts-expect-error  attributes are read only
  h.c0.attributes.usage = 'C0';
  // @ts-expect-error
  h.c0.attributes = h.some.attributes;
  // @ts-expect-error
  h.c0.kcv = h.some.kcv;
  // @ts-expect-error
  h.c0.blocksLeft = 1;
  // @ts-expect-error
  h.pin.length = 12;
  // @ts-expect-error
  h.permit.expires = h.at;
  // @ts-expect-error
  h.range.capacity = 1;
  // @ts-expect-error
  h.profile.panLengths.push(12);
  // @ts-expect-error
  POLICY.generateCvv = POLICY.verifyCvv;
  // @ts-expect-error
  POLICY.generateCvv[0].modes.push('E');
  // @ts-expect-error
  root.PIN_BLOCK_TRANSLATIONS['ISO-0']['ISO-1'] = 'yes';
  // @ts-expect-error
  h.block.format = 'ISO-1';
  // @ts-expect-error
  createTryCounter(3).taken = 0;
  // @ts-expect-error  what is private
  h.c0.contents;
  // @ts-expect-error
  h.pin.digits;
  const attributes: KeyAttributes<KeyUsage> = h.c0.attributes;
  void [forged, pin, permit, attributes, h.method.dectab satisfies Dectab];
}
