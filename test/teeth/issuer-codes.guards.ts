/** Guards around the codes of an issuer's cards: good once, one budget, never those of a time that is over. */
import type { PanToken } from '../../src/brand.ts';
import { activeCard, digitsIn } from '../issuer/scenarios/hand.ts';
import { openWorld, type World } from '../support/world.ts';
import type { Guard } from './guard.ts';

/** A code that the issuer gave for a card. */
interface Given {
  readonly world: World;
  readonly token: PanToken;
  readonly code: string;
}

async function give(world: World, token: PanToken): Promise<string> {
  const given = await world.issuer.dynamicCvv2({ token, channel: 'W', client: 'ATM' });
  return digitsIn('code' in given ? given.code : undefined);
}

async function codeOf(product: 'classic' | 'clock'): Promise<Given> {
  const world = await openWorld();
  const token = await activeCard(world, product);
  return { world, token, code: await give(world, token) };
}

async function isTaken({ world, token, code }: Given): Promise<boolean> {
  return (await world.issuer.validateCvv2({ token, candidate: code })).outcome === 'verified';
}

async function takenTwice(product: 'classic' | 'clock', when: 'after' | 'at once'): Promise<boolean> {
  const given = await codeOf(product);
  const first = isTaken(given);
  if (when === 'after') await first;
  const both = await Promise.all([first, isTaken(given)]);
  return both.every((taken) => taken);
}

/** A code that was seen and never used, after a later one was: somebody sets the clock back to when it was seen. */
async function takenOnClockSetBack(): Promise<boolean> {
  const seen = await codeOf('clock');
  const { world, token } = seen;
  const { at } = world.clock;
  world.clock.at += 86_400;
  if (!(await isTaken({ ...seen, code: await give(world, token) }))) return false;
  world.clock.at = at;
  return isTaken(seen);
}

const FLOOR_LOOKED_UP = {
  file: 'issuer/time-floor.ts',
  passage: 'return current.step;',
  instead: 'return -1;',
};
const SETTLED_FOR_ITS_SUBJECT = {
  file: 'issuer/attempt-on-card.ts',
  passage:
    'subjectOf(card, budget) === subjectOf(prepared, budget) ? { card: change(card), revision } : undefined,',
  instead: '({ card: change(card), revision }),',
};

export const GUARDS: readonly Guard[] = [
  {
    ids: ['CV-06'],
    guard: 'the issuer forgets a code that was used',
    cuts: [
      {
        file: 'issuer/validate-cvv2.ts',
        passage: '((now) => ({ ...now, dynamic: { ...now.dynamic, issued: null } }))',
        instead: '((now) => now)',
      },
    ],
    attack: () => takenTwice('classic', 'after'),
  },
  {
    ids: ['CV-06'],
    guard: 'the issuer settles a right code for the card that was tried, with the code that it then had',
    cuts: [SETTLED_FOR_ITS_SUBJECT],
    attack: () => takenTwice('classic', 'at once'),
  },
  {
    ids: ['CV-06'],
    guard:
      'the issuer settles a right code by time for the card that was tried, with the steps that it then had',
    cuts: [SETTLED_FOR_ITS_SUBJECT],
    attack: () => takenTwice('clock', 'at once'),
  },
  {
    ids: ['CV-06'],
    guard: 'the issuer knows up to which step codes are replays',
    cuts: [FLOOR_LOOKED_UP],
    attack: () => takenTwice('clock', 'after'),
  },
  {
    ids: ['CV-08'],
    guard: 'the issuer knows it on a clock that is set back',
    cuts: [FLOOR_LOOKED_UP],
    attack: takenOnClockSetBack,
  },
];
