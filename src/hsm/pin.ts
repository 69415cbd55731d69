/** The PIN functions of the emulated HSM. */
import type { CodeBlock, Pan } from '../brand.ts';
import { digitsToText } from '../bytes/digits.ts';
import { bytesToHex } from '../bytes/hex.ts';
import { fail } from '../error.ts';
import { requireObject } from '../input.ts';
import { requireCapability } from '../keys/capability.ts';
import type { Key } from '../keys/key.ts';
import { type ClearPin, makePin, pinDigits } from '../pin/clear-pin.ts';
import { sealPin } from '../pin/pin-code-block.ts';
import { randomPin } from '../pin/random-pin.ts';
import { isWeakPin } from '../pin/weak-pin.ts';
import { decipherDigits, encryptPinBlock, requireFit } from '../pinblock/encrypt.ts';
import { type EncryptedPinBlock, PIN_BLOCK_FORMATS, readBlock, requireFormat } from '../pinblock/format.ts';
import { translatePinBlock } from '../pinblock/translate.ts';
import { prepareVerifyPinBlock } from '../pinblock/verify.ts';
import { pinBinder, readBoundPin, readMethod, recoverClearPin, referenceOf } from './bound-pin.ts';
import type { BoundPin, CardReference, PinBlockUnder, PinFunctions, PinMethod } from './functions.ts';
import { type Inside, operate, panOfCard, prepare, verdict } from './inside.ts';

/** What a request says of a PIN that is kept, opened and checked. */
interface Kept {
  readonly pan: Pan;
  readonly method: PinMethod;
  readonly pin: BoundPin;
}

async function openKept(
  inside: Inside,
  request: { readonly card: CardReference; readonly method: PinMethod; readonly pin: BoundPin },
): Promise<Kept> {
  const method = readMethod(inside, request.method);
  const pan = await panOfCard(inside, request.card);
  return { pan, method, pin: await readBoundPin(inside, pan, method, request.pin) };
}

/** A block that came in, read once; its format is one that the policy takes. */
async function readInbound(
  inside: Inside,
  { block, pek }: PinBlockUnder,
): Promise<{ readonly block: EncryptedPinBlock; readonly key: Key<'P0'> }> {
  const key = await inside.vault.use(pek, 'decryptPinBlock', 'pek');
  const { format } = readBlock(block);
  requireFormat(format, inside.policy.pinBlockFormats);
  requireFit(key, format);
  return { block: Object.freeze({ format, block: String(block.block) }), key };
}

/** The PIN in a block, or `undefined` for whatever is wrong with it. */
function openBlock(key: Key<'P0'>, block: EncryptedPinBlock, pan: Pan): ClearPin | undefined {
  const { format, words } = readBlock(block);
  const digits = decipherDigits(key, format, words, pan);
  return digits === undefined ? undefined : makePin(digits, pan);
}

/** The comparison of a block with a PIN that is kept. */
async function matcher(inside: Inside, kept: Kept, inbound: PinBlockUnder): Promise<() => boolean> {
  const { block, key: pek } = await readInbound(inside, inbound);
  const pvk =
    kept.pin.kind === 'pvv'
      ? await inside.vault.use(kept.method.pvk, 'verifyPvv', 'method.pvk')
      : await inside.vault.use(kept.method.pvk, 'verifyPinOffset', 'method.pvk');
  const reference = referenceOf(inside, kept.pin);
  return prepareVerifyPinBlock({ pek, pvk }, block, kept.pan, reference);
}

/**
 * Why a new PIN is refused, all causes in one answer: no PIN in the block, another length, too easy, or the one
 * that the card has.
 */
function isRefused(inside: Inside, pin: ClearPin | undefined, length: number, isCurrent: boolean): boolean {
  return pin === undefined || pin.length !== length || isWeakPin(pin, inside.policy.pins) || isCurrent;
}

const keysOf = ({ method, pek }: { readonly method?: PinMethod; readonly pek?: string }): unknown[] => [
  method?.pvk,
  pek,
];

