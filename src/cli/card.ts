/** One card of the command line: issued as a row, and verified from a row. */
import type { Cvv, Expiry, Pan, Pvki, ServiceCode } from '../brand.ts';
import { digitsToText } from '../bytes/digits.ts';
import { bytesToHex, hexToBytes } from '../bytes/hex.ts';
import { generateCvv, generateCvv2, generateIcvv } from '../cvv/cvv.ts';
import { verifyCvv, verifyCvv2, verifyIcvv } from '../cvv/verify.ts';
import { openCode, sealCode } from '../envelope/code-block.ts';
import { PaymentCryptoError } from '../error.ts';
import type { CardRow } from '../node/card-file.ts';
import type { TestKeys } from '../node/key-file.ts';
import { parseExpiry, parseServiceCode } from '../pan/card-data.ts';
import { maskPan, type PanLength } from '../pan/pan.ts';
import { pinDigits } from '../pin/clear-pin.ts';
import { openPin, sealPin } from '../pin/pin-code-block.ts';
import { generatePvv, parsePvki, parsePvv, verifyPvv } from '../pin/pvv.ts';
import { randomPin } from '../pin/random-pin.ts';
import type { PinPolicy } from '../pin/weak-pin.ts';
import { defineTokenProfile, type TokenProfile } from '../token/profile.ts';
import { detokenizePan, tokenizePan } from '../token/tokenize.ts';

/** Whose tokens the command line makes. */
const TENANT = 'cardwright-cli';

/** What all cards of a batch have in common. */
export interface Batch {
  readonly expiry: Expiry;
  readonly serviceCode: ServiceCode;
  readonly pvki: Pvki;
  readonly pinPolicy: PinPolicy;
  readonly clear: boolean;
}

const profiles = new Map<number, TokenProfile>();

/** Tokens of 19 characters where PANs are long enough, else digits that are no PAN. */
export function profileFor(panLength: number): TokenProfile {
  const known = profiles.get(panLength);
  if (known !== undefined) return known;
  const panLengths = [panLength as PanLength];
  const profile =
    panLength >= 14
      ? defineTokenProfile({ kind: 'alphanumeric', panLengths })
      : defineTokenProfile({ kind: 'numeric', panLengths, keepFirst: 0, keepLast: 0 });
  profiles.set(panLength, profile);
  return profile;
}

/** A card of a PAN. A PVV takes four digits, so the PIN has four. */
export function issueCard(keys: TestKeys, batch: Batch, profile: TokenProfile, pan: Pan): CardRow {
  const { expiry, serviceCode, pvki } = batch;
  const cvv = generateCvv(keys.cvk, { pan, expiry, serviceCode });
  const cvv2 = generateCvv2(keys.cvk, { pan, expiry });
  const icvv = generateIcvv(keys.cvk, { pan, expiry });
  const pin = randomPin(batch.pinPolicy, 4);
  const reference = generatePvv(keys.pvk, pin, pan, pvki);
  const seal = (code: Cvv): string => bytesToHex(sealCode(keys.codeKey, code, 'random-fill'));
  const row: CardRow = {
    token: tokenizePan(keys.tokenKey, pan, profile, TENANT),
    maskedPan: maskPan(pan),
    expiry,
    serviceCode,
    pvki: reference.pvki,
    pvv: reference.pvv,
    cvvBlock: seal(cvv),
    cvv2Block: seal(cvv2),
    icvvBlock: seal(icvv),
    pinBlock: bytesToHex(sealPin(keys.codeKey, pin)),
    ...(batch.clear ? { pan, cvv, cvv2, icvv, pin: digitsToText(pinDigits(pin)) } : {}),
  };
  pin.destroy();
  return row;
}

/** The PAN behind the token of a row. */
export function panOfRow(keys: TestKeys, row: CardRow): Pan {
  return detokenizePan(keys.tokenKey, row.token, profileFor(row.maskedPan.length), TENANT);
}

/** What of a row does not verify, by column; empty when all is well. */
export function verifyRow(keys: TestKeys, row: CardRow): string[] {
  const wrong: string[] = [];
  /** What the action gives; a refusal or a no puts the columns on the list. */
  const attempt = <T>(columns: string, action: () => T): T | undefined => {
    try {
      const result = action();
      if (result === false) wrong.push(columns);
      return result;
    } catch (error) {
      if (!(error instanceof PaymentCryptoError)) throw error;
      wrong.push(columns);
      return undefined;
    }
  };
  const pan = attempt('token', () => panOfRow(keys, row));
  const expiry = attempt('expiry', () => parseExpiry(row.expiry));
  const serviceCode = attempt('serviceCode', () => parseServiceCode(row.serviceCode));
  if (pan === undefined || expiry === undefined || serviceCode === undefined) return wrong;
  const card = { pan, expiry, serviceCode };
  const open = (hex: string): string => openCode(keys.codeKey, hexToBytes(hex), 'random-fill');
  attempt('maskedPan', () => maskPan(pan) === row.maskedPan);
  attempt('cvvBlock', () => verifyCvv(keys.cvk, card, open(row.cvvBlock)));
  attempt('cvv2Block', () => verifyCvv2(keys.cvk, card, open(row.cvv2Block)));
  attempt('icvvBlock', () => verifyIcvv(keys.cvk, card, open(row.icvvBlock)));
  const pin = attempt('pinBlock', () => openPin(keys.codeKey, hexToBytes(row.pinBlock)));
  if (pin !== undefined)
    attempt('pvki, pvv or pinBlock', () => {
      const reference = { pvki: parsePvki(row.pvki, { range: '0-9' }), pvv: parsePvv(row.pvv) };
      return verifyPvv(keys.pvk, pin, pan, reference);
    });
  const { pan: clearPan, cvv, cvv2, icvv, pin: clearPin } = row;
  if (clearPan !== undefined) attempt('pan', () => clearPan === pan);
  if (cvv !== undefined) attempt('cvv', () => verifyCvv(keys.cvk, card, cvv));
  if (cvv2 !== undefined) attempt('cvv2', () => verifyCvv2(keys.cvk, card, cvv2));
  if (icvv !== undefined) attempt('icvv', () => verifyIcvv(keys.cvk, card, icvv));
  if (clearPin !== undefined && pin !== undefined)
    attempt('pin', () => clearPin === digitsToText(pinDigits(pin)));
  return wrong;
}
