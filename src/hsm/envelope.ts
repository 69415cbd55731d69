/** The envelope functions of the emulated HSM. */
import type { SealedEnvelope } from '../brand.ts';
import { bytesToBase64, requireBase64 } from '../bytes/base64.ts';
import { asciiToBytes } from '../bytes/length-prefixed.ts';
import { ENVELOPE_MAX_BYTES, openEnvelope, sealEnvelope } from '../envelope/envelope.ts';
import { requireBytes } from '../input.ts';
import { requireCapability } from '../keys/capability.ts';
import type { EnvelopeFunctions } from './functions.ts';
import { type Inside, operate, requireContext } from './inside.ts';

/** Most characters of an envelope in base64. */
const MOST_CHARACTERS = 4 * Math.ceil((ENVELOPE_MAX_BYTES + 535) / 3);

/** Seals bytes in envelopes of a receiver, who opens them with the ASCII of the context. */
export async function envelopeSealer(
  inside: Inside,
  under: string,
  context: unknown,
): Promise<(plaintext: Uint8Array) => SealedEnvelope> {
  const bound = asciiToBytes(requireContext(context), 'context');
  const kek = await inside.vault.use(under, 'sealEnvelope', 'under');
  const options = { algorithm: 'AES-256-GCM', random: inside.random } as const;
  return (plaintext) => bytesToBase64(sealEnvelope(kek, plaintext, bound, options)) as SealedEnvelope;
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
        async ({ under, plaintext, context }) => {
          const bytes = requireBytes(plaintext, 'plaintext').slice();
          return (await envelopeSealer(inside, under, context))(bytes);
        },
      ),
    openEnvelope: (request) =>
      operate(
        inside,
        'openEnvelope',
        request,
        ({ under }) => [under],
        async ({ under, envelope, context, permit }) => {
          requireCapability(permit, 'open-envelope', inside.authority);
          const kek = await inside.vault.use(under, 'openEnvelope', 'under');
          const bytes = requireBase64(envelope, MOST_CHARACTERS, 'envelope');
          return openEnvelope(kek, bytes, asciiToBytes(requireContext(context), 'context'));
        },
      ),
  };
}
