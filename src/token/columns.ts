/** PAN ↔ token over columns, for numeric profiles: the same tokens as a loop over the single functions. */
import {
  type DigitColumn,
  digitAt,
  readColumn,
  refuseRow,
  requireRows,
  rowsOf,
  rowText,
  type SourceColumn,
  writeDigit,
  writeLastDigits,
  zeroOf,
} from '../bytes/digit-column.ts';
import { requireApart, zeroedOnRefusal } from '../bytes/output-column.ts';
import { fail } from '../error.ts';
import { readOptions, requireIdentifier } from '../input.ts';
import { luhnSums } from '../kernel/luhn.ts';
import { type BackendOptions, type BulkAes, bulkAesFor } from '../keys/bulk.ts';
import type { Key } from '../keys/key.ts';
import { cryptFf1Column } from '../mode/ff1-column.ts';
import type { PanLength } from '../pan/pan.ts';
import { readPanColumn } from '../pan/pan-column.ts';
import { encipheredDigits, type NumericProfile, type TokenProfile, tokenProfiles } from './profile.ts';
import { numericTweak } from './tokenize.ts';

function requireNumeric(profile: TokenProfile): NumericProfile {
  tokenProfiles.require(profile, 'profile');
  if (profile.kind !== 'numeric') fail('ERR_INPUT', 'profile', 'a numeric profile', profile.kind);
  return profile;
}

/** Most different tweaks that are kept at hand. */
const MOST_TWEAKS = 10_000;

/** The tweak of each row, by the digits that are kept: a batch has few different ones. */
function tweaksOf(
  column: SourceColumn,
  profile: NumericProfile,
  tenant: string,
): (row: number) => Uint8Array {
  const { keepFirst, keepLast } = profile;
  const known = new Map<number, Uint8Array>();
  return (row) => {
    let kept = 0;
    for (let i = 0; i < keepFirst; i++) kept = kept * 10 + digitAt(column, row, i);
    for (let i = column.digits - keepLast; i < column.digits; i++) kept = kept * 10 + digitAt(column, row, i);
    let tweak = known.get(kept);
    if (tweak === undefined) {
      tweak = numericTweak(rowText(column, row), profile, tenant);
      if (known.size < MOST_TWEAKS) known.set(kept, tweak);
    }
    return tweak;
  };
}

function crypt(
  cipher: BulkAes,
  direction: 'encrypt' | 'decrypt',
  source: SourceColumn,
  target: SourceColumn,
  profile: NumericProfile,
  tenant: string,
): void {
  const rows = rowsOf(source);
  const { keepFirst } = profile;
  const count = encipheredDigits(profile, source.digits);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < keepFirst; i++) writeDigit(target, row, i, digitAt(source, row, i));
    for (let i = keepFirst + count; i < source.digits; i++)
      writeDigit(target, row, i, digitAt(source, row, i));
  }
  cryptFf1Column(cipher, {
    rows,
    digits: count,
    direction,
    source: { column: source, first: keepFirst },
    tweak: tweaksOf(source, profile, tenant),
    target: { column: target, first: keepFirst },
  });
}

/** Writes the last digit of each row: the check digit and what the profile adds to it. */
function writeCheckDigits(column: SourceColumn, offset: number): void {
  const rows = rowsOf(column);
  const digits = new Uint8Array(rows);
  const last = column.digits - 1;
  luhnSums({ ...column, digits: last }, 'check-digit', digits);
  writeLastDigits(column, digits, offset);
}

/** The column that results go to: as many numbers of as many digits, in memory of its own. */
function readTarget(out: DigitColumn, like: SourceColumn): SourceColumn {
  const { digits } = like;
  const rule = { field: 'out', code: 'ERR_INPUT', low: digits, high: digits, leadingZero: true } as const;
  const target = readColumn(out, rule);
  requireRows(target, rowsOf(like));
  requireApart(target.data, [like.data], 'out.data');
  return target;
}

/**
 * The tokens of a column of PANs.
 *
 * @param key      AES, usage D0, mode B, E or N; for tokens only
 * @param pans     of one length that the profile takes, with valid check digits
 * @param profile  of `defineTokenProfile`, numeric
 * @param tenant   whose tokens they are: 1 to 128 printable ASCII characters
 * @param out      as many numbers of as many digits, to be written; not the memory of `pans`
 * @param options  backend: ciphers of the platform
 * @throws ERR_PAN    a row, named as in `pans[17]`: not a PAN, or a wrong check digit; a length that the profile does not take
 * @throws ERR_INPUT  profile, tenant, a column, the backend
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_DESTROYED  the key may not
 * @secrets reads a key
 * @cost   10 AES blocks per PAN
 * @source as `tokenizePan` · evidence: vectors/self/token, vectors/ff1
 */
