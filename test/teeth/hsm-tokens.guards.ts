/** Guards of the emulated HSM around PANs: who finds one behind a token, and what an index tells of it. */
import { createHash } from 'node:crypto';
import { isPan, luhnCheckDigit, type Pan, parsePan } from '../../src/index.ts';
import { openFewKeys, tokenCard } from '../support/few-keys.ts';
import { lp } from '../support/oracle/lp.ts';
import { TOKENS } from '../support/world.ts';
import type { Guard } from './guard.ts';

/** Of 14 digits a token shows ten; with the check digit a thousand PANs are left. */
const victim = parsePan(`4000004837123${luhnCheckDigit('4000004837123')}`);
const card = tokenCard(victim);

/** The PANs that begin and end as a token shows it. */
function* possible(shown: string): Generator<Pan> {
  for (let n = 0; n < 10_000; n++) {
    const candidate = shown.slice(0, 6) + String(n).padStart(4, '0') + shown.slice(-4);
    if (isPan(candidate)) yield candidate;
  }
}

export const GUARDS: readonly Guard[] = [
  {
    ids: ['TK-08'],
    guard: 'the token of a PAN needs a capability: who may ask at will has them all side by side',
    cuts: [
      { file: 'hsm/token.ts', passage: "requireCapability(permit, 'find-token', authority);", instead: '' },
    ],
    async attack() {
      const { hsm } = await openFewKeys('tokens');
      for (const tried of possible(victim))
        if ((await hsm.tokenOf({ domain: TOKENS, pan: tried, permit: undefined as never })) === card.token)
          return tried === victim;
      return false;
    },
  },
  {
    ids: ['TK-08'],
    guard: 'the PAN of a token needs a capability',
    cuts: [
      {
        file: 'hsm/token.ts',
        passage: `({ card, permit }) => {
          requireCapability(permit, 'reveal-pan', authority);`,
        instead: '({ card }) => {',
      },
    ],
    async attack() {
      const { hsm } = await openFewKeys('tokens');
      return (await hsm.revealPan({ card, permit: undefined as never })) === victim;
    },
  },
  {
    ids: ['TK-13'],
    guard: 'the key of an index: a hash of a PAN is turned back by trying all that fit',
    cuts: [
      {
        file: 'hsm/token.ts',
        passage: "const mac = macUnder(await inside.vault.use(label, 'indexPan', 'indexKeys'), 'indexPan');",
        instead: "const { sha256: mac } = await import('../mode/hmac.ts');",
      },
    ],
    async attack() {
      const { hsm } = await openFewKeys('tokens', 'index.1');
      const [index] = await hsm.indexCards({ cards: [card], key: 'index.1' });
      const hash = (tried: Pan): string =>
        createHash('sha256').update(lp('pan-index/1', tried), 'hex').digest('hex').toUpperCase();
      return [...possible(victim)].find((tried) => hash(tried) === index) === victim;
    },
  },
];
