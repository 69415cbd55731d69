/** Luhn check digits. */
import { isLuhnValid, luhnCheckDigit } from '../pan/luhn.ts';
import { sameLuhn } from './batches.ts';
import { type Operations, same } from './verdict.ts';

export const luhn: Operations = {
  'luhn.validate': (vector) => {
    const number = vector.text('number');
    if (vector.has('length')) same('length', number.length, vector.number('length'));
    same('valid', isLuhnValid(number), vector.flag('valid'));
    if (number.length > 1) sameLuhn(number, 'valid', String(vector.flag('valid')));
    return 'passed';
  },
  'luhn.check-digit': (vector) => {
    same('checkDigit', String(luhnCheckDigit(vector.text('payload'))), vector.text('checkDigit'));
    sameLuhn(vector.text('payload'), 'check-digit', vector.text('checkDigit'));
    return 'passed';
  },
};
