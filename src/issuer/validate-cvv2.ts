/** `validateCvv2`: a CVV2 that came with a purchase, printed or dynamic, whichever counts for the card. */
import { requireText } from '../input.ts';
import type { AttemptOutcome } from '../tries/attempt.ts';
import { attemptOnCard } from './attempt-on-card.ts';
import type { CardRecord } from './card-record.ts';
import { type Desk, faceOf, now } from './desk.ts';
import { codeSubject } from './dynamic-cvv2.ts';
import type { Product } from './product.ts';

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
    prepare: (card, product) =>
      card.dynamic.on
        ? againstIssued(desk, product, card, candidate)
        : againstPrinted(desk, product, card, candidate),
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

async function againstIssued(
  desk: Desk,
  product: Product,
  card: CardRecord,
  candidate: string,
): Promise<Compare> {
  const { issued } = card.dynamic;
  const key = product.dynamicCvv2?.key;
  // Used or never issued: nothing can be right, and the try is paid all the same.
  if (issued === null || key === undefined) return async () => false;
  const subject = codeSubject(product, card);
  const compare = await desk.hsm.prepareVerifyIssuedCode({ key, subject, issued, candidate, at: now(desk) });
  return async () => (await compare()) && ((now) => ({ ...now, dynamic: { on: true, issued: null } }));
}
