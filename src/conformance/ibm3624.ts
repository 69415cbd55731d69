/** IBM 3624 natural PINs and offsets, with the validation data of the case or of its rule. */
import type { Pan } from '../brand.ts';
import { addDigits, isDigits, subtractDigits } from '../bytes/digits.ts';
import { tdes } from '../des/tdes.ts';
import { encryptEcb } from '../mode/ecb.ts';
import { computeNaturalPin } from '../pin/ibm3624.ts';
import { type ValidationDataLayout, validationDataOf } from '../pin/ibm3624-method.ts';
import { sameMapping } from './batches.ts';
import { type VectorCase, VectorFormatError } from './vector-file.ts';
import { type Operations, same, sameBytes } from './verdict.ts';

/** The layout that a rule of the vectors means; `undefined` for a rule that is not known here. */
function layoutOf(rule: VectorCase): ValidationDataLayout | undefined {
  switch (rule.text('kind')) {
    case 'pan-slice':
      return {
        start: rule.number('offset'),
        from: 'left',
        digits: rule.number('length'),
        padSide: 'right',
        padDigit: rule.text('pad'),
      };
    case 'zero-left-pan12':
      return { start: 1, from: 'right', digits: 12, padSide: 'left', padDigit: '0' };
    case 'payshield-template':
      return rule.has('template') ? { template: rule.text('template') } : undefined;
    case 'layout':
      return {
        start: rule.number('start'),
        from: rule.text('from') as 'left' | 'right',
        digits: rule.number('digits'),
        padSide: rule.text('padSide') as 'left' | 'right',
        padDigit: rule.text('padDigit'),
      };
    default:
      return undefined;
  }
}

export const ibm3624: Operations = {
  ibm3624: (vector) => {
    const validationData = vector.text('validationData');
    const table = vector.text('decimalizationTable');
    const length = vector.number('pinLength');
    if (!/^[0-9A-F]{16}$/i.test(validationData) || !/^[0-9]{16}$/.test(table) || length < 1 || length > 16)
      throw new VectorFormatError('"validationData", "decimalizationTable" or "pinLength"');
    if (vector.has('validationRule') && vector.has('pan')) {
      const layout = layoutOf(vector.object('validationRule'));
      const pan = vector.text('pan');
      if (layout !== undefined && isDigits(pan) && pan.length >= 12 && pan.length <= 19)
        same('validationData', validationDataOf(pan as Pan, layout), validationData);
    }
    const pvk = tdes(vector.bytes('pvk'));
    if (vector.has('ciphertext'))
      sameBytes('ciphertext', encryptEcb(pvk, vector.bytes('validationData')), vector.bytes('ciphertext'));
    if (vector.has('decimalized'))
      same('decimalized', computeNaturalPin(pvk, validationData, table, 16), vector.text('decimalized'));
    const natural = computeNaturalPin(pvk, validationData, table, length);
    sameMapping(vector.bytes('pvk'), validationData, table, natural);
    if (vector.has('naturalPin')) same('naturalPin', natural, vector.text('naturalPin'));
    if (vector.has('offset')) {
      const pin = vector.text('pin');
      const offset = vector.text('offset');
      if (pin.length !== length || offset.length !== length || !isDigits(pin + offset))
        throw new VectorFormatError('"pin" or "offset"');
      same('offset', subtractDigits(pin, natural), offset);
      same('pin', addDigits(natural, offset), pin);
    } else if (!vector.has('naturalPin')) throw new VectorFormatError('neither "naturalPin" nor "offset"');
    return 'passed';
  },
};
