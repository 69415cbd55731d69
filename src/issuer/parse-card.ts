/** Cards as they come out of a store: the code of the record held, so what is wrong here is a defect or a forgery. */
import type { Psn } from '../brand.ts';
import { fail } from '../error.ts';
import { parseTryCounter } from '../tries/tries.ts';
import type { CardRecord } from './card-record.ts';

const FIELDS: readonly (keyof CardRecord)[] = [
  'token',
  'product',
  'account',
  'iin',
  'lastFour',
  'panIndex',
  'state',
  'before',
  'generation',
  'expiry',
  'psn',
  'serviceCode',
  'pin',
  'next',
  'tries',
  'pinTriedAt',
  'unblocks',
  'dynamic',
  'limit',
  'request',
  'line',
  'replaces',
  'replacedBy',
];

/** A card as text: its fields in one order, so that equal cards are equal texts. */
export function cardText(card: CardRecord): string {
  const ordered: { [name: string]: unknown } = {};
  for (const name of FIELDS) ordered[name] = card[name];
  return JSON.stringify(ordered);
}

/** The card of a text. */
export function parseCard(text: string): CardRecord {
  let card: CardRecord;
  try {
    card = JSON.parse(text) as CardRecord;
  } catch {
    return corrupt();
  }
  if (typeof card !== 'object' || card === null) return corrupt();
  const names = Object.keys(card);
  if (names.length !== FIELDS.length || FIELDS.some((name) => !Object.hasOwn(card, name))) return corrupt();
  const { tries, state, psn } = card;
  const known = ['inactive', 'active', 'blocked', 'cancelled', 'replaced'].includes(state);
  if (!known || typeof tries !== 'object' || tries === null || !isPsn(psn)) return corrupt();
  return Object.freeze({
    ...card,
    tries: Object.freeze({
      pin: parseTryCounter(tries.pin),
      code: parseTryCounter(tries.code),
      activation: parseTryCounter(tries.activation),
    }),
  });
}

function isPsn(psn: unknown): psn is Psn {
  return typeof psn === 'string' && /^[0-9]{2}$/.test(psn);
}

function corrupt(): never {
  return fail('ERR_STORE_CORRUPT', 'card', 'the record of a card');
}
