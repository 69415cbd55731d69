// Second implementation (test oracle), independent of src: dynamic CVV2. HOTP and TOTP from RFC 4226 and
// RFC 6238; profile `cvv-time` and both card-key derivations are the project's own constructions.

import type { HashName } from './cipher.ts';
import { hmac, oddParity } from './cipher.ts';
import { cvv } from './cvv.ts';
import { lp } from './lp.ts';

/** T = floor((time − t0) / period). */
export function timeStep(time: number, t0: number, period: number): number {
  if (time < t0) throw new Error('oracle: time before t0');
  return Number((BigInt(time) - BigInt(t0)) / BigInt(period));
}

export interface HotpResult {
  readonly code: string;
  readonly hmac: string;
  readonly truncated: number;
}

export function hotp(hash: HashName, keyHex: string, counter: number | bigint, digits: number): HotpResult {
  const mac = hmac(hash, keyHex, counter.toString(16).padStart(16, '0'));
  const offset = Number.parseInt(mac.slice(-1), 16);
  const fourBytes = mac.slice(offset * 2, offset * 2 + 8);
  const truncated = Number.parseInt(fourBytes, 16) % 2 ** 31;
  const code = String(truncated % 10 ** digits).padStart(digits, '0');
  return { code, hmac: mac, truncated };
}

export function totp(
  hash: HashName,
  keyHex: string,
  time: number,
  t0: number,
  period: number,
  digits: number,
): string {
  return hotp(hash, keyHex, timeStep(time, t0, period), digits).code;
}

/** Card key of profile `totp`: 32 bytes. */
export function totpCardKey(masterKeyHex: string, pan: string, psn: string, expiry: string): string {
  return hmac('SHA256', masterKeyHex, lp('dcvv2/totp/1', pan, psn, expiry));
}

/** Card key of profile `cvv-time`: 16 bytes with odd parity. */
export function cvvTimeCardKey(masterCvkHex: string, pan: string, psn: string, expiry: string): string {
  const mac = hmac('SHA256', masterCvkHex, lp('dcvv2/cvv-time/1', pan, psn, expiry));
  const key = oddParity(mac.slice(0, 32));
  if (key.slice(0, 16) === key.slice(16)) throw new Error('oracle: equal halves');
  return key;
}

/** Expiry (YYMM) and service code that a time step stands for. */
export function cvvTimeFields(step: number): { expiry: string; serviceCode: string } {
  const year = Math.floor(step / 12) % 100;
  const month = (step % 12) + 1;
  const service = (Math.floor(step / 1200) % 996) + 1;
  return {
    expiry: String(year).padStart(2, '0') + String(month).padStart(2, '0'),
    serviceCode: String(service).padStart(3, '0'),
  };
}

/** The code of profile `cvv-time` for one step, under the key that is used directly. */
export function cvvTime(cvkHex: string, pan: string, step: number, digits: number): string {
  const { expiry, serviceCode } = cvvTimeFields(step);
  return cvv(cvkHex, pan, expiry, serviceCode, digits).cvv;
}
