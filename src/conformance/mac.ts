/** MACs: ISO/IEC 9797-1 algorithms 1 to 4, CMAC, HMAC. Published values may be truncated. */
import { aes } from '../aes/block.ts';
import { bytesToHex } from '../bytes/hex.ts';
import { tdes } from '../des/tdes.ts';
import { macAlgorithm1, macAlgorithm2, macAlgorithm3, macAlgorithm4 } from '../mode/cbc-mac.ts';
import { cmac } from '../mode/cmac.ts';
import { hmac } from '../mode/hmac.ts';
import { pad } from '../mode/pad.ts';
import { type VectorCase, VectorFormatError } from './vector-file.ts';
import { beginsWith, Mismatch, type Operations, Unsupported } from './verdict.ts';

function padded(vector: VectorCase): Uint8Array {
  const method = vector.has('paddingMethod') ? vector.number('paddingMethod') : 1;
  if (method !== 1 && method !== 2 && method !== 3) throw new Unsupported(`padding method ${method}`);
  return pad(vector.bytes('data'), `iso9797-${method}`, 8);
}

/** Every other nibble inverted: how a second key comes from the first. */
function inverted(key: Uint8Array): Uint8Array {
  return key.map((byte) => byte ^ 0xf0);
}

/** K and K': the halves of a key pair, or the two keys that the case gives. */
function pair(vector: VectorCase): readonly [Uint8Array, Uint8Array] {
  const key = vector.bytes('key');
  if (vector.has('key2')) return [key, vector.bytes('key2')];
  if (key.length !== 16) throw new VectorFormatError('"key" is not a pair, and there is no "key2"');
  return [key.subarray(0, 8), key.subarray(8)];
}

function algorithm4(vector: VectorCase): Uint8Array {
  const [k, k1] = pair(vector);
  const from = vector.has('k3From') ? vector.text('k3From') : 'K2';
  const k2 = vector.has('key3') ? vector.bytes('key3') : inverted(from.includes('1') ? k : k1);
  return macAlgorithm4(tdes(k), tdes(k1), tdes(k2), padded(vector));
}

function compute(vector: VectorCase): Uint8Array {
  const name = vector.text('macAlgorithm');
  switch (name) {
    case 'ISO9797-1-ALG1':
    case 'ANSI-X9.9':
      return macAlgorithm1(tdes(vector.bytes('key')), padded(vector));
    case 'ISO9797-1-ALG2': {
      const key = vector.bytes('key');
      const second = vector.has('key2') ? vector.bytes('key2') : inverted(key);
      return macAlgorithm2(tdes(key), tdes(second), padded(vector));
    }
    case 'ISO9797-1-ALG3':
    case 'ANSI-X9.19': {
      const [k, k1] = pair(vector);
      return macAlgorithm3(tdes(k), tdes(k1), padded(vector));
    }
    case 'ISO9797-1-ALG4':
      return algorithm4(vector);
    case 'ISO9797-1-ALG5':
    case 'CMAC-TDES':
      return cmac(tdes(vector.bytes('key')), vector.bytes('data'));
    case 'CMAC-AES':
      return cmac(aes(vector.bytes('key')), vector.bytes('data'));
    case 'HMAC-SHA1':
      return hmac('SHA-1', vector.bytes('key'), vector.bytes('data'));
    case 'HMAC-SHA256':
      return hmac('SHA-256', vector.bytes('key'), vector.bytes('data'));
    case 'HMAC-SHA512':
      return hmac('SHA-512', vector.bytes('key'), vector.bytes('data'));
    default:
      throw new Unsupported(`MAC algorithm ${name}`);
  }
}

export const mac: Operations = {
  mac: (vector) => {
    beginsWith('mac', compute(vector), vector.text('mac'));
    return 'passed';
  },
  'mac.invalid': (vector) => {
    if (bytesToHex(compute(vector)).startsWith(vector.text('mac').toUpperCase()))
      throw new Mismatch('"mac" verifies, but must not');
    return 'refused';
  },
};
