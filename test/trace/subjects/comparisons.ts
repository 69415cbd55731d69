/** Comparisons by themselves, of any two secrets. */
import { equalBytes, equalText, isZero } from '../../../src/bytes/equal.ts';
import { bytesToHex } from '../../../src/bytes/hex.ts';
import { writeEqual } from '../../../src/bytes/output-column.ts';
import { importClearKey } from '../../../src/keys/clear.ts';
import { sameKey } from '../../../src/keys/key.ts';
import { parsePin } from '../../../src/pin/clear-pin.ts';
import { definePinPolicy, isWeakPin } from '../../../src/pin/weak-pin.ts';
import { bytesFrom, HEX, Numbers, nearBytes, nearText, type Subject, textFrom } from '../subject.ts';

const both = ['false', 'true'];
const LISTED = ['1212', '7391', '0007', '123321'];
const policy = definePinPolicy({ listed: LISTED });

/** PINs of all kinds that the policy tells apart. */
function pinOf(i: number): string {
  const digit = String(i % 10);
  const weak = [digit.repeat(4), '3456', '9876', ...LISTED.slice(0, 3)];
  return weak[i % 12] ?? textFrom(new Numbers(i), 4);
}

const keyOf = (bytes: Uint8Array) =>
  importClearKey({ usage: 'D0', algorithm: 'A', mode: 'B', exportability: 'N' }, bytes);

const KEY_BYTES = bytesFrom(new Numbers(1), 32);
const key = keyOf(KEY_BYTES);

export const COMPARISONS: readonly Subject[] = [
  {
    name: 'equalBytes: both',
    outcomes: both,
    prepare: (i) => {
      const a = bytesFrom(new Numbers(i), 16);
      const b = nearBytes(a, i);
      return () => equalBytes(a, b);
    },
  },
  {
    name: 'equalText: both',
    outcomes: both,
    prepare: (i) => {
      const a = textFrom(new Numbers(i), 64, HEX);
      const b = nearText(a, i, HEX);
      return () => equalText(a, b);
    },
  },
  {
    name: 'isZero: the bytes',
    outcomes: both,
    prepare: (i) => {
      const bytes = nearBytes(new Uint8Array(24), i);
      return () => isZero(bytes);
    },
  },
  {
    name: 'writeEqual: both columns',
    outcomes: ['done'],
    prepare: (i) => {
      const numbers = new Numbers(i);
      const values = Uint16Array.from({ length: 20 }, () => numbers.below(1000));
      const candidates = values.map((value, row) => ((i >> (row % 10)) & 1) * value);
      return () => {
        writeEqual(new Uint8Array(3), values, candidates);
        return 'done';
      };
    },
  },
  {
    name: 'sameKey: both',
    outcomes: both,
    prepare: (i) => {
      const other = keyOf(nearBytes(KEY_BYTES, i));
      return () => sameKey(key, other);
    },
  },
  {
    name: 'isWeakPin: the PIN',
    outcomes: both,
    prepare: (i) => {
      const pin = parsePin(pinOf(i));
      return () => isWeakPin(pin, policy);
    },
  },
  {
    // A code that is compared as text was bytes before.
    name: 'bytesToHex: the bytes',
    outcomes: ['done'],
    prepare: (i) => {
      const bytes = bytesFrom(new Numbers(i), 35);
      return () => {
        bytesToHex(bytes);
        return 'done';
      };
    },
  },
];
