/**
 * The text of magnetic stripe tracks 1 and 2 (ISO/IEC 7813), sentinels included, LRC not.
 *
 * Discretionary data are the issuer's: what stands there (PVKI, PVV, CVV, in which order) is said by
 * the caller, digit by digit, and never put together here.
 */
import { fail } from '../error.ts';
import { requireObject, requirePattern } from '../input.ts';
import { type CardData, requireExpiry, requireServiceCode } from './card-data.ts';
import { requirePan } from './pan.ts';

/** Most characters of a track, with sentinels and LRC. */
const TRACK_1_LENGTH = 79;
const TRACK_2_LENGTH = 40;

function checkCard(card: CardData): CardData {
  requireObject(card, 'card');
  const { pan, expiry, serviceCode } = card;
  requirePan(pan, 'pan');
  requireExpiry(expiry, 'expiry');
  requireServiceCode(serviceCode, 'serviceCode');
  return { pan, expiry, serviceCode };
}

/** Refuses a name that track 1 cannot hold. */
export function requireTrackName(name: unknown): string {
  return requirePattern(name, /^[A-Z0-9 ./'&-]{2,26}$/, 26, 'name', "2 to 26 of A-Z 0-9 space . / - ' &");
}

/**
 * Track 1, format B.
 *
 * Layout
 *   %B PAN ^ NAME ^ YYMM SSS discretionary data ?
 *
 * @param card               PAN, expiry YYMM, service code
 * @param name               2 to 26 of A–Z, 0–9, space and . / - ' &, as SURNAME/GIVEN
 * @param discretionaryData  A–Z, 0–9 and space; the whole track has at most 79 characters with LRC
 * @throws ERR_PAN | ERR_EXPIRY | ERR_SERVICE_CODE | ERR_INPUT  as named; name, data or length
 * @secrets the result is sensitive authentication data where the data hold a CVV
 * @source ISO/IEC 7813:2006, clause 7.1
 */
export function formatTrack1(card: CardData, name: string, discretionaryData: string): string {
  const { pan, expiry, serviceCode } = checkCard(card);
  requireTrackName(name);
  requirePattern(discretionaryData, /^[A-Z0-9 ]*$/, TRACK_1_LENGTH, 'discretionaryData', 'A-Z 0-9 and space');
  const track = `%B${pan}^${name}^${expiry}${serviceCode}${discretionaryData}?`;
  if (track.length + 1 > TRACK_1_LENGTH)
    fail('ERR_INPUT', 'discretionaryData', 'a track of at most 79 characters', `length=${track.length + 1}`);
  return track;
}

/**
 * Track 2.
 *
 * Layout
 *   ; PAN = YYMM SSS discretionary data ?
 *
 * @param card               PAN, expiry YYMM, service code
 * @param discretionaryData  digits; the whole track has at most 40 characters with LRC
 * @throws ERR_PAN | ERR_EXPIRY | ERR_SERVICE_CODE | ERR_INPUT  as named; data or length
 * @secrets the result is sensitive authentication data where the data hold a CVV
 * @source ISO/IEC 7813:2006, clause 7.2
 */
export function formatTrack2(card: CardData, discretionaryData: string): string {
  const { pan, expiry, serviceCode } = checkCard(card);
  requirePattern(discretionaryData, /^[0-9]*$/, TRACK_2_LENGTH, 'discretionaryData', 'digits');
  const track = `;${pan}=${expiry}${serviceCode}${discretionaryData}?`;
  if (track.length + 1 > TRACK_2_LENGTH)
    fail('ERR_INPUT', 'discretionaryData', 'a track of at most 40 characters', `length=${track.length + 1}`);
  return track;
}
