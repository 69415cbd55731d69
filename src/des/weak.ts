/**
 * Keys under which DES or TDES is not what it seems: the weak and semi-weak DES keys (SP 800-67
 * Rev. 2, clause 3.3.2) and TDES keys with equal parts. Parity bits never matter here.
 */

/** The four weak and twelve semi-weak keys, without parity bits, in hex. */
const WEAK: readonly string[] = [
  '0000000000000000',
  'FEFEFEFEFEFEFEFE',
  'E0E0E0E0F0F0F0F0',
  '1E1E1E1E0E0E0E0E',
  '00FE00FE00FE00FE',
  'FE00FE00FE00FE00',
  '1EE01EE00EF00EF0',
  'E01EE01EF00EF00E',
  '00E000E000F000F0',
  'E000E000F000F000',
  '1EFE1EFE0EFE0EFE',
  'FE1EFE1EFE0EFE0E',
  '001E001E000E000E',
  '1E001E000E000E00',
  'E0FEE0FEF0FEF0FE',
  'FEE0FEE0FEF0FEF0',
];

function sevenBitHex(part: Uint8Array): string {
  let text = '';
  for (const byte of part) text += (byte & 0xfe).toString(16).padStart(2, '0').toUpperCase();
  return text;
}

/** Whether the 8-byte DES key is weak or semi-weak. */
export function isWeakDesKey(part: Uint8Array): boolean {
  return WEAK.includes(sevenBitHex(part));
}

/** Whether two 8-byte DES keys are one key, parity bits aside. */
function sameDesKey(a: Uint8Array, b: Uint8Array): boolean {
  let difference = 0;
  for (let i = 0; i < 8; i++) difference |= ((a[i] as number) ^ (b[i] as number)) & 0xfe;
  return difference === 0;
}

/**
 * What is wrong with a 16- or 24-byte TDES key, or `undefined`: a weak part, or two equal parts.
 * K1 = K2 or K2 = K3 turns EDE into single DES; K1 = K3 in 24 bytes poses as triple length.
 */
export function tdesWeakness(key: Uint8Array): string | undefined {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < key.length; at += 8) parts.push(key.subarray(at, at + 8));
  if (parts.some(isWeakDesKey)) return 'a weak or semi-weak part';
  for (let i = 0; i < parts.length; i++)
    for (let j = i + 1; j < parts.length; j++)
      if (sameDesKey(parts[i] as Uint8Array, parts[j] as Uint8Array)) return 'equal parts';
  return undefined;
}
