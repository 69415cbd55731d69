/**
 * PINs as an issuer keeps them: a PVV or an offset, bound to PAN, key, method and length by a code of the HSM.
 *
 * The HSM verifies against nothing that it did not make. An offset or PVV of a caller's choice, tried until a
 * known PIN fits, would give the holder's PIN away; a PIN of one card would fit another.
 */
import type { Pan, PinOffset, Pvki, Pvv, Tag } from '../brand.ts';
import { equalText } from '../bytes/equal.ts';
import { lengthPrefixed } from '../bytes/length-prefixed.ts';
import { fail } from '../error.ts';
import { requireObject, requirePattern, requireWhole } from '../input.ts';
import { type Key, requireUsage } from '../keys/key.ts';
import { type ClearPin, makePin, pinDigits } from '../pin/clear-pin.ts';
import { pinFromOffset, pinOffset } from '../pin/ibm3624.ts';
import type { Ibm3624Method } from '../pin/ibm3624-method.ts';
import { generatePvv, requirePvki } from '../pin/pvv.ts';
import type { PinReference } from '../pinblock/verify.ts';
import type { BoundPin, PinMethod } from './functions.ts';
import { type Inside, macUnder, tagText } from './inside.ts';
import { fieldSealer, openField } from './sealed-field.ts';

/** What a tag covers beside the PAN. */
type Unbound =
  | { readonly kind: 'pvv'; readonly pvki: Pvki; readonly pvv: Pvv; readonly length: number }
  | {
      readonly kind: 'ibm3624';
      readonly method: string;
      readonly offset: PinOffset;
      readonly length: number;
    };

/** The code over what a PIN is verified with, and whose it is. */
export function pinTag(
  mac: (message: Uint8Array) => Uint8Array,
  pan: string,
  pvk: Key,
  pin: Unbound,
  sealed: string,
): Tag {
  const method = pin.kind === 'pvv' ? pin.pvki : pin.method;
  const value = pin.kind === 'pvv' ? pin.pvv : pin.offset;
  return tagText(
    mac(lengthPrefixed('bound-pin/1', pan, pin.kind, pvk.kcv, method, pin.length, value, sealed)),
  );
}

/** What a sealed PIN belongs to. */
export function sealContext(pan: string, length: number): Uint8Array {
  return lengthPrefixed('sealed-pin/1', pan, length);
}

/** Digits of a PIN that a PVV is made of. */
const PVV_DIGITS = 4;

/** The pinned method of a request. */
export function methodOf(inside: Inside, name: unknown): Ibm3624Method {
  const methods = inside.policy.ibm3624Methods;
  if (typeof name !== 'string' || !Object.hasOwn(methods, name))
    return fail('ERR_POLICY', 'method', 'the name of a method that the policy pins');
  return methods[name] as Ibm3624Method;
}

/** A method of a request, checked against the policy. */
export function readMethod(inside: Inside, method: PinMethod): PinMethod {
  requireObject(method, 'method');
  const { minLength, maxLength } = inside.policy.pins;
  const length = requireWhole(method.pinLength, 'pinLength', minLength, maxLength);
  if (method.kind === 'pvv') {
    requirePvki(method.pvki);
    // A PVV sees four digits: what follows them would be any.
    if (length !== PVV_DIGITS) fail('ERR_POLICY', 'pinLength', '4 digits for a PVV', `${length}`);
  } else if (method.kind !== 'ibm3624') {
    fail('ERR_INPUT', 'method', 'a method of kind pvv or ibm3624');
  } else if (methodOf(inside, method.method).pinLength !== length) {
    fail('ERR_POLICY', 'pinLength', 'the PIN length of the pinned method');
  }
  return method;
}

/** Binds PINs to cards. Whatever can be refused is refused now, before a PIN is drawn or opened. */
export async function pinBinder(
  inside: Inside,
  method: PinMethod,
): Promise<(pan: Pan, pin: ClearPin) => BoundPin> {
  const mac = macUnder(await inside.vault.use(method.tagKey, 'tagPin', 'method.tagKey'), 'tagPin');
  const sealKey = await sealKeyOf(inside, method);
  const bind = (pan: Pan, pin: ClearPin, pvk: Key, unbound: Unbound): BoundPin => {
    if (sealKey === undefined) return Object.freeze({ ...unbound, tag: pinTag(mac, pan, pvk, unbound, '') });
    const sealer = fieldSealer(sealKey, inside.random);
    const sealed = sealer.seal(pinDigits(pin), sealContext(pan, pin.length));
    sealer.close();
    return Object.freeze({ ...unbound, tag: pinTag(mac, pan, pvk, unbound, sealed), sealed });
  };
  if (method.kind === 'pvv') {
    const pvk = await inside.vault.use(method.pvk, 'generatePvv', 'method.pvk');
    return (pan, pin) => {
      const { pvki, pvv } = generatePvv(pvk, pin, pan, method.pvki);
      return bind(pan, pin, pvk, { kind: 'pvv', pvki, pvv, length: pin.length });
    };
  }
  const pvk = await inside.vault.use(method.pvk, 'generatePinOffset', 'method.pvk');
  const pinned = methodOf(inside, method.method);
  return (pan, pin) => {
    const offset = pinOffset(pvk, pin, pan, pinned);
    return bind(pan, pin, pvk, { kind: 'ibm3624', method: method.method, offset, length: pin.length });
  };
}

