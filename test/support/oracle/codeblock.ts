// Second implementation (test oracle), independent of src: the code block, the project's own construction
// (one value of 1 to 12 digits in one TDES block) in its three layouts.
import { tdesEcb } from './cipher.ts';

export type CodeBlockLayout = 'random-fill' | 'F-fill' | 'zero-fill';

function bad(): Error {
  return new Error('oracle: not a code block');
}

/** The clear block; `fill` gives the random nibbles of layout `random-fill` (14 − number of digits). */
export function encodeCodeBlock(layout: CodeBlockLayout, digits: string, fill: string): string {
  if (!/^\d{1,12}$/.test(digits)) throw new Error('oracle: 1 to 12 digits');
  if (layout === 'F-fill') return digits.padEnd(16, 'F');
  if (layout === 'zero-fill') return digits.padEnd(16, '0');
  const block = `C${digits.length.toString(16).toUpperCase()}${digits}${fill}`;
  if (!/^[0-9A-F]{16}$/.test(block)) throw new Error('oracle: fill');
  return block;
}

/** The digits of a clear block; `count` must be given for F-fill and zero-fill. */
export function decodeCodeBlock(layout: CodeBlockLayout, block: string, count: number): string {
  if (!/^[0-9A-F]{16}$/.test(block)) throw bad();
  if (layout === 'random-fill') {
    const stated = Number.parseInt(block.charAt(1), 16);
    const digits = block.slice(2, 2 + stated);
    if (block.charAt(0) !== 'C' || stated < 1 || stated > 12) throw bad();
    if (!/^\d+$/.test(digits)) throw bad();
    return digits;
  }
  const digits = block.slice(0, count);
  const fill = block.slice(count);
  if (!/^\d{1,12}$/.test(digits)) throw bad();
  if (!(layout === 'F-fill' ? /^F+$/ : /^0+$/).test(fill)) throw bad();
  return digits;
}

export function sealCodeBlock(keyHex: string, layout: CodeBlockLayout, digits: string, fill: string): string {
  if (keyHex.length !== 32 && keyHex.length !== 48) throw new Error('oracle: 16 or 24 key bytes');
  return tdesEcb(keyHex, encodeCodeBlock(layout, digits, fill), 'encrypt');
}

export function openCodeBlock(keyHex: string, layout: CodeBlockLayout, block: string, count: number): string {
  if (keyHex.length !== 32 && keyHex.length !== 48) throw new Error('oracle: 16 or 24 key bytes');
  return decodeCodeBlock(layout, tdesEcb(keyHex, block, 'decrypt'), count);
}
