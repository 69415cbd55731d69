/** One card of the command line: issued as a row, and verified from a row. */
import type { Cvv, Expiry, Pan, Pvki, ServiceCode } from '../brand.ts';
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

/** Tokens of 19 characters where PANs are long enough, else digits that are no PAN. */
export function profileFor(panLength: number): TokenProfile {
  return panLength >= 14
    ? defineTokenProfile({ kind: 'alphanumeric', panLengths: [panLength as PanLength] })
    : defineTokenProfile({
        kind: 'numeric',
        panLengths: [panLength as PanLength],
        keepFirst: 0,
        keepLast: 0,
      });
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
    ...(batch.clear ? { pan, cvv, cvv2, icvv, pin: Array.from(pinDigits(pin)).join('') } : {}),
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
  const check = (column: string, holds: () => boolean): void => {
    try {
      if (!holds()) wrong.push(column);
    } catch (error) {
      if (!(error instanceof PaymentCryptoError)) throw error;
      wrong.push(column);
    }
  };
  let pan: Pan | undefined;
  check('token', () => {
    pan = panOfRow(keys, row);
    return true;
  });
  if (pan === undefined) return wrong;
  const known = pan;
  const open = (hex: string): string => openCode(keys.codeKey, hexToBytes(hex), 'random-fill');
  const card = {
    pan: known,
    expiry: parseExpiry(row.expiry),
    serviceCode: parseServiceCode(row.serviceCode),
  };
  check('maskedPan', () => maskPan(known) === row.maskedPan);
  check('cvvBlock', () => verifyCvv(keys.cvk, card, open(row.cvvBlock)));
  check('cvv2Block', () => verifyCvv2(keys.cvk, card, open(row.cvv2Block)));
  check('icvvBlock', () => verifyIcvv(keys.cvk, card, open(row.icvvBlock)));
  check('pinBlock', () => {
    const pin = openPin(keys.codeKey, hexToBytes(row.pinBlock));
    return verifyPvv(keys.pvk, pin, known, {
      pvki: parsePvki(row.pvki, { range: '0-9' }),
      pvv: parsePvv(row.pvv),
    });
  });
  if (row.pan !== undefined) check('pan', () => row.pan === known);
  if (row.cvv !== undefined) check('cvv', () => verifyCvv(keys.cvk, card, row.cvv as string));
  if (row.cvv2 !== undefined) check('cvv2', () => verifyCvv2(keys.cvk, card, row.cvv2 as string));
  if (row.icvv !== undefined) check('icvv', () => verifyIcvv(keys.cvk, card, row.icvv as string));
  if (row.pin !== undefined)
    check(
      'pin',
      () => row.pin === Array.from(pinDigits(openPin(keys.codeKey, hexToBytes(row.pinBlock)))).join(''),
    );
  return wrong;
}
