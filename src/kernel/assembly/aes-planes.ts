/**
 * AES for eight blocks side by side, bit by bit: nothing is looked up.
 *
 * Eight blocks of sixteen bytes are eight planes of 128 bits. Plane n holds bit n of every byte: byte p of the plane
 * is byte p of the blocks, and its eight bits are the eight blocks.
 *
 *              byte 0           byte 1                      byte 15
 *   plane 0    b0 of 8 blocks   b0 of 8 blocks     ...      b0 of 8 blocks      the lowest bits
 *   ...
 *   plane 7    b7 of 8 blocks   b7 of 8 blocks     ...      b7 of 8 blocks      the highest bits
 *
 * The S-box is a circuit over the planes. ShiftRows moves the bytes of each plane alike. For MixColumns, with a the
 * column turned by its row and t = a + (a of the next row):
 *
 *   2·t + (a of the next row) + (t of the row after the next)
 *
 * where 2·t is the planes moved up by one, and plane 7 added to planes 0, 1, 3 and 4 as well (the polynomial 11B).
 */
import { aesBox } from './aes-box';
import { ROWS, ROWS_1, TURN_2 } from './aes-tables';
import { AES_KEYS, AES_PLANES, AES_STATE } from './memory';
import { transposeBits } from './transpose';

/** Bytes of eight planes. */
const STATE_BYTES: usize = 128;

/** The round keys at AES_KEYS as planes, the constant of the S-box in all but the first. */
export function toKeyPlanes(rounds: i32): void {
  for (let i: usize = 0; i <= <usize>rounds; i++) {
    const constant = i8x16.splat(i == 0 ? 0 : 0x63);
    const key = v128.xor(v128.load(AES_KEYS + 16 * i), constant);
    for (let bit: usize = 0; bit < 8; bit++) {
      const mask = i8x16.splat((<i8>1) << (<i8>bit));
      v128.store(AES_PLANES + STATE_BYTES * i + 16 * bit, v128.eq<u8>(v128.and(key, mask), mask));
    }
  }
}

/** Eight blocks as the planes of the state. */
// @ts-ignore: decorator
@inline
export function loadEight(a: v128, b: v128, c: v128, d: v128, e: v128, f: v128, g: v128, h: v128): void {
  transposeBits(a, b, c, d, e, f, g, h, AES_STATE, AES_STATE + 16, 32);
}

/** The planes of the state as eight blocks, from `to` on. */
// @ts-ignore: decorator
@inline
export function storeEight(to: usize): void {
  transposeBits(
    v128.load(AES_STATE),
    v128.load(AES_STATE, 16),
    v128.load(AES_STATE, 32),
    v128.load(AES_STATE, 48),
    v128.load(AES_STATE, 64),
    v128.load(AES_STATE, 80),
    v128.load(AES_STATE, 96),
    v128.load(AES_STATE, 112),
    to,
    to + 16,
    32,
  );
}

/** The state enciphered. */
export function encryptState(rounds: i32): void {
  for (let plane: usize = 0; plane < STATE_BYTES; plane += 16) addKey(plane, v128.load(AES_STATE + plane), AES_PLANES);
  let key = AES_PLANES + STATE_BYTES;
  for (let i = 1; i < rounds; i++) {
    aesBox(AES_STATE);
    mixColumns(key);
    key += STATE_BYTES;
  }
  aesBox(AES_STATE);
  const rows = v128.load(ROWS);
  for (let plane: usize = 0; plane < STATE_BYTES; plane += 16)
    addKey(plane, v128.swizzle(v128.load(AES_STATE + plane), rows), key);
}

// @ts-ignore: decorator
@inline
function addKey(plane: usize, value: v128, key: usize): void {
  v128.store(AES_STATE + plane, v128.xor(value, v128.load(key + plane)));
}

/** ShiftRows, MixColumns and the round key. */
// @ts-ignore: decorator
@inline
function mixColumns(key: usize): void {
  const rows = v128.load(ROWS);
  const next = v128.load(ROWS_1);
  const turn = v128.load(TURN_2);
  const top = pairSum(112, rows, next);
  let below = mixPlane(0, top, rows, next, turn, key);
  below = mixPlane(16, v128.xor(below, top), rows, next, turn, key);
  below = mixPlane(32, below, rows, next, turn, key);
  below = mixPlane(48, v128.xor(below, top), rows, next, turn, key);
  below = mixPlane(64, v128.xor(below, top), rows, next, turn, key);
  below = mixPlane(80, below, rows, next, turn, key);
  below = mixPlane(96, below, rows, next, turn, key);
  mixPlane(112, below, rows, next, turn, key);
}

/** A plane of t. */
// @ts-ignore: decorator
@inline
function pairSum(plane: usize, rows: v128, next: v128): v128 {
  const s = v128.load(AES_STATE + plane);
  return v128.xor(v128.swizzle(s, rows), v128.swizzle(s, next));
}

/** A plane of the result, given the one of 2·t; hands over the plane of t. */
// @ts-ignore: decorator
@inline
function mixPlane(plane: usize, twice: v128, rows: v128, next: v128, turn: v128, key: usize): v128 {
  const s = v128.load(AES_STATE + plane);
  const after = v128.swizzle(s, next);
  const t = v128.xor(v128.swizzle(s, rows), after);
  addKey(plane, v128.xor(v128.xor(twice, after), v128.swizzle(t, turn)), key);
  return t;
}

/** Blocks from `from` on enciphered in place. Up to seven blocks more are written than there are. */
export function encryptAesBlocks(from: usize, blocks: i32, rounds: i32): void {
  for (let at = from, end: usize = from + 16 * blocks; at < end; at += STATE_BYTES) {
    loadEight(
      v128.load(at),
      v128.load(at, 16),
      v128.load(at, 32),
      v128.load(at, 48),
      v128.load(at, 64),
      v128.load(at, 80),
      v128.load(at, 96),
      v128.load(at, 112),
    );
    encryptState(rounds);
    storeEight(at);
  }
}
