/** FF1 over columns of decimal numbers: the same as a loop over `encryptFf1` with radix 10. */
import { type DigitColumn, readColumn, requireRows, rowsOf, zeroOf } from '../bytes/digit-column.ts';
import { requireApart, zeroedOnRefusal } from '../bytes/output-column.ts';
import { fail, kindOf } from '../error.ts';
import { readOptions, requireBytes } from '../input.ts';
import { requireDigitsOf } from '../kernel/luhn.ts';
import { type BackendOptions, bulkAesFor } from '../keys/bulk.ts';
import type { Key } from '../keys/key.ts';
import { cryptFf1Column } from '../mode/ff1-column.ts';
import { FF1_MAX_TWEAK_BYTES } from './ff1.ts';

/** Fewest digits: a domain of a million; and most that a column holds. */
const LOW = 6;
const HIGH = 32;

function cryptColumn(
  key: Key<'D0'>,
  operation: 'encryptFf1' | 'decryptFf1',
  numbers: DigitColumn,
  tweak: Uint8Array,
  out: DigitColumn,
  options: BackendOptions | undefined,
): void {
  const { backend } = readOptions(options, 'options', ['backend']);
  const cipher = bulkAesFor(key, operation, backend);
  const rule = { code: 'ERR_INPUT', high: HIGH, leadingZero: true } as const;
  const column = readColumn(numbers, { ...rule, field: 'numbers', low: 1 });
  const { digits } = column;
  if (digits < LOW) fail('ERR_DOMAIN_TOO_SMALL', 'numbers', `at least ${LOW} digits`, `digits=${digits}`);
  requireBytes(tweak, 'tweak');
  if (tweak.length > FF1_MAX_TWEAK_BYTES)
    fail('ERR_INPUT', 'tweak', `at most ${FF1_MAX_TWEAK_BYTES} bytes`, kindOf(tweak));
  const target = readColumn(out, { ...rule, field: 'out', low: digits, high: digits });
  const rows = rowsOf(column);
  requireRows(target, rows);
  requireApart(target.data, [column.data], 'out.data');
  zeroedOnRefusal([target.data], () => requireDigitsOf(column), zeroOf(target));
  const direction = operation === 'encryptFf1' ? 'encrypt' : 'decrypt';
  const job = {
    rows,
    digits,
    direction,
    source: { column, first: 0 },
    target: { column: target, first: 0 },
  } as const;
  zeroedOnRefusal([target.data], () => cryptFf1Column(cipher, { ...job, tweak }), zeroOf(target));
}

/**
 * A column of decimal numbers enciphered, all under one tweak.
 *
 * @param key      AES, usage D0, mode B, E or N
 * @param numbers  6 to 32 digits each; up to 18 go through the kernel, which is where the speed is
 * @param tweak    at most 1 024 bytes, not secret
 * @param out      as many numbers of as many digits, to be written
 * @param options  backend: ciphers of the platform
 * @throws ERR_DOMAIN_TOO_SMALL  fewer than 6 digits
 * @throws ERR_INPUT             a row that is not digits, named as in `numbers[17]`; a column, the tweak, the backend
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_DESTROYED  the key may not
 * @cost   10 AES blocks a number
 * @source NIST SP 800-38G, 5.1 (FF1.Encrypt); Rev. 1 (2PD, 2025) for the domain · evidence: vectors/ff1
 */
export function encryptFf1Column(
  key: Key<'D0'>,
  numbers: DigitColumn,
  tweak: Uint8Array,
  out: DigitColumn,
  options?: BackendOptions,
): void {
  cryptColumn(key, 'encryptFf1', numbers, tweak, out, options);
}

/**
 * A column of decimal numbers deciphered.
 *
 * @param key  AES, usage D0, mode B, D or N
 * @throws as `encryptFf1Column`
 * @source NIST SP 800-38G, 5.1 (FF1.Decrypt) · evidence: vectors/ff1
 */
export function decryptFf1Column(
  key: Key<'D0'>,
  numbers: DigitColumn,
  tweak: Uint8Array,
  out: DigitColumn,
  options?: BackendOptions,
): void {
  cryptColumn(key, 'decryptFf1', numbers, tweak, out, options);
}
