/**
 * Fields of card-production messages in a form that old receivers ask for: ASCII, padded with spaces
 * to a fixed size, TDES-CBC with a zero IV.
 *
 * Nothing authenticates such a field, and equal beginnings give equal blocks. It is here to talk to
 * what exists; everywhere else use a sealed envelope.
 */
import { asciiToBytes } from '../bytes/length-prefixed.ts';
import { fail } from '../error.ts';
import { frozen, requireBytes, requireOneOf, requirePattern } from '../input.ts';
import { chargeBlocks, type Key, tdesFor } from '../keys/key.ts';
import { decryptCbc, encryptCbc } from '../mode/cbc.ts';

/** The fields, by what they hold. */
export type LegacyField = 'pan' | 'track1' | 'track2' | 'embossing';

/** Bytes of each field: 32, 160, 80 and 176 hex digits in a message. */
export const LEGACY_FIELD_BYTES: { readonly [F in LegacyField]: number } = /* @__PURE__ */ frozen({
  pan: 16,
  track1: 80,
  track2: 40,
  embossing: 88,
});

const ZERO_IV = /* @__PURE__ */ new Uint8Array(8);
const FIELDS = ['pan', 'track1', 'track2', 'embossing'] as const;

/**
 * A field enciphered. Unauthenticated; opt-in by its name.
 *
 * @param key    TDES, usage D0, 16 or 24 bytes, mode B, E or N
 * @param text   printable ASCII, at most as long as the field, not ending in a space
 * @param field  to be said: `pan` 16, `track1` 80, `track2` 40, `embossing` 88 bytes
 * @returns      as many bytes as the field
 * @throws ERR_INPUT          text, field
 * @throws ERR_KEY_EXHAUSTED  the block budget of the key is spent
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_DESTROYED  the key may not
 * @secrets reads a key
 * @source sizes of a published card-management interface; construction ours · SP 800-38A, 6.2 (CBC)
 */
export function encryptLegacyField(
  key: Key<'D0'>,
  text: string,
  field: LegacyField,
): Uint8Array<ArrayBuffer> {
  const size = LEGACY_FIELD_BYTES[requireOneOf(field, 'field', FIELDS)];
  requirePattern(
    text,
    /^([\x20-\x7e]*[\x21-\x7e])?$/,
    size,
    'text',
    `at most ${size} printable ASCII characters, the last not a space`,
  );
  const cipher = tdesFor(key, 'encryptLegacyField');
  chargeBlocks(key, size / 8, 'enforce');
  return encryptCbc(cipher, ZERO_IV, asciiToBytes(text.padEnd(size, ' '), 'text'));
}

/**
 * The text of an enciphered field, trailing spaces removed.
 *
 * @throws ERR_CODE_BLOCK  what comes out is not printable ASCII: another key, or damaged
 * @throws ERR_INPUT       bytes of another size, an unknown field
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_DESTROYED  the key may not
 * @secrets reads a key; returns the field
 * @source as `encryptLegacyField`
 */
export function decryptLegacyField(key: Key<'D0'>, bytes: Uint8Array, field: LegacyField): string {
  const size = LEGACY_FIELD_BYTES[requireOneOf(field, 'field', FIELDS)];
  requireBytes(bytes, 'bytes', size);
  const clear = decryptCbc(tdesFor(key, 'decryptLegacyField'), ZERO_IV, bytes);
  if (clear.some((byte) => byte < 0x20 || byte > 0x7e))
    return fail('ERR_CODE_BLOCK', 'bytes', 'a field of this key');
  return String.fromCharCode(...clear).replace(/ +$/, '');
}
