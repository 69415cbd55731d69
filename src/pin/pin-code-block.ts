/** A PIN in a code block of random fill: how a PIN goes to its holder's bank, and in no other fill. */
import { type RandomOptions, randomSource } from '../bytes/random.ts';
import { openDigits, sealDigits } from '../envelope/code-block.ts';
import { fail } from '../error.ts';
import { readOptions } from '../input.ts';
import type { Key } from '../keys/key.ts';
import { type ClearPin, makePin, PIN_MIN_LENGTH, pinDigits } from './clear-pin.ts';

/**
 * A PIN in a code block, random-fill.
 *
 * @param key  TDES, usage D0, 16 or 24 bytes, mode B, E or N; never the PIN key of the same client
 * @returns    8 bytes
 * @throws ERR_PIN  not a live PIN
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_DESTROYED | ERR_INPUT  key, options
 * @secrets reads a key and a PIN
 * @source own construction, see `sealCode` · evidence: vectors/self/code-block
 */
export function sealPin(key: Key<'D0'>, pin: ClearPin, options?: RandomOptions): Uint8Array<ArrayBuffer> {
  const { random } = readOptions(options, 'options', ['random']);
  return sealDigits(key, pinDigits(pin), 'random-fill', randomSource(random));
}

/**
 * The PIN in a code block.
 *
 * @param key    TDES, usage D0, 16 or 24 bytes, mode B, D or N
 * @param block  8 bytes
 * @throws ERR_CODE_BLOCK  the block does not open, or holds no PIN; one code for every cause
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_DESTROYED | ERR_INPUT  key, block
 * @secrets reads a key; returns a clear PIN
 * @source own construction, see `sealCode` · evidence: vectors/self/code-block
 */
export function openPin(key: Key<'D0'>, block: Uint8Array): ClearPin {
  const digits = openDigits(key, block, 'random-fill', undefined);
  if (digits.length < PIN_MIN_LENGTH)
    return fail('ERR_CODE_BLOCK', 'block', 'a code block of the layout and key');
  return makePin(digits);
}
