/** Luhn check digits. */
import { isLuhnValid, luhnCheckDigit } from '../pan/luhn.ts';
import { type Operations, same } from './verdict.ts';

export const luhn: Operations = {
  'luhn.validate': (vector) => {
    const number = vector.text('number');
    if (vector.has('length')) same('length', number.length, vector.number('length'));
    same('valid', isLuhnValid(number), vector.flag('valid'));
    return 'passed';
  },
  'luhn.check-digit': (vector) => {
    same('checkDigit', String(luhnCheckDigit(vector.text('payload'))), vector.text('checkDigit'));
    return 'passed';
  },
};
