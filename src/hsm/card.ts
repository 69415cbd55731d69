/** The card functions of the emulated HSM. */
import type { CodeBlock, Pan, SealedEnvelope } from '../brand.ts';
import { bytesToHex } from '../bytes/hex.ts';
import { asciiToBytes } from '../bytes/length-prefixed.ts';
import { generateCsc, verifyCsc } from '../cvv/csc.ts';
import { generateCvv, generateCvv2, generateIcvv } from '../cvv/cvv.ts';
import { verifyCvv2 } from '../cvv/verify.ts';
import { issueDynamicCode, verifyIssuedCode } from '../dcvv2/issued.ts';
import { sealCode } from '../envelope/code-block.ts';
import { fail } from '../error.ts';
import { requireObject, requireOneOf, requirePattern, requireText } from '../input.ts';
import { requireCapability } from '../keys/capability.ts';
import { formatTrack1, formatTrack2 } from '../pan/track.ts';
import { sealUnder } from './envelope.ts';
import type { BoundPin, CardCodes, CardFace, CardFunctions, EmbossRequest } from './functions.ts';
import { type Inside, operate, panOfCard, requireContext } from './inside.ts';

/** What a card's codes are made of, the PAN opened. */
interface OpenFace extends CardFace {
  readonly pan: Pan;
}

async function openFace(inside: Inside, request: CardFace): Promise<OpenFace> {
  requireObject(request, 'request');
  const { kind, card, cvk, expiry, serviceCode, expiryOrder } = request;
  requireOneOf(kind, 'kind', ['cvv', 'csc'] as const);
  const pan = await panOfCard(inside, card);
  return { kind, card, cvk, expiry, serviceCode, expiryOrder, pan };
}

/** The clear codes of a card. */
async function codesOf(inside: Inside, face: OpenFace): Promise<CardCodes<string>> {
  const { pan, expiry, serviceCode, expiryOrder } = face;
  const cvk = await inside.vault.use(face.cvk, 'generateCvv', 'cvk');
  if (face.kind === 'csc')
    return {
      kind: 'csc',
      csc5: generateCsc(cvk, { pan, expiry }, { digits: 5 }),
      csc4: generateCsc(cvk, { pan, expiry }, { digits: 4 }),
    };
  return {
    kind: 'cvv',
    cvv: generateCvv(cvk, { pan, expiry, serviceCode }),
    cvv2: generateCvv2(cvk, { pan, expiry }, { expiryOrder }),
    icvv: generateIcvv(cvk, { pan, expiry }),
  };
}

/** The code that is printed on the card and asked for in a shop that does not see it. */
async function printedCode(inside: Inside, face: OpenFace): Promise<string> {
  const codes = await codesOf(inside, face);
  return codes.kind === 'csc' ? codes.csc4 : codes.cvv2;
}

/** Digits in a code block of a client. */
export async function codeBlockUnder(inside: Inside, under: string, digits: string): Promise<CodeBlock> {
  const key = await inside.vault.use(under, 'sealCode', 'under');
  return bytesToHex(sealCode(key, digits, 'random-fill', { random: inside.random })) as CodeBlock;
}

