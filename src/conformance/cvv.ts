/** CVV, CVV2 and iCVV, on PANs and expiries below the guards; CSC of American Express. */
import { selectDigits } from '../bytes/decimalize.ts';
import { isDigits, numberText } from '../bytes/digits.ts';
import { wordsToHex } from '../bytes/hex.ts';
import { computeCsc } from '../cvv/csc.ts';
import { computeCvv, packCard } from '../cvv/cvv.ts';
import { tdes } from '../des/tdes.ts';
import { sameSelection } from './batches.ts';
import { type VectorCase, VectorFormatError } from './vector-file.ts';
import { Mismatch, type Operations, same, Unsupported } from './verdict.ts';

function dataOf(vector: VectorCase): Int32Array {
  const pan = vector.text('pan');
  const expiry = vector.text('expiry');
  const serviceCode = vector.text('serviceCode');
  const digits = pan + expiry + serviceCode;
  if (
    pan.length === 0 ||
    expiry.length !== 4 ||
    serviceCode.length !== 3 ||
    digits.length > 32 ||
    !isDigits(digits)
  )
    throw new VectorFormatError('"pan", "expiry" or "serviceCode" does not fit into 32 digits');
  const words = new Int32Array(4);
  packCard(pan, expiry, serviceCode, words);
  return words;
}

/** The steps of the algorithm one by one, where a source prints them. */
function intermediates(vector: VectorCase, published: VectorCase): void {
  const cvk = vector.bytes('cvk');
  const a = tdes(cvk.subarray(0, 8));
  const b = tdes(cvk.subarray(8, 16));
  const data = dataOf(vector);
  const block = data.slice(0, 2);
  const step = (name: string, action: () => void): void => {
    action();
    if (published.has(name))
      same(name, wordsToHex(block[0] as number, block[1] as number), published.text(name).toUpperCase());
  };
  step('encA', () => a.encryptWords(block));
  step('xored', () =>
    block.forEach((word, i) => {
      block[i] = word ^ (data[i + 2] as number);
    }),
  );
  step('encC', () => a.encryptWords(block));
  step('decB', () => b.decryptWords(block));
  step('final', () => a.encryptWords(block));
  const digits = vector.text('cvv').length;
  same(
    'cvv',
    numberText(selectDigits(block[0] as number, block[1] as number, digits), digits),
    vector.text('cvv'),
  );
}

function compute(vector: VectorCase): string {
  const digits = vector.text('cvv').length;
  if (digits < 1 || digits > 5) throw new VectorFormatError('"cvv" is not 1 to 5 digits');
  return computeCvv(tdes(vector.bytes('cvk')), dataOf(vector), digits);
}

function csc(digits: 5 | 4) {
  return (vector: VectorCase): 'passed' => {
    same(
      'csc',
      computeCsc(tdes(vector.bytes('csck')), vector.text('pan'), vector.text('expiry'), digits),
      vector.text('csc'),
    );
    return 'passed';
  };
}

export const cvv: Operations = {
  cvv: (vector) => {
    same('cvv', compute(vector), vector.text('cvv'));
    const digits = vector.text('pan') + vector.text('expiry') + vector.text('serviceCode');
    sameSelection('cvv', vector.bytes('cvk'), digits.padEnd(32, '0'), vector.text('cvv'));
    if (vector.has('intermediates')) intermediates(vector, vector.object('intermediates'));
    return 'passed';
  },
  'cvv.mismatch': (vector) => {
    if (compute(vector) === vector.text('cvv')) throw new Mismatch('"cvv" verifies, but must not');
    return 'refused';
  },
  'amex.csc': (vector) => {
    const csck = tdes(vector.bytes('csck'));
    if (!vector.has('csc5') && !vector.has('csc4') && !vector.has('csc3'))
      throw new VectorFormatError('neither "csc5" nor "csc4"');
    for (const [field, digits] of [
      ['csc5', 5],
      ['csc4', 4],
    ] as const)
      if (vector.has(field))
        same(field, computeCsc(csck, vector.text('pan'), vector.text('expiry'), digits), vector.text(field));
    // The published 3CSC follows a rule for letters that nothing else confirms.
    if (vector.has('csc3')) throw new Unsupported('3CSC');
    return 'passed';
  },
  'amex.csc5': csc(5),
  'amex.csc4': csc(4),
};