/** The key that PINs of a method are sealed under, where they are. */
export async function sealKeyOf(inside: Inside, { sealKey }: PinMethod): Promise<Key<'D3'> | undefined> {
  return sealKey === undefined ? undefined : inside.vault.use(sealKey, 'sealField', 'method.sealKey');
}

/** A bound PIN that came from a record, read once, and refused where its code does not hold. */
export async function readBoundPin(
  inside: Inside,
  pan: Pan,
  method: PinMethod,
  pin: BoundPin,
): Promise<BoundPin> {
  const unbound = readUnbound(pin);
  const { tag, sealed } = pin;
  requirePattern(tag, /^[0-9A-F]{64}$/, 64, 'pin', 'a bound PIN', 'ERR_STORE_CORRUPT');
  if (sealed !== undefined)
    requirePattern(sealed, /^[A-Za-z0-9+/=]*$/, 200, 'pin', 'a bound PIN', 'ERR_STORE_CORRUPT');
  const sameMethod =
    unbound.kind === 'pvv'
      ? method.kind === 'pvv'
      : method.kind === 'ibm3624' && method.method === unbound.method;
  if (!sameMethod) fail('ERR_POLICY', 'method', 'the method that the PIN was bound with');
  const tagKey = await inside.vault.use(method.tagKey, 'verifyPinTag', 'method.tagKey');
  const { key: pvk } = await inside.vault.hold(method.pvk);
  const expected = pinTag(macUnder(tagKey, 'verifyPinTag'), pan, pvk, unbound, sealed ?? '');
  if (!equalText(expected, tag)) fail('ERR_STORE_CORRUPT', 'pin', 'a PIN that was bound here, to this card');
  return { ...unbound, tag, ...(sealed !== undefined && { sealed }) };
}

/** What a record says of a PIN, beside its code. */
export function readUnbound(pin: BoundPin): Unbound {
  requireObject(pin, 'pin');
  const text = (value: unknown, pattern: RegExp): string =>
    requirePattern(value, pattern, 32, 'pin', 'a bound PIN', 'ERR_STORE_CORRUPT');
  const length = requireWhole(pin.length, 'pin', 4, 12, 'ERR_STORE_CORRUPT');
  if (pin.kind === 'pvv')
    return {
      kind: 'pvv',
      pvki: text(pin.pvki, /^[0-9]$/) as Pvki,
      pvv: text(pin.pvv, /^[0-9]{4}$/) as Pvv,
      length,
    };
  if (pin.kind !== 'ibm3624') return fail('ERR_STORE_CORRUPT', 'pin', 'a bound PIN of a known kind');
  const method = text(pin.method, /^[A-Za-z0-9._-]{1,32}$/);
  return { kind: 'ibm3624', method, offset: text(pin.offset, /^[0-9]{4,12}$/) as PinOffset, length };
}

/** What layer 4 verifies a PIN with. */
export function referenceOf(inside: Inside, pin: BoundPin): PinReference {
  return pin.kind === 'pvv'
    ? { pvki: pin.pvki, pvv: pin.pvv }
    : { offset: pin.offset, method: methodOf(inside, pin.method) };
}

/** The PIN that was bound, from its offset or its sealed field; refused where the method has neither. */
export async function recoverClearPin(
  inside: Inside,
  pan: Pan,
  method: PinMethod,
  pin: BoundPin,
): Promise<ClearPin> {
  if (pin.kind === 'ibm3624') {
    // A retired key gives back what was bound with it.
    const { key } = await inside.vault.hold(method.pvk);
    return pinFromOffset(requireUsage(key, 'V1'), pin.offset, pan, methodOf(inside, pin.method));
  }
  if (pin.sealed === undefined || method.sealKey === undefined)
    return fail('ERR_PIN_NOT_RECOVERABLE', 'pin', 'an offset or a sealed PIN', 'a PVV alone');
  const key = await inside.vault.use(method.sealKey, 'openField', 'method.sealKey');
  return makePin(Uint8Array.from(openField(key, pin.sealed, sealContext(pan, pin.length))));
}
