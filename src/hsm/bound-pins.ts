/** Many PINs bound to their cards at once: the same as `pinBinder` for each, over columns. */
import type { Pan, PinOffset, Pvv } from '../brand.ts';
import type { DigitColumn } from '../bytes/digit-column.ts';
import { digitTexts, numberTexts } from '../bytes/text-column.ts';
import type { Key } from '../keys/key.ts';
import { type ClearPins, pinsColumn } from '../pin/clear-pins.ts';
import { generatePvvColumn, pinOffsetColumn } from '../pin/columns.ts';
import { methodOf, pinTag, sealContext, sealKeyOf } from './bound-pin.ts';
import type { BoundPin, PinMethod } from './functions.ts';
import { type Inside, macUnder } from './inside.ts';
import { fieldSealer } from './sealed-field.ts';

/** The PANs of a chunk, as a column and as text. */
export interface Pans {
  readonly column: DigitColumn;
  readonly texts: readonly Pan[];
}

type ValuesOf = (column: DigitColumn, pins: ClearPins) => readonly string[];

/** How the PVV or offset of each card is computed, and the key of it. */
async function valuer(
  inside: Inside,
  method: PinMethod,
): Promise<{ readonly pvk: Key; readonly valuesOf: ValuesOf }> {
  if (method.kind === 'pvv') {
    const pvk = await inside.vault.use(method.pvk, 'generatePvv', 'method.pvk');
    const valuesOf: ValuesOf = (column, pins) => {
      const pvvs = new Uint16Array(pins.count);
      generatePvvColumn(pvk, pins, column, method.pvki, pvvs);
      return numberTexts(pvvs, 4);
    };
    return { pvk, valuesOf };
  }
  const pvk = await inside.vault.use(method.pvk, 'generatePinOffset', 'method.pvk');
  const pinned = methodOf(inside, method.method);
  const valuesOf: ValuesOf = (column, pins) => {
    const out: DigitColumn = {
      data: new Uint8Array(pins.count * pins.length).fill(0x30),
      digits: pins.length,
      encoding: 'ascii',
    };
    pinOffsetColumn(pvk, pins, column, pinned, out);
    return digitTexts(out);
  };
  return { pvk, valuesOf };
}

/** Binds the PINs of a chunk of cards; one data key seals them, where the method seals PINs. As `pinBinder`. */
export async function pinsBinder(
  inside: Inside,
  method: PinMethod,
): Promise<(pans: Pans, pins: ClearPins) => readonly BoundPin[]> {
  const mac = macUnder(await inside.vault.use(method.tagKey, 'tagPin', 'method.tagKey'), 'tagPin');
  const sealKey = await sealKeyOf(inside, method);
  const { pvk, valuesOf } = await valuer(inside, method);
  return (pans, pins) => {
    const { length } = pins;
    const values = valuesOf(pans.column, pins);
    const digits = pinsColumn(pins).data;
    const sealer = sealKey === undefined ? undefined : fieldSealer(sealKey, inside.random);
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
  };
}