/** The PIN functions over one HSM. */
export function pinFunctions(inside: Inside): PinFunctions {
  const { authority, random } = inside;
  return {
    drawPin: (request) =>
      operate(inside, 'drawPin', request, keysOf, async ({ card, method }) => {
        const read = readMethod(inside, method);
        const bind = await pinBinder(inside, read);
        const pan = await panOfCard(inside, card);
        const pin = randomPin(inside.policy.pins, read.pinLength, { random });
        try {
          return bind(pan, pin);
        } finally {
          pin.destroy();
        }
      }),

    issuePin: (request) =>
      operate(inside, 'issuePin', request, keysOf, async ({ card, method, pek, format, permit }) => {
        requireCapability(permit, 'emboss', authority);
        const read = readMethod(inside, method);
        const key = await inside.vault.use(pek, 'encryptPinBlock', 'pek');
        requireFormat(format, ['ISO-0', 'ISO-3', 'ISO-4'] as const);
        requireFit(key, format);
        const bind = await pinBinder(inside, read);
        const pan = await panOfCard(inside, card);
        const pin = randomPin(inside.policy.pins, read.pinLength, { random });
        try {
          const block = encryptPinBlock(key, pin, pan, format, { random });
          return { pin: bind(pan, pin), block };
        } finally {
          pin.destroy();
        }
      }),

    setPin: (request) =>
      operate(inside, 'setPin', request, keysOf, async (asked) => {
        requireCapability(asked.permit, 'set-pin', authority);
        const method = readMethod(inside, asked.method);
        const bind = await pinBinder(inside, method);
        const pan = await panOfCard(inside, asked.card);
        const { block, key } = await readInbound(inside, asked);
        const pin = openBlock(key, block, pan);
        try {
          if (isRefused(inside, pin, method.pinLength, false))
            return fail('ERR_PIN_REFUSED', 'block', 'a PIN that may be set');
          return bind(pan, pin as ClearPin);
        } finally {
          pin?.destroy();
        }
      }),

    prepareVerifyPin: (request) =>
      prepare(
        inside,
        'verifyPin',
        request,
        keysOf,
        async (asked) => matcher(inside, await openKept(inside, asked), asked),
        verdict,
      ),

    prepareChangePin: (request) =>
      prepare(
        inside,
        'changePin',
        request,
        keysOf,
        async (asked) => {
          const kept = await openKept(inside, asked);
          const compare = await matcher(inside, kept, asked);
          const { pek } = asked;
          const requested = await readInbound(inside, { block: asked.requested, pek });
          // A new PIN that the card's reference matches is the old one, or as good as it.
          const isCurrent = await matcher(inside, kept, { block: requested.block, pek });
          const bind = await pinBinder(inside, kept.method);
          return (): BoundPin | 'refused' | undefined => {
            if (!compare()) return undefined;
            const pin = openBlock(requested.key, requested.block, kept.pan);
            try {
              if (isRefused(inside, pin, kept.method.pinLength, isCurrent())) return 'refused';
              return bind(kept.pan, pin as ClearPin);
            } finally {
              pin?.destroy();
            }
          };
        },
        (result) => (result === undefined ? 'rejected' : result === 'refused' ? 'refused' : 'done'),
      ),

    recoverPin: (request) =>
      operate(
        inside,
        'recoverPin',
        request,
        ({ method, under }) => [method?.pvk, under],
        async (asked): Promise<CodeBlock> => {
          requireCapability(asked.permit, 'reveal-pin', authority);
          const { pan, method, pin } = await openKept(inside, asked);
          const key = await inside.vault.use(asked.under, 'sealCode', 'under');
          const clear = await recoverClearPin(inside, pan, method, pin);
          try {
            return bytesToHex(sealPin(key, clear, { random })) as CodeBlock;
          } finally {
            clear.destroy();
          }
        },
      ),

    printPin: (request) =>
      operate(inside, 'printPin', request, keysOf, async (asked) => {
        requireCapability(asked.permit, 'print-pin', authority);
        const { pan, method, pin } = await openKept(inside, asked);
        const clear = await recoverClearPin(inside, pan, method, pin);
        try {
          return digitsToText(pinDigits(clear));
        } finally {
          clear.destroy();
        }
      }),

    movePin: (request) =>
      operate(inside, 'movePin', request, keysOf, async ({ from, to, method, pin, permit }) => {
        requireCapability(permit, 'issuance', authority);
        const kept = await openKept(inside, { card: from, method, pin });
        const target = await panOfCard(inside, to, 'to');
        const bind = await pinBinder(inside, kept.method);
        const clear = await recoverClearPin(inside, kept.pan, kept.method, kept.pin);
        try {
          return bind(target, clear);
        } finally {
          clear.destroy();
        }
      }),

    movePinOfBlock: (request) =>
      operate(inside, 'movePinOfBlock', request, keysOf, async (asked) => {
        const { from, to, method, pin, permit } = asked;
        requireCapability(permit, 'issuance', authority);
        const kept = await openKept(inside, { card: from, method, pin });
        const target = await panOfCard(inside, to, 'to');
        const compare = await matcher(inside, kept, asked);
        const { block, key } = await readInbound(inside, asked);
        const bind = await pinBinder(inside, kept.method);
        const clear = openBlock(key, block, kept.pan);
        try {
          if (clear === undefined || !compare())
            return fail('ERR_PIN_REFUSED', 'block', 'the PIN of the card');
          // Not bound to the old PAN any more: that is what the capability permits.
          const moved = makePin(Uint8Array.from(pinDigits(clear)));
          const bound = bind(target, moved);
          moved.destroy();
          return bound;
        } finally {
          clear?.destroy();
        }
      }),

    translatePinBlock: (request) =>
      operate(
        inside,
        'translatePinBlock',
        request,
        ({ pek, target }) => [pek, target?.pek],
        async ({ card, target, targetCard, permit, pek, block }) => {
          requireObject(target, 'target');
          const from = await inside.vault.use(pek, 'decryptPinBlock', 'pek');
          const to = await inside.vault.use(target.pek, 'encryptPinBlock', 'target.pek');
          const { format } = readBlock(block);
          requireFormat(target.format, PIN_BLOCK_FORMATS);
          if (!inside.policy.translations[format]?.includes(target.format))
            fail(
              'ERR_POLICY',
              'target',
              'a translation that the policy permits',
              `${format} to ${target.format}`,
            );
          const pan = await panOfCard(inside, card);
          const targetPan =
            targetCard === undefined ? pan : await panOfCard(inside, targetCard, 'targetCard');
          // Whether it takes one, the translation says; here only whose it is.
          const scope = target.format === 'ISO-2' ? 'submit-to-chip' : 'change-pan';
          if (permit !== undefined) requireCapability(permit, scope, authority);
          const subject = { pan, targetPan, ...(permit !== undefined && { permit }) };
          return translatePinBlock({ from, to }, block, subject, target.format, { random });
        },
      ),
  };
}
