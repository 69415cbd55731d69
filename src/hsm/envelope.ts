/** The envelope functions of the emulated HSM. */
import type { SealedEnvelope } from '../brand.ts';
import { bytesToBase64, requireBase64 } from '../bytes/base64.ts';
import { asciiToBytes } from '../bytes/length-prefixed.ts';
import { ENVELOPE_MAX_BYTES, openEnvelope, sealEnvelope } from '../envelope/envelope.ts';
import { requireBytes } from '../input.ts';
import type { EnvelopeFunctions } from './functions.ts';
import { type Inside, operate, requireContext } from './inside.ts';

/** Most characters of an envelope in base64. */
const MOST_CHARACTERS = 4 * Math.ceil((ENVELOPE_MAX_BYTES + 535) / 3);

/** Bytes in an envelope of a receiver, who opens it with the ASCII of the context. */
export async function sealUnder(
  inside: Inside,
  under: string,
  plaintext: Uint8Array,
  context: string,
): Promise<SealedEnvelope> {
  const kek = await inside.vault.use(under, 'sealEnvelope', 'under');
  const sealed = sealEnvelope(kek, plaintext, asciiToBytes(context, 'context'), {
    algorithm: 'AES-256-GCM',
    random: inside.random,
  });
  return bytesToBase64(sealed) as SealedEnvelope;
}

/** The envelope functions over one HSM. */
export function envelopeFunctions(inside: Inside): EnvelopeFunctions {
  return {
    sealEnvelope: (request) =>
      operate(
        inside,
        'sealEnvelope',
        request,
        ({ under }) => [under],
        ({ under, plaintext, context }) =>
          sealUnder(inside, under, requireBytes(plaintext, 'plaintext'), requireContext(context)),
      ),
    openEnvelope: (request) =>
      operate(
        inside,
        'openEnvelope',
        request,
        ({ under }) => [under],
        async ({ under, envelope, context }) => {
          const kek = await inside.vault.use(under, 'openEnvelope', 'under');
          const bytes = requireBase64(envelope, MOST_CHARACTERS, 'envelope');
          return openEnvelope(kek, bytes, asciiToBytes(requireContext(context), 'context'));
        },
      ),
  };
}