export function tokenizePanColumn(
  key: Key<'D0'>,
  pans: DigitColumn,
  profile: TokenProfile,
  tenant: string,
  out: DigitColumn,
  options?: BackendOptions,
): void {
  const { backend } = readOptions(options, 'options', ['backend']);
  const numeric = requireNumeric(profile);
  const cipher = bulkAesFor(key, 'tokenizePan', backend);
  requireIdentifier(tenant, 'tenant');
  const source = readPanColumn(pans, 'pans');
  if (!numeric.panLengths.includes(source.digits as PanLength))
    fail('ERR_PAN', 'pans', `${numeric.panLengths.join(', ')} digits`, `${source.digits}`);
  const target = readTarget(out, source);
  zeroedOnRefusal(
    [target.data],
    () => {
      requireValid(source);
      crypt(cipher, 'encrypt', source, target, numeric, tenant);
      if (numeric.luhn !== 'any') writeCheckDigits(target, numeric.checkDigitOffset);
    },
    zeroOf(target),
  );
}

/** Refuses a row that is no PAN with a valid check digit. */
function requireValid(pans: SourceColumn): void {
  const rows = rowsOf(pans);
  const sums = new Uint8Array(rows);
  luhnSums(pans, 'sum', sums);
  for (let row = 0; row < rows; row++) {
    if (digitAt(pans, row, 0) === 0) refuseRow(pans, row);
    if (sums[row] !== 0) fail('ERR_PAN', `pans[${row}]`, 'a valid check digit');
  }
}

/**
 * The PANs of a column of tokens.
 *
 * @param key     AES, usage D0, mode B, D or N
 * @param tokens  as `tokenizePanColumn` gave them, of one length
 * @param out     as many numbers of as many digits, to be written; zeros where a row is refused
 * @throws ERR_TOKEN  a row that is not a token of the profile, named as in `tokens[17]`; one code for every cause
 * @throws ERR_INPUT  profile, tenant, a column, the backend
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_DESTROYED  the key may not
 * @secrets reads a key; writes PANs
 * @source as `tokenizePan`
 */
export function detokenizePanColumn(
  key: Key<'D0'>,
  tokens: DigitColumn,
  profile: TokenProfile,
  tenant: string,
  out: DigitColumn,
  options?: BackendOptions,
): void {
  const { backend } = readOptions(options, 'options', ['backend']);
  const numeric = requireNumeric(profile);
  const cipher = bulkAesFor(key, 'detokenizePan', backend);
  requireIdentifier(tenant, 'tenant');
  const rule = { field: 'tokens', code: 'ERR_TOKEN', low: 12, high: 19, leadingZero: true } as const;
  const source = readColumn(tokens, rule);
  if (!numeric.panLengths.includes(source.digits as PanLength)) notOurs('tokens');
  const target = readTarget(out, source);
  zeroedOnRefusal(
    [target.data],
    () => {
      requireCheckDigits(source, numeric);
      crypt(cipher, 'decrypt', source, target, numeric, tenant);
      if (numeric.luhn !== 'any') writeCheckDigits(target, 0);
      requirePans(target);
    },
    zeroOf(target),
  );
}

/** Refuses tokens that are not digits, or not with the check digit that the profile gives them. */
function requireCheckDigits(tokens: SourceColumn, { luhn, checkDigitOffset }: NumericProfile): void {
  const rows = rowsOf(tokens);
  const digits = new Uint8Array(rows);
  if (luhn === 'any') {
    luhnSums(tokens, 'sum', digits);
    return;
  }
  luhnSums({ ...tokens, digits: tokens.digits - 1 }, 'check-digit', digits);
  for (let row = 0; row < rows; row++)
    if (digitAt(tokens, row, tokens.digits - 1) !== ((digits[row] as number) + checkDigitOffset) % 10)
      notOurs(`tokens[${row}]`);
}

/** Refuses tokens that became no PANs. */
function requirePans(pans: SourceColumn): void {
  const rows = rowsOf(pans);
  const sums = new Uint8Array(rows);
  luhnSums(pans, 'sum', sums);
  for (let row = 0; row < rows; row++)
    if (sums[row] !== 0 || digitAt(pans, row, 0) === 0) notOurs(`tokens[${row}]`);
}

function notOurs(field: string): never {
  return fail('ERR_TOKEN', field, 'a token of the profile');
}
