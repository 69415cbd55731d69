/** The card functions of the emulated HSM. */
import type { Pan, SealedEnvelope } from '../brand.ts';
import { asciiToBytes } from '../bytes/length-prefixed.ts';
import { generateCsc, verifyCsc } from '../cvv/csc.ts';
import { generateCvv, generateCvv2, generateIcvv } from '../cvv/cvv.ts';
import { verifyCvv2 } from '../cvv/verify.ts';
import { issueDynamicCode, readIssuedCode, readIssuedSubject, verifyIssuedCode } from '../dcvv2/issued.ts';
import { parseUnixSeconds } from '../dcvv2/step.ts';
import { fail } from '../error.ts';
import { requireOneOf, requirePattern, requireText } from '../input.ts';
import { requireCapability } from '../keys/capability.ts';
import { requireExpiry, requireServiceCode } from '../pan/card-data.ts';
import { formatTrack1, formatTrack2 } from '../pan/track.ts';
import { readUnbound } from './bound-pin.ts';
import { codeSealer } from './code-block.ts';
import { envelopeSealer } from './envelope.ts';
import type { BoundPin, CardCodes, CardFace, CardFunctions, EmbossRequest } from './functions.ts';
import { type Inside, operate, panOfCard, prepare, verdict } from './inside.ts';

/** What a card's codes are made of, the PAN opened. */
interface OpenFace extends CardFace {
  readonly pan: Pan;
}

/** Digits of the PANs that have CSCs. */
const CSC_PAN_DIGITS = 15;

/** Refuses what no code can be made of, before a key is used. */
export function requireTerms(terms: Omit<CardFace, 'card' | 'cvk'>): void {
  requireOneOf(terms.kind, 'kind', ['cvv', 'csc'] as const);
  requireExpiry(terms.expiry, 'expiry');
  requireServiceCode(terms.serviceCode, 'serviceCode');
  requireOneOf(terms.expiryOrder, 'expiryOrder', ['YYMM', 'MMYY'] as const);
}

async function openFace(inside: Inside, request: CardFace): Promise<OpenFace> {
  const { kind, card, cvk, expiry, serviceCode, expiryOrder } = request;
  requireTerms(request);
  const pan = await panOfCard(inside, card);
  if (kind === 'csc' && pan.length !== CSC_PAN_DIGITS) fail('ERR_PAN', 'card', 'a PAN of 15 digits');
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

/** The card functions over one HSM. */
export function cardFunctions(inside: Inside): CardFunctions {
  const { vault } = inside;
  return {
    cardCodes: (request) =>
      operate(
        inside,
        'cardCodes',
        request,
        ({ cvk, under }) => [cvk, under],
        async (asked) => {
          const seal = await codeSealer(inside, asked.under);
          const codes = await codesOf(inside, await openFace(inside, asked));
          return codes.kind === 'csc'
            ? { kind: 'csc', csc5: seal(codes.csc5), csc4: seal(codes.csc4) }
            : { kind: 'cvv', cvv: seal(codes.cvv), cvv2: seal(codes.cvv2), icvv: seal(codes.icvv) };
        },
      ),

    prepareVerifyCvv2: (request) =>
      prepare(
        inside,
        'verifyCvv2',
        request,
        ({ cvk }) => [cvk],
        async (asked) => {
          const { pan, kind, expiry, expiryOrder } = await openFace(inside, asked);
          const candidate = requireText(asked.candidate, 'candidate', 'a string');
          const cvk = await vault.use(asked.cvk, kind === 'csc' ? 'verifyCsc' : 'verifyCvv', 'cvk');
          return () =>
            kind === 'csc'
              ? verifyCsc(cvk, { pan, expiry }, candidate, { digits: 4 })
              : verifyCvv2(cvk, { pan, expiry }, candidate, { expiryOrder });
        },
        verdict,
      ),

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
          const seal = await codeSealer(inside, asked.under);
          const { at, lifetimeSeconds } = asked;
          const terms = { digits: face.kind === 'csc' ? 4 : 3, at, lifetimeSeconds, staticCvv2 } as const;
          const { code, issued } = issueDynamicCode(key, asked.subject, terms, { random: inside.random });
          return { code: seal(code), issued };
        },
      ),

    prepareVerifyIssuedCode: (request) =>
      prepare(
        inside,
        'verifyIssuedCode',
        request,
        ({ key }) => [key],
        async (asked) => {
          const subject = readIssuedSubject(asked.subject);
          const issued = readIssuedCode(asked.issued);
          const at = parseUnixSeconds(asked.at);
          const candidate = requireText(asked.candidate, 'candidate', 'a string');
          const key = await vault.use(asked.key, 'verifyDynamicCode', 'key');
          return () => verifyIssuedCode(key, subject, issued, { candidate, at });
        },
        verdict,
      ),

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
  if (pin === undefined) return code;
  const unbound = readUnbound(pin);
  return unbound.kind === 'pvv' ? unbound.pvki + unbound.pvv + code : code;
}

async function embossData(inside: Inside, request: EmbossRequest): Promise<SealedEnvelope> {
  requireCapability(request.permit, 'emboss', inside.authority);
  const face = await openFace(inside, request);
  const { pan, expiry, serviceCode } = face;
  const seal = await envelopeSealer(inside, request.under, request.context);
  const name = request.name === undefined ? '' : requireText(request.name, 'name', '2 to 26 characters');
  const delivery = request.delivery === undefined ? '' : request.delivery;
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
  return seal(asciiToBytes(JSON.stringify(data), 'data'));
}
