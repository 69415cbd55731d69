/** Check values, parity and components, on clear bytes below the guards. */
import { aes } from '../aes/block.ts';
import { hexToBytes } from '../bytes/hex.ts';
import { xor } from '../bytes/xor.ts';
import { tdes } from '../des/tdes.ts';
import { adjustParity } from '../keys/parity.ts';
import { cmac } from '../mode/cmac.ts';
import { encryptEcb } from '../mode/ecb.ts';
import { hmac, sha256 } from '../mode/hmac.ts';
import { VectorFormatError } from './vector-file.ts';
import { beginsWith, type Operations, sameBytes, Unsupported } from './verdict.ts';

const NOTHING = new Uint8Array(0);

function checkValue(method: string, key: Uint8Array): Uint8Array {
  switch (method) {
    case 'tdes-zero-block':
      return encryptEcb(tdes(key), new Uint8Array(8));
    case 'tdes-encrypt-0123456789ABCDEF':
      return encryptEcb(tdes(key), hexToBytes('0123456789ABCDEF'));
    case 'tdes-cmac-zero-block':
      return cmac(tdes(key), new Uint8Array(8));
    case 'tdes-cmac-empty-message':
      return cmac(tdes(key), NOTHING);
    case 'aes-zero-block':
      return encryptEcb(aes(key), new Uint8Array(16));
    case 'aes-cmac-zero-block':
      return cmac(aes(key), new Uint8Array(16));
    case 'aes-cmac-empty-message':
      return cmac(aes(key), NOTHING);
    case 'hmac-sha256-empty-message':
      return hmac('SHA-256', key, NOTHING);
    case 'sha256-of-key':
      return sha256(key);
    default:
      throw new Unsupported(`check value method ${method}`);
  }
}

export const kcvComponents: Operations = {
  'key.kcv': (vector) => {
    beginsWith('kcv', checkValue(vector.text('method'), vector.bytes('key')), vector.text('kcv'));
    return 'passed';
  },
  'key.parity': (vector) => {
    sameBytes('adjustedKey', adjustParity(vector.bytes('key')), vector.bytes('adjustedKey'));
    return 'passed';
  },
  'key.components': (vector) => {
    const parts = vector.list('components').map((part) => {
      if (typeof part !== 'string' || !/^([0-9A-Fa-f]{2})+$/.test(part))
        throw new VectorFormatError('"components" is not a list of hex');
      return hexToBytes(part);
    });
    if (parts.length < 2) throw new VectorFormatError('"components" has fewer than two');
    let key = parts.reduce(xor);
    if (vector.has('forceOddParity') && vector.flag('forceOddParity')) key = adjustParity(key);
    if (vector.has('key')) sameBytes('key', key, vector.bytes('key'));
    if (vector.has('kcv'))
      beginsWith(
        'kcv',
        checkValue(vector.has('method') ? vector.text('method') : 'tdes-zero-block', key),
        vector.text('kcv'),
      );
    else if (!vector.has('key')) throw new VectorFormatError('neither "key" nor "kcv"');
    return 'passed';
  },
};
