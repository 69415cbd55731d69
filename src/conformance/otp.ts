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

/** The hash function that a case names. */
export function hashOf(name: string): HashName {
  const found = HASHES.get(name.replace('-', ''));
  if (found === undefined) throw new Unsupported(`hash ${name}`);
  return found;
}

function check(vector: VectorCase, hash: HashName, counter: number): 'passed' {
  const value = hotp(hash, vector.bytes('secret'), counter, vector.number('digits'));
  if (vector.has('hmac')) beginsWith('hmac', value.hmac, vector.text('hmac'));
  if (vector.has('truncated')) same('truncated', value.truncated, vector.number('truncated'));
  same('otp', value.code, vector.text('otp'));
  return 'passed';
}

export const otp: Operations = {
  'otp.hotp': (vector) =>
    check(vector, vector.has('hash') ? hashOf(vector.text('hash')) : 'SHA-1', vector.number('counter')),
  'otp.totp': (vector) => {
    const t0 = vector.has('t0') ? vector.number('t0') : 0;
    const counter = Math.floor((vector.number('unixTime') - t0) / vector.number('timeStep'));
    if (vector.has('counterHex')) same('counterHex', counter, Number.parseInt(vector.text('counterHex'), 16));
    return check(vector, hashOf(vector.text('hash')), counter);
  },
};
