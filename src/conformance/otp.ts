/** HOTP (RFC 4226) and TOTP (RFC 6238). */
import { hotp } from '../dcvv2/hotp.ts';
import type { HashName } from '../mode/hmac.ts';
import type { VectorCase } from './vector-file.ts';
import { beginsWith, type Operations, same, Unsupported } from './verdict.ts';

const HASHES: ReadonlyMap<string, HashName> = new Map([
  ['SHA1', 'SHA-1'],
  ['SHA256', 'SHA-256'],
  ['SHA512', 'SHA-512'],
]);

/** Counters and times stay exact. */
const MOST = Number.MAX_SAFE_INTEGER;

/** The hash function that a case names. */
export function hashOf(name: string): HashName {
  const found = HASHES.get(name.replace('-', ''));
  if (found === undefined) throw new Unsupported(`hash ${name}`);
  return found;
}

function check(vector: VectorCase, hash: HashName, counter: number): 'passed' {
  const value = hotp(hash, vector.bytes('secret'), counter, vector.whole('digits', 1, 9));
  if (vector.has('hmac')) beginsWith('hmac', value.hmac, vector.text('hmac'));
  if (vector.has('truncated')) same('truncated', value.truncated, vector.number('truncated'));
  same('otp', value.code, vector.text('otp'));
  return 'passed';
}

export const otp: Operations = {
  'otp.hotp': (vector) =>
    check(
      vector,
      vector.has('hash') ? hashOf(vector.text('hash')) : 'SHA-1',
      vector.whole('counter', 0, MOST),
    ),
  'otp.totp': (vector) => {
    const t0 = vector.has('t0') ? vector.whole('t0', 0, MOST) : 0;
    const counter = Math.floor((vector.whole('unixTime', 0, MOST) - t0) / vector.whole('timeStep', 1, MOST));
    if (vector.has('counterHex')) same('counterHex', counter, Number.parseInt(vector.text('counterHex'), 16));
    return check(vector, hashOf(vector.text('hash')), counter);
  },
};
