/** Visa PVV, on single-length and any other keys. */
import { isDigits } from '../bytes/digits.ts';
import { tdes } from '../des/tdes.ts';
import { packAccount } from '../pan/account.ts';
import { computePvv } from '../pin/pvv.ts';
import { sameSelection } from './batches.ts';
import { VectorFormatError } from './vector-file.ts';
import { type Operations, same } from './verdict.ts';

export const pvv: Operations = {
  pvv: (vector) => {
    const tail12 = vector.has('accountNumber12')
      ? vector.text('accountNumber12')
      : vector.text('pan').slice(0, -1).slice(-12).padStart(12, '0');
    const pin = vector.text('pin');
    const pvki = vector.text('pvki');
    if (tail12.length !== 12 || pin.length < 4 || pvki.length !== 1 || !isDigits(tail12 + pin + pvki))
      throw new VectorFormatError('"pan", "pin" or "pvki" is not digits of its length');
    const account = new Int32Array(2);
    packAccount(`${tail12}0`, account);
    same(
      'pvv',
      computePvv(tdes(vector.bytes('pvk')), account, pvki, Uint8Array.from(pin, Number)),
      vector.text('pvv'),
    );
    sameSelection('pvv', vector.bytes('pvk'), tail12.slice(1) + pvki + pin.slice(0, 4), vector.text('pvv'));
    return 'passed';
  },
};
