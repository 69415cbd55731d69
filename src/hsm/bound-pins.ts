/** Many PINs bound to their cards at once: the same as `bindPin` for each, over columns. */
import type { Pan, PinOffset, Pvv } from '../brand.ts';
import type { DigitColumn } from '../bytes/digit-column.ts';
import { digitTexts, numberTexts } from '../bytes/text-column.ts';
import type { Key } from '../keys/key.ts';
import { type ClearPins, pinsColumn } from '../pin/clear-pins.ts';
import { generatePvvColumn, pinOffsetColumn } from '../pin/columns.ts';
import { methodOf, pinTag, sealContext } from './bound-pin.ts';
import type { BoundPin, PinMethod } from './functions.ts';
import { type Inside, macUnder } from './inside.ts';
import { fieldSealer } from './sealed-field.ts';

type Bound = { readonly pvk: Key; readonly values: readonly string[] };

/** The PVV or offset of each card. */
async function valuesOf(
  inside: Inside,
  column: DigitColumn,
  method: PinMethod,
  pins: ClearPins,
): Promise<Bound> {
  if (method.kind === 'pvv') {
    const pvk = await inside.vault.use(method.pvk, 'generatePvv', 'method.pvk');
    const pvvs = new Uint16Array(pins.count);
    generatePvvColumn(pvk, pins, column, method.pvki, pvvs, { longPin: 'leftmost-four' });
    return { pvk, values: numberTexts(pvvs, 4) };
  }
  const pvk = await inside.vault.use(method.pvk, 'generatePinOffset', 'method.pvk');
  const out: DigitColumn = {
    data: new Uint8Array(pins.count * pins.length).fill(0x30),
    digits: pins.length,
    encoding: 'ascii',
  };
  pinOffsetColumn(pvk, pins, column, methodOf(inside, method.method), out);
  return { pvk, values: digitTexts(out) };
}

/** Binds the PINs of a chunk of cards; one data key seals them, where the method seals PINs. */
export async function bindPins(
  inside: Inside,
  pans: { readonly column: DigitColumn; readonly texts: readonly Pan[] },
  method: PinMethod,
  pins: ClearPins,
): Promise<readonly BoundPin[]> {
  const mac = macUnder(await inside.vault.use(method.tagKey, 'tagPin', 'method.tagKey'), 'tagPin');
  const sealer =
    method.sealKey === undefined
      ? undefined
      : fieldSealer(await inside.vault.use(method.sealKey, 'sealField', 'method.sealKey'), inside.random);
  const { pvk, values } = await valuesOf(inside, pans.column, method, pins);
  const { length } = pins;
  const digits = pinsColumn(pins).data;
  const bound = pans.texts.map((pan, i): BoundPin => {
    const value = values[i] as string;
    const unbound =
      method.kind === 'pvv'
        ? ({ kind: 'pvv', pvki: method.pvki, pvv: value as Pvv, length } as const)
        : ({ kind: 'ibm3624', method: method.method, offset: value as PinOffset, length } as const);
    const sealed = sealer?.seal(digits.subarray(length * i, length * (i + 1)), sealContext(pan, length));
    const tag = pinTag(mac, pan, pvk, unbound, sealed ?? '');
    return Object.freeze({ ...unbound, tag, ...(sealed !== undefined && { sealed }) });
  });
  sealer?.close();
  return bound;
}
