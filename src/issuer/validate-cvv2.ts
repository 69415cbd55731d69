/** `validateCvv2`: a CVV2 that came with a purchase, printed or dynamic, whichever counts for the card. */
import type { KeyLabel } from '../hsm/functions.ts';
import { requireText } from '../input.ts';
import type { AttemptOutcome } from '../tries/attempt.ts';
import { attemptOnCard } from './attempt-on-card.ts';
import type { CardRecord } from './card-record.ts';
import { type Desk, faceOf, now } from './desk.ts';
import { codeSubject } from './dynamic-cvv2.ts';
import { isTimeProfile, type Product, referenceOf, type TimeProfile, timeSchemeOf } from './product.ts';
import { floorUnder, raisedTo } from './time-floor.ts';

/** What comes with a purchase. */
export interface ValidateCvv2Request {
  readonly token: string;
  /** What the cardholder gave. */
  readonly candidate: string;
}

/** Printed and dynamic codes draw on one budget; an issued code is good once. */
export async function validateCvv2(desk: Desk, request: ValidateCvv2Request): Promise<AttemptOutcome> {
  const candidate = requireText(request.candidate, 'candidate', 'a string');
  return attemptOnCard(desk, request.token, {
    budget: 'code',
    action: 'use',
    prepare: (card, product) => {
      const { dynamicCvv2 } = product;
      if (!card.dynamic.on) return againstPrinted(desk, product, card, candidate);
      // A product that has no dynamic codes any more: nothing can be right, and the try is paid all the same.
      if (dynamicCvv2 === undefined) return Promise.resolve(async () => false);
      return isTimeProfile(dynamicCvv2)
        ? againstTime(desk, product, dynamicCvv2, card, candidate)
        : againstIssued(desk, product, dynamicCvv2.key, card, candidate);
    },
  });
}

type Compare = () => Promise<false | ((card: CardRecord) => CardRecord)>;

async function againstPrinted(
  desk: Desk,
  product: Product,
  card: CardRecord,
  candidate: string,
): Promise<Compare> {
  const compare = await desk.hsm.prepareVerifyCvv2({ ...faceOf(product, card), candidate });
  return async () => (await compare()) && ((now) => now);
}

/** An issued code is good once. */
async function againstIssued(
  desk: Desk,
  product: Product,
  key: KeyLabel,
  card: CardRecord,
  candidate: string,
): Promise<Compare> {
  const { issued } = card.dynamic;
  // Used, or none yet.
  if (issued === null) return async () => false;
  const subject = codeSubject(product, card);
  const compare = await desk.hsm.prepareVerifyIssuedCode({ key, subject, issued, candidate, at: now(desk) });
  return async () => (await compare()) && ((now) => ({ ...now, dynamic: { ...now.dynamic, issued: null } }));
}

/** A code by time raises the floor: it and all of earlier steps are replays from then on. */
async function againstTime(
  desk: Desk,
  product: Product,
  dynamic: TimeProfile,
  card: CardRecord,
  candidate: string,
): Promise<Compare> {
  const { token, psn, expiry } = card;
  const scheme = timeSchemeOf(product, dynamic);
  const compare = await desk.hsm.prepareVerifyTimeCode({
    card: referenceOf(product, token),
    psn,
    expiry,
    scheme,
    at: now(desk),
    candidate,
    window: dynamic.window,
    floor: floorUnder(card, scheme),
  });
  return async () => {
    const step = await compare();
    if (step === undefined) return false;
    return (now) => ({ ...now, dynamic: { ...now.dynamic, floors: raisedTo(now, scheme, step) } });
  };
}