/** The card functions over one HSM. */
export function cardFunctions(inside: Inside): CardFunctions {
  const { vault } = inside;
  const verdict = (right: boolean): 'verified' | 'rejected' => (right ? 'verified' : 'rejected');
  return {
    cardCodes: (request) =>
      operate(
        inside,
        'cardCodes',
        request,
        ({ cvk, under }) => [cvk, under],
        async (asked) => {
          const codes = await codesOf(inside, await openFace(inside, asked));
          const seal = (digits: string): Promise<CodeBlock> => codeBlockUnder(inside, asked.under, digits);
          return codes.kind === 'csc'
            ? { kind: 'csc', csc5: await seal(codes.csc5), csc4: await seal(codes.csc4) }
            : {
                kind: 'cvv',
                cvv: await seal(codes.cvv),
                cvv2: await seal(codes.cvv2),
                icvv: await seal(codes.icvv),
              };
        },
      ),

    prepareVerifyCvv2: async (request) => {
      const { pan, ...face } = await openFace(inside, request);
      const candidate = requireText(request.candidate, 'candidate', 'a string');
      const { kind, expiry, expiryOrder } = face;
      const cvk = await vault.use(face.cvk, kind === 'csc' ? 'verifyCsc' : 'verifyCvv', 'cvk');
      const compare = (): boolean =>
        kind === 'csc'
          ? verifyCsc(cvk, { pan, expiry }, candidate, { digits: 4 })
          : verifyCvv2(cvk, { pan, expiry }, candidate, { expiryOrder });
      return () => operate(inside, 'verifyCvv2', face, ({ cvk }) => [cvk], compare, verdict);
    },

    revealCvv2: (request) =>
      operate(
        inside,
        'revealCvv2',
        request,
        ({ cvk }) => [cvk],
        async (asked) => {
          requireCapability(asked.permit, 'reveal-cvv2', inside.authority);
          return printedCode(inside, await openFace(inside, asked));
        },
      ),

    issueDynamicCode: (request) =>
      operate(
        inside,
        'issueDynamicCode',
        request,
        ({ cvk, key, under }) => [cvk, key, under],
        async (asked) => {
          const face = await openFace(inside, asked);
          const staticCvv2 = await printedCode(inside, face);
          const key = await vault.use(asked.key, 'issueDynamicCode', 'key');
          const { at, lifetimeSeconds } = asked;
          const terms = { digits: face.kind === 'csc' ? 4 : 3, at, lifetimeSeconds, staticCvv2 } as const;
          const { code, issued } = issueDynamicCode(key, asked.subject, terms, { random: inside.random });
          return { code: await codeBlockUnder(inside, asked.under, code), issued };
        },
      ),

    prepareVerifyIssuedCode: async (request) => {
      requireObject(request, 'request');
      const { subject, issued, at } = request;
      const candidate = requireText(request.candidate, 'candidate', 'a string');
      const key = await vault.use(request.key, 'verifyDynamicCode', 'key');
      const about = { key: request.key, card: { token: subject.card } };
      const compare = (): boolean => verifyIssuedCode(key, subject, issued, { candidate, at });
      return () => operate(inside, 'verifyIssuedCode', about, ({ key }) => [key], compare, verdict);
    },

    embossData: (request) =>
      operate(
        inside,
        'embossData',
        request,
        ({ cvk, under }) => [cvk, under],
        (asked) => embossData(inside, asked),
      ),
  };
}

/** What stands in the tracks after the service code: PVKI and PVV where there is one, then the CVV. */
function discretionaryData(pin: BoundPin | undefined, code: string): string {
  return pin?.kind === 'pvv' ? pin.pvki + pin.pvv + code : code;
}

async function embossData(inside: Inside, request: EmbossRequest): Promise<SealedEnvelope> {
  const face = await openFace(inside, request);
  const { pan, expiry, serviceCode } = face;
  const context = requireContext(request.context);
  const name = request.name ?? '';
  const delivery = request.delivery ?? '';
  requirePattern(delivery, /^[\x20-\x7e]*$/, 400, 'delivery', 'at most 400 printable ASCII characters');
  if (name !== '' && name.length < 2) fail('ERR_INPUT', 'name', '2 to 26 characters');
  const codes = await codesOf(inside, face);
  const onStripe = discretionaryData(request.pin, codes.kind === 'csc' ? codes.csc5 : codes.cvv);
  const data = {
    pan,
    expiry,
    name,
    delivery,
    ...(name !== '' && { track1: formatTrack1({ pan, expiry, serviceCode }, name, onStripe) }),
    track2: formatTrack2({ pan, expiry, serviceCode }, onStripe),
    ...codes,
  };
  return sealUnder(inside, request.under, asciiToBytes(JSON.stringify(data), 'data'), context);
}
