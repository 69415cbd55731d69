/** What the cards of a product have in common, checked once and frozen. */

import type { Pan, PanToken, ProductId, Pvki, ServiceCode } from '../brand.ts';
import { isDigits } from '../bytes/digits.ts';
import { fail, kindOf } from '../error.ts';
import type {
  CardReference,
  CodeKind,
  KeyLabel,
  PinMethod,
  TimeScheme,
  TokenDomain,
} from '../hsm/functions.ts';
import {
  Definitions,
  frozen,
  readOptions,
  requireObject,
  requireOneOf,
  requirePattern,
  requireWhole,
} from '../input.ts';
import { requireServiceCode } from '../pan/card-data.ts';
import { type PanRange, panRanges } from '../pan/range.ts';
import type { MethodName } from './card-record.ts';

/** How the PINs of a product are kept and tried. */
export type ProductPin = {
  /** Usage V2 for a PVV, V1 for an offset. */
  readonly pvk: KeyLabel;
  /** Of the code that binds a PIN to its card: HMAC, usage M7. */
  readonly tagKey: KeyLabel;
  /** Digits: 4 with a PVV, 4 to 12 with an offset. */
  readonly length: number;
  /** Tries between two right PINs, 1 to 99. */
  readonly tryLimit: number;
  /**
   * Whether a PIN may come back, in a code block. An offset gives it back by itself; beside a PVV it has to be
   * sealed under `sealKey` (AES, usage D3).
   */
  readonly recoverable: boolean;
  readonly sealKey?: KeyLabel;
} & (
  | { readonly method: 'pvv'; readonly pvki: Pvki }
  /** `table`: the name of a method that the HSM's policy pins. */
  | { readonly method: 'ibm3624'; readonly table: MethodName }
);

/** Dynamic codes that are issued one by one: key HMAC, usage M7 · lifetime 1 to 86 400 seconds. */
export interface IssuedProfile {
  readonly profile?: 'issued';
  readonly key: KeyLabel;
  readonly lifetimeSeconds: number;
}

/** Dynamic codes that a card, or its holder's telephone, shows by the time: see `TimeScheme` of the HSM. */
export type TimeProfile = {
  readonly key: KeyLabel;
  readonly t0: number;
  readonly periodSeconds: number;
  /** Steps around the current one that are taken: 0 to 2 each way. */
  readonly window: { readonly past: 0 | 1 | 2; readonly future: 0 | 1 | 2 };
} & (
  | { readonly profile: 'totp'; readonly hash: 'SHA-1' | 'SHA-256' | 'SHA-512' }
  | { readonly profile: 'cvv-time' }
);

/** The dynamic codes of a product. */
export type DynamicProfile = IssuedProfile | TimeProfile;

/** A product as it is defined. */
export interface ProductDefinition {
  /** 1 to 32 letters, digits, dots, hyphens and underscores. */
  readonly id: string;
  /** `amex` cards bear CSCs, all others CVV, CVV2 and iCVV. */
  readonly scheme: 'visa' | 'mastercard' | 'amex' | 'other';
  readonly funding: 'credit' | 'debit' | 'prepaid';
  /** IIN, length and what is left out: at least 6 account digits. */
  readonly range: PanRange;
  /** Of the PAN sequence: AES, usage D0, for this range only. */
  readonly sequenceKey: KeyLabel;
  readonly tokens: TokenDomain;
  /** Of the card codes: TDES pair, usage C0. */
  readonly cvk: KeyLabel;
  readonly serviceCode: ServiceCode;
  /** Order of the expiry in the CVV2: `YYMM` unless said. */
  readonly cvv2Expiry?: 'YYMM' | 'MMYY';
  /** From the month of issue: 1 to 240. */
  readonly validityMonths: number;
  /** Absent where the cards have no PIN. */
  readonly pin?: ProductPin;
  /** Tries of printed and dynamic codes: 1 to 99, 5 unless said. */
  readonly codeTryLimit?: number;
  /** Tries of a proof of possession: 1 to 99, 3 unless said. */
  readonly activationTryLimit?: number;
  /** Absent where the product has none. */
  readonly dynamicCvv2?: DynamicProfile;
  /** Times a day that the PIN of one card may be unblocked, and as often its codes: 0 to 99, 1 unless said. */
  readonly unblocksPerDay?: number;
}

/** A checked product; made by `defineProduct` only. */
export type Product = Required<Omit<ProductDefinition, 'id' | 'pin' | 'dynamicCvv2'>> & {
  readonly id: ProductId;
  readonly pin: ProductPin | undefined;
  readonly dynamicCvv2: DynamicProfile | undefined;
};

/** The products that were defined. */
export const products: Definitions<Product, true> = /* @__PURE__ */ new Definitions(
  'a product made by defineProduct',
);

