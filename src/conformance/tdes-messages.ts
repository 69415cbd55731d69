/** Messages under padding and a mode, and padding alone. */
import { fail } from '../error.ts';
import { PADDINGS, type Padding, pad, unpad } from '../mode/pad.ts';
import { cipherOf, modeOf } from './des-tdes.ts';
import type { VectorCase } from './vector-file.ts';
import { type Operations, sameBytes, Unsupported } from './verdict.ts';

function paddingOf(vector: VectorCase): Padding {
  const name = vector.has('padding') ? vector.text('padding') : 'none';
  if (!PADDINGS.includes(name as Padding)) throw new Unsupported(`padding ${name}`);
  return name as Padding;
}

/** Takes the padding off again where it says where it ends. */
function checkUnpad(padding: Padding, padded: Uint8Array, message: Uint8Array, blockBytes: number): void {
  if (padding === 'pkcs7' || padding === 'x9.23' || padding === 'iso9797-2' || padding === 'iso7816-4')
    sameBytes(
      'message',
      unpad(padded, padding, blockBytes) ?? fail('ERR_INPUT', 'padded', 'padding'),
      message,
    );
}

function bothWays(vector: VectorCase): 'passed' {
  const cipher = cipherOf(vector.text('cipher'), vector.bytes('key'));
  const run = modeOf(vector, cipher);
  const padding = paddingOf(vector);
  const message = vector.bytes('message');
  const ciphertext = vector.bytes('ciphertext');
  const padded = pad(message, padding, cipher.blockBytes);
  sameBytes('ciphertext', run.encrypt(padded), ciphertext);
  sameBytes('message', run.decrypt(ciphertext), padded);
  checkUnpad(padding, padded, message, cipher.blockBytes);
  return 'passed';
}

export const tdesMessages: Operations = {
  'message.encrypt': bothWays,
  'message.decrypt': bothWays,
  'message.pad': (vector) => {
    const padding = paddingOf(vector);
    const size = vector.whole('blockSize', 1, 255);
    const padded = vector.bytes('padded');
    sameBytes('padded', pad(vector.bytes('message'), padding, size), padded);
    checkUnpad(padding, padded, vector.bytes('message'), size);
    return 'passed';
  },
};
