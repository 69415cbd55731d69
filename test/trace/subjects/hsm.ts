/** What an emulated HSM compares: records, bound PINs, card numbers, codes. Whole requests, awaited. */
import type { Tag } from '../../../src/brand.ts';
import { blockOf, cardOf, faceOf, METHODS, openBench, panOf } from '../../support/hsm.ts';
import { HEX, nearText, type Subject } from '../subject.ts';
import { DES, SINGLE } from './single.ts';

const bench = await openBench();
const { hsm } = bench;
const pan = panOf(123_456_789);
const card = cardOf(pan);
/** Once it is known. */
const TOLD = { 'hsm/inside.ts: verdict': 'the audit tells the answer by its name' } as const;
const both = ['false', 'true'];
const PIN = '7391';

const records = ['a record', 'another record'];
const [tag = '', otherTag = ''] = await hsm.tagRecords({ key: 'records', records });
const setting = (method: 'pvv' | 'offset') =>
  hsm.setPin({
    card,
    method: METHODS[method],
    pek: 'atm.pek',
    block: blockOf(pan, PIN),
    permit: bench.permit('set-pin'),
  });
const [byPvv, byOffset] = [await setting('pvv'), await setting('offset')];
const hidden = pan.slice(8, -4);
const face = faceOf(card);
const cvv2 = await hsm.revealCvv2({ ...face, permit: bench.permit('reveal-cvv2') });

export const HSM: readonly Subject[] = [
  {
    name: 'verifyRecords: the tags',
    outcomes: both,
    prepare: (i) => {
      const tags = [nearText(tag, i, HEX), otherTag];
      return () => hsm.verifyRecords({ key: 'records', records, tags: tags as Tag[] });
    },
  },
  {
    name: 'prepareVerifyPin: the tag of the PIN',
    outcomes: ['ERR_STORE_CORRUPT', 'prepared'],
    perOutcome: true,
    prepare: (i) => {
      const pin = { ...byPvv, tag: nearText(byPvv.tag, i, HEX) as Tag };
      const request = { card, method: METHODS.pvv, pin, pek: 'atm.pek', block: blockOf(pan, PIN) };
      return async () => {
        await hsm.prepareVerifyPin(request);
        return 'prepared';
      };
    },
  },
  {
    name: 'verifyPin by PVV: the block',
    outcomes: both,
    prepare: (i) =>
      hsm.prepareVerifyPin({
        card,
        method: METHODS.pvv,
        pin: byPvv,
        pek: 'atm.pek',
        block: blockOf(pan, nearText(PIN, i)),
      }),
    varying: { ...SINGLE, ...TOLD },
  },
  {
    name: 'verifyPin by offset: the block',
    outcomes: both,
    prepare: (i) =>
      hsm.prepareVerifyPin({
        card,
        method: METHODS.offset,
        pin: byOffset,
        pek: 'atm.pek',
        block: blockOf(pan, nearText(PIN, i)),
      }),
    varying: { ...DES, ...TOLD },
  },
  {
    name: 'verifyPossession: the digits',
    outcomes: both,
    prepare: (i) => hsm.preparePossession({ card, digits: nearText(hidden, i) }),
    varying: TOLD,
  },
  {
    name: 'verifyCvv2 in an HSM: the candidate',
    outcomes: both,
    prepare: (i) => hsm.prepareVerifyCvv2({ ...face, candidate: nearText(cvv2, i) }),
    varying: TOLD,
  },
];