const LABEL = /^[A-Za-z0-9._/-]{1,64}$/;

/** The label of a key. */
export function requireLabel(label: unknown, field: string): KeyLabel {
  return requirePattern(label, LABEL, 64, field, 'the label of a key');
}

/**
 * Checks and freezes a product. Whether its keys exist and may do what they are for is seen when they are used.
 *
 * @throws ERR_INPUT | ERR_SERVICE_CODE | ERR_INDEX  a property that is missing, unknown or out of range
 * @throws ERR_DOMAIN_TOO_SMALL  a range with fewer than 6 account digits
 * @source own construction; ISO/IEC 7812-1:2017 (IIN), ISO 9564-1:2017, 8.1 (PIN length)
 */
export function defineProduct(product: ProductDefinition): Product {
  requireObject(product, 'product');
  const read = readOptions(product, 'product', [
    'id',
    'scheme',
    'funding',
    'range',
    'sequenceKey',
    'tokens',
    'cvk',
    'serviceCode',
    'cvv2Expiry',
    'validityMonths',
    'pin',
    'codeTryLimit',
    'activationTryLimit',
    'dynamicCvv2',
    'unblocksPerDay',
  ]);
  panRanges.require(read.range, 'range');
  const range = read.range as PanRange;
  if (range.accountDigits < 6)
    fail('ERR_DOMAIN_TOO_SMALL', 'range', 'at least 6 account digits', `${range.accountDigits}`);
  const { serviceCode } = read;
  requireServiceCode(serviceCode, 'serviceCode');
  return products.add(
    {
      id: requirePattern(read.id, /^[A-Za-z0-9._-]{1,32}$/, 32, 'id', '1 to 32 characters') as ProductId,
      scheme: requireOneOf(read.scheme, 'scheme', ['visa', 'mastercard', 'amex', 'other'] as const),
      funding: requireOneOf(read.funding, 'funding', ['credit', 'debit', 'prepaid'] as const),
      range,
      sequenceKey: requireLabel(read.sequenceKey, 'sequenceKey'),
      tokens: readTokens(read.tokens as TokenDomain),
      cvk: requireLabel(read.cvk, 'cvk'),
      serviceCode,
      cvv2Expiry: requireOneOf(read.cvv2Expiry ?? 'YYMM', 'cvv2Expiry', ['YYMM', 'MMYY'] as const),
      validityMonths: requireWhole(read.validityMonths, 'validityMonths', 1, 240),
      pin: read.pin === undefined ? undefined : readPin(read.pin),
      codeTryLimit: requireWhole(read.codeTryLimit ?? 5, 'codeTryLimit', 1, 99),
      activationTryLimit: requireWhole(read.activationTryLimit ?? 3, 'activationTryLimit', 1, 99),
      dynamicCvv2: read.dynamicCvv2 === undefined ? undefined : readDynamic(read.dynamicCvv2),
      unblocksPerDay: requireWhole(read.unblocksPerDay ?? 1, 'unblocksPerDay', 0, 99),
    },
    true,
  );
}

/** The profile is known by its identity, so it is not copied. */
function readTokens(tokens: TokenDomain): TokenDomain {
  requireObject(tokens, 'tokens');
  const { key, profile, tenant } = tokens;
  requireObject(profile, 'tokens.profile');
  requirePattern(tenant, /^[\x21-\x7e]{1,128}$/, 128, 'tokens.tenant', '1 to 128 printable ASCII characters');
  return Object.freeze({ key: requireLabel(key, 'tokens.key'), profile, tenant });
}

function readPin(pin: ProductPin): ProductPin {
  const read = readOptions(pin as ProductPin & { pvki?: Pvki; table?: MethodName }, 'pin', [
    'pvk',
    'tagKey',
    'length',
    'tryLimit',
    'recoverable',
    'sealKey',
    'method',
    'pvki',
    'table',
  ]);
  if (typeof read.recoverable !== 'boolean')
    fail('ERR_INPUT', 'pin.recoverable', 'to be said: true or false', kindOf(read.recoverable));
  const method = requireOneOf(read.method, 'pin.method', ['pvv', 'ibm3624'] as const);
  if ((method === 'pvv' && read.recoverable) !== (read.sealKey !== undefined))
    fail('ERR_INPUT', 'pin.sealKey', 'a key where a PIN beside a PVV is recoverable, and only there');
  // A PVV sees four digits: of a longer PIN the rest would be any.
  if (method === 'pvv') requireOneOf(read.length, 'pin.length', [4] as const);
  const common = {
    pvk: requireLabel(read.pvk, 'pin.pvk'),
    tagKey: requireLabel(read.tagKey, 'pin.tagKey'),
    length: requireWhole(read.length, 'pin.length', 4, 12),
    tryLimit: requireWhole(read.tryLimit, 'pin.tryLimit', 1, 99),
    recoverable: read.recoverable,
    ...(read.sealKey !== undefined && { sealKey: requireLabel(read.sealKey, 'pin.sealKey') }),
  };
  if (method === 'ibm3624') {
    const shape = 'the name of a pinned method';
    const table = requirePattern(read.table, /^[A-Za-z0-9._-]{1,32}$/, 32, 'pin.table', shape) as MethodName;
    return frozen({ ...common, method, table });
  }
  const { pvki } = read;
  if (typeof pvki !== 'string' || pvki.length !== 1 || !isDigits(pvki))
    return fail('ERR_INDEX', 'pin.pvki', 'one digit', kindOf(pvki));
  return frozen({ ...common, method, pvki });
}

