/** FF1 of SP 800-38G with the domain of the 2016 edition, or a larger minimum where a case states one. */
import { aes } from '../aes/block.ts';
import { fail } from '../error.ts';
import { Alphabet } from '../mode/alphabet.ts';
import { ff1 as ff1Of } from '../mode/ff1.ts';
import { onEveryEngine } from './batches.ts';
import type { VectorCase } from './vector-file.ts';
import { type Operations, refuses, same } from './verdict.ts';

function crypt(vector: VectorCase, field: 'plaintext' | 'ciphertext'): string {
  const alphabet = new Alphabet(vector.text('alphabet'));
  if (vector.has('radix')) same('radix', alphabet.radix, vector.number('radix'));
  const numerals = alphabet.toNumerals(vector.text(field));
  const minimum = vector.has('minimumDomainSize') ? vector.number('minimumDomainSize') : 0;
  if (alphabet.radix ** numerals.length < minimum)
    fail('ERR_DOMAIN_TOO_SMALL', field, `a domain of at least ${minimum}`);
  const cryptor = ff1Of(aes(vector.bytes('key')), alphabet.radix);
  const tweak = vector.bytes('tweak');
  return alphabet.toText(
    field === 'plaintext' ? cryptor.encrypt(numerals, tweak) : cryptor.decrypt(numerals, tweak),
  );
}

/** With the kernel, which takes the rounds of short halves, and without. */
function bothWays(vector: VectorCase): 'passed' {
  onEveryEngine(() => {
    same('ciphertext', crypt(vector, 'plaintext'), vector.text('ciphertext'));
    same('plaintext', crypt(vector, 'ciphertext'), vector.text('plaintext'));
  });
  return 'passed';
}

export const ff1: Operations = {
  'ff1.encrypt': bothWays,
  'ff1.decrypt': bothWays,
  'ff1.reject': (vector) =>
    refuses(() => crypt(vector, vector.has('plaintext') ? 'plaintext' : 'ciphertext')),
};
