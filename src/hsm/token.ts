/** The PAN and token functions of the emulated HSM. */
import type { Pan, PanIndex, PanToken } from '../brand.ts';
import { equalText } from '../bytes/equal.ts';
import { bytesToHex } from '../bytes/hex.ts';
import { asciiToBytes, lengthPrefixed } from '../bytes/length-prefixed.ts';
import { fail } from '../error.ts';
import { requireArray, requireObject, requirePattern } from '../input.ts';
import { requireCapability } from '../keys/capability.ts';
import { nextPanFromSequence } from '../pan/sequence.ts';
import { tokenizePan } from '../token/tokenize.ts';
import { envelopeSealer } from './envelope.ts';
import type { DrawnCard, KeyLabel, TokenDomain, TokenFunctions } from './functions.ts';
import { type Inside, macUnder, operate, panOfCard, prepare, readPart, verdict } from './inside.ts';

/** Most index keys at a time: the one in use, and the one that takes over. */
const MOST_INDEX_KEYS = 2;

/** Most cards of one call. */
const MOST_CARDS = 1000;

/** Digits of a PAN that every token shows: the first 8 at most, and the last 4. */
const SHOWN_FIRST = 8;
const SHOWN_LAST = 4;

/** Hidden digits below which they prove nothing: with the check digit a tenth of them fits. */
const FEWEST_HIDDEN = 4;

/** The token of a PAN in its domain. */
export async function tokenIn(inside: Inside, domain: TokenDomain, pan: Pan): Promise<PanToken> {
  requireObject(domain, 'domain');
  const key = await inside.vault.use(domain.key, 'tokenizePan', 'domain.key');
  return tokenizePan(key, pan, domain.profile, domain.tenant);
}

/** HMAC over LP("pan-index/1", PAN), whole: a shorter one would make strangers collide. */
export async function panIndexer(inside: Inside, label: KeyLabel): Promise<(pan: string) => PanIndex> {
  const mac = macUnder(await inside.vault.use(label, 'indexPan', 'indexKeys'), 'indexPan');
  return (pan) => bytesToHex(mac(lengthPrefixed('pan-index/1', pan))) as PanIndex;
}

/** The indexers of the keys of a request, one or two: for new cards, so none of them is retired. */
export async function panIndexers(
  inside: Inside,
  labels: readonly KeyLabel[],
): Promise<readonly ((pan: string) => PanIndex)[]> {
  const read = requireArray(labels, 'indexKeys', MOST_INDEX_KEYS);
  for (const label of read) await inside.vault.requireLive(label, 'indexKeys');
  return Promise.all(read.map((label) => panIndexer(inside, label)));
}

/** Excluded numbers in a row: a range of which one number in a thousand is left is still used to its end. */
export const MOST_SKIPS = 100_000;

/** What leaves of a PAN that was drawn. */
export function drawn(pan: Pan, token: PanToken, iin: string, index: readonly PanIndex[]): DrawnCard {
  return Object.freeze({ token, iin, lastFour: pan.slice(-SHOWN_LAST), index: Object.freeze(index) });
}

/** The PAN and token functions over one HSM. */
export function tokenFunctions(inside: Inside): TokenFunctions {
  const { authority } = inside;
  return {
    drawPan: (request) =>
      operate(
        inside,
        'drawPan',
        request,
        ({ key, domain }) => [key, domain?.key],
        async ({ domain, key, range, n, indexKeys }) => {
          const sequence = await inside.vault.use(key, 'panFromSequence', 'key');
          requireObject(domain, 'domain');
          await inside.vault.requireLive(domain.key, 'domain.key');
          const { pan, next } = nextPanFromSequence(sequence, range, n, { mostSkips: MOST_SKIPS });
          const token = await tokenIn(inside, domain, pan);
          const index = (await panIndexers(inside, indexKeys)).map((indexOf) => indexOf(pan));
          return { card: drawn(pan, token, range.iin, index), next };
        },
      ),

    tokenOf: (request) =>
      operate(
        inside,
        'tokenOf',
        request,
        ({ domain }) => [domain?.key],
        ({ domain, pan, permit }) => {
          requireCapability(permit, 'find-token', authority);
          return tokenIn(inside, domain, pan);
        },
      ),

    sealPan: (request) =>
      operate(
        inside,
        'sealPan',
        request,
        ({ under }) => [under],
        async ({ card, under, context, permit }) => {
          requireCapability(permit, 'reveal-pan', authority);
          const seal = await envelopeSealer(inside, under, context);
          return seal(asciiToBytes(await panOfCard(inside, card), 'pan'));
        },
      ),

    revealPan: (request) =>
      operate(
        inside,
        'revealPan',
        request,
        ({ card }) => [card?.domain?.key],
        ({ card, permit }) => {
          requireCapability(permit, 'reveal-pan', authority);
          return panOfCard(inside, card);
        },
      ),

    preparePossession: (request) =>
      prepare(
        inside,
        'verifyPossession',
        request,
        ({ card }) => [card?.domain?.key],
        async (asked) => {
          const digits = requirePattern(asked.digits, /^[0-9]{1,19}$/, 19, 'digits', '1 to 19 digits');
          const pan = await panOfCard(inside, asked.card);
          const hidden = pan.slice(SHOWN_FIRST, -SHOWN_LAST);
          if (hidden.length < FEWEST_HIDDEN)
            fail('ERR_POLICY', 'card', `a PAN of which at least ${FEWEST_HIDDEN} digits are hidden`);
          return () => equalText(digits, hidden);
        },
        verdict,
      ),

    indexCards: (request) =>
      operate(
        inside,
        'indexCards',
        request,
        ({ key }) => [key],
        async ({ cards, key }) => {
          const indexOf = await panIndexer(inside, key);
          const out: PanIndex[] = [];
          for (const card of requireArray(cards, 'cards', MOST_CARDS))
            out.push(indexOf(await panOfCard(inside, readPart(card, 'cards'))));
          return out;
        },
      ),
  };
}