function readDynamic(dynamic: DynamicProfile): DynamicProfile {
  requireObject(dynamic, 'dynamicCvv2');
  const profiles = ['issued', 'totp', 'cvv-time'] as const;
  const profile = requireOneOf(dynamic.profile ?? 'issued', 'dynamicCvv2.profile', profiles);
  if (profile === 'issued') {
    const read = readOptions(dynamic as IssuedProfile, 'dynamicCvv2', ['profile', 'key', 'lifetimeSeconds']);
    const lifetime = requireWhole(read.lifetimeSeconds, 'dynamicCvv2.lifetimeSeconds', 1, 86_400);
    return frozen({ profile, key: requireLabel(read.key, 'dynamicCvv2.key'), lifetimeSeconds: lifetime });
  }
  const names = ['profile', 'key', 't0', 'periodSeconds', 'window', 'hash'] as const;
  const read = readOptions(dynamic as TimeProfile & { readonly hash: HashName }, 'dynamicCvv2', names);
  const { past, future } = requireObject(read.window, 'dynamicCvv2.window') as TimeProfile['window'];
  const steps = [0, 1, 2] as const;
  const common = {
    key: requireLabel(read.key, 'dynamicCvv2.key'),
    t0: requireWhole(read.t0, 'dynamicCvv2.t0', 0, 2 ** 40),
    periodSeconds: requireWhole(read.periodSeconds, 'dynamicCvv2.periodSeconds', 1, 604_800),
    window: {
      past: requireOneOf(past, 'dynamicCvv2.window', steps),
      future: requireOneOf(future, 'dynamicCvv2.window', steps),
    },
  };
  if (profile === 'totp')
    return frozen({ profile, ...common, hash: requireOneOf(read.hash, 'dynamicCvv2.hash', HASHES) });
  if (read.hash !== undefined) fail('ERR_INPUT', 'dynamicCvv2.hash', 'to be said with totp only');
  return frozen({ profile, ...common });
}

type HashName = 'SHA-1' | 'SHA-256' | 'SHA-512';

const HASHES: readonly HashName[] = ['SHA-1', 'SHA-256', 'SHA-512'];

/** The scheme of a product whose codes change with time, as the HSM is told of it. */
export function timeSchemeOf(product: Product, dynamic: TimeProfile): TimeScheme {
  const { key, t0, periodSeconds } = dynamic;
  const common = { key, t0, periodSeconds, digits: codeKindOf(product) === 'csc' ? 4 : 3 } as const;
  return dynamic.profile === 'totp'
    ? { profile: 'totp', hash: dynamic.hash, ...common }
    : { profile: 'cvv-time', ...common };
}

/** Whether the codes of a profile change with time. */
export function isTimeProfile(dynamic: DynamicProfile): dynamic is TimeProfile {
  return dynamic.profile === 'totp' || dynamic.profile === 'cvv-time';
}

/** The codes that the cards of a product bear. */
export function codeKindOf({ scheme }: Product): CodeKind {
  return scheme === 'amex' ? 'csc' : 'cvv';
}

/** A card of a product, as the HSM is told of it. */
export function referenceOf({ tokens }: Product, token: PanToken): CardReference {
  return { token, domain: tokens };
}

/** The PIN method of a product, as the HSM is told of it; refused where it has none. */
export function methodOf({ pin }: Product): PinMethod {
  if (pin === undefined) return fail('ERR_POLICY', 'product', 'a product whose cards have a PIN');
  const { pvk, tagKey, sealKey, length: pinLength } = pin;
  const common = { pvk, tagKey, pinLength, ...(sealKey !== undefined && { sealKey }) };
  return pin.method === 'pvv'
    ? { kind: 'pvv', pvki: pin.pvki, ...common }
    : { kind: 'ibm3624', method: pin.table, ...common };
}

/** Whether a PAN is one of the product's range. */
export function isInRange({ range }: Product, pan: Pan): boolean {
  return pan.length === range.length && pan.startsWith(range.iin);
}
