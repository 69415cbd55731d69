/** Guards of an issuer: every look at a PIN is paid, and nothing gives tries back by a detour. */
import { createMemoryAnchor } from '../../src/store/anchor.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { editableStore, guesses, openScene, outcomeOf, PIN, type Scene, useUpTries } from './card-scene.ts';
import type { Guard } from './guard.ts';

/** A PIN that is not the holder's. */
const OTHER = '5820';

/** Whether the PIN is found by a way that is not the usual one. */
async function searched(way: (pin: string) => Promise<string>, count: number): Promise<boolean> {
  for (const pin of guesses(count)) if (['verified', 'done'].includes(await way(pin))) return true;
  return false;
}

/** A new card in place of one that is called lost, with its PIN. */
async function replaced(scene: Scene, requestId: string, pin?: string): Promise<string> {
  const { issuer, token, permit } = scene;
  const current =
    pin === undefined ? {} : { current: { client: 'ATM', block: await scene.block(token, pin) } };
  const { card } = await issuer.reissueCard({
    token,
    requestId,
    reason: 'lost',
    pin: 'kept',
    permit: permit('issuance'),
    ...current,
  });
  return card.token;
}

export const GUARDS: readonly Guard[] = [
  {
    ids: ['CT-01'],
    guard: 'a store replaces the revision that was read, and no other',
    cuts: [
      {
        file: 'store/memory.ts',
        passage: "if (expected > 0 && revision !== expected) return 'stale';",
        instead: '',
      },
    ],
    async attack() {
      const { guess } = await openScene({ store: createMemoryStore() });
      return (await Promise.all(guesses(60).map(guess))).includes('verified');
    },
  },
  {
    ids: ['CT-05'],
    guard: 'tries are given back to whoever may, and to nobody else',
    cuts: [
      {
        file: 'issuer/unblock-pin.ts',
        passage: "await desk.hsm.authorize(request.permit, 'unblock-pin');",
        instead: '',
      },
    ],
    async attack() {
      const scene = await openScene();
      await useUpTries(scene);
      await scene.issuer.unblockPin({ token: scene.token, permit: scene.permit('find-token') });
      return (await scene.guess(PIN)) === 'verified';
    },
  },
  {
    ids: ['CT-05'],
    guard: 'tries are given back so many times a day',
    cuts: [
      {
        file: 'issuer/daily-unblocks.ts',
        passage: 'if (today[what] >= unblocksPerDay)',
        instead: 'if (false)',
      },
    ],
    // Somebody who may unblock helps with the search.
    async attack() {
      const { guess, issuer, token, permit } = await openScene();
      return searched(async (pin) => {
        const outcome = await guess(pin);
        if (outcome !== 'blocked') return outcome;
        await issuer.unblockPin({ token, permit: permit('unblock-pin') });
        return guess(pin);
      }, 40);
    },
  },
  {
    ids: ['CT-05'],
    guard: 'tries move along with a PIN that is kept',
    cuts: [
      {
        file: 'issuer/replace-card.ts',
        passage:
          "return pin === 'new' ? card : { ...card, pinTriedAt, tries: { ...fresh.tries, pin: tries.pin } };",
        instead: 'return card;',
      },
    ],
    async attack() {
      const scene = await openScene();
      await useUpTries(scene);
      const token = await replaced(scene, 'lost.1');
      await scene.issuer.activateCard({ token });
      const block = await scene.block(token as Scene['token'], PIN);
      return (await outcomeOf(scene.issuer.validatePin({ token, client: 'ATM', block }))) === 'verified';
    },
  },
  {
    ids: ['CT-09'],
    guard: 'the change of a PIN pays from the tries of the PIN',
    cuts: [{ file: 'issuer/change-pin.ts', passage: "budget: 'pin',", instead: "budget: 'activation'," }],
    async attack() {
      const scene = await openScene();
      await useUpTries(scene);
      const { token } = scene;
      const [current, requested] = [await scene.block(token, PIN), await scene.block(token, OTHER)];
      const change = { token, client: 'ATM', current, requested };
      return (await outcomeOf(scene.issuer.changePin(change))) === 'verified';
    },
  },
  {
    ids: ['CT-09'],
    guard: 'a PIN that is to move to a new card is an attempt, and no more than that',
    cuts: [
      {
        file: 'issuer/replace-card.ts',
        passage: "if (outcome !== 'verified') fail('ERR_PIN_REFUSED', 'current', 'the PIN of the card');",
        instead: '',
      },
    ],
    async attack() {
      const scene = await openScene();
      let requests = 0;
      return searched(
        (pin) => outcomeOf(replaced(scene, `lost.${++requests}`, pin).then(() => ({ outcome: 'done' }))),
        8,
      );
    },
  },
  {
    ids: ['CT-10'],
    guard:
      'the PIN of a card that is blocked is not looked at: not when it is asked, nor when the try is paid',
    cuts: [
      {
        file: 'issuer/attempt-on-card.ts',
        passage: 'requireTransition(card, tried.action, now(desk));',
        instead: '',
      },
      {
        file: 'issuer/attempt-on-card.ts',
        passage: 'requireTransition(card, action, now(desk));',
        instead: '',
      },
    ],
    async attack() {
      const { issuer, token, guess } = await openScene();
      await issuer.blockCard({ token });
      return (await guess(PIN)) === 'verified';
    },
  },
  {
    ids: ['CT-10'],
    guard: 'what was right counts for the card that was tried, not for one that was blocked meanwhile',
    cuts: [
      {
        file: 'issuer/attempt-on-card.ts',
        passage:
          'subjectOf(card, budget) === subjectOf(prepared, budget) ? { card: change(card), revision } : undefined,',
        instead: '({ card: change(card), revision }),',
      },
    ],
    async attack() {
      let meanwhile = async (): Promise<unknown> => undefined;
      const { issuer, token, guess } = await openScene({
        hsm: (hsm) => ({
          ...hsm,
          async prepareVerifyPin(request) {
            const compare = await hsm.prepareVerifyPin(request);
            return async () => {
              await meanwhile();
              return compare();
            };
          },
        }),
      });
      meanwhile = () => issuer.blockCard({ token });
      return (await guess(PIN)) === 'verified';
    },
  },
  {
    ids: ['CT-06'],
    guard: 'a record that is older than its anchor is refused',
    cuts: [
      { file: 'issuer/ledger.ts', passage: 'if ((record?.revision ?? 0) < least)', instead: 'if (false)' },
    ],
    // The store is put back after each guess.
    async attack() {
      const store = editableStore();
      const { guess } = await openScene({ store, anchor: createMemoryAnchor() });
      const backup = [...store.rows];
      return searched(async (pin) => {
        for (const [name, row] of backup) store.rows.set(name, row);
        return guess(pin);
      }, 10);
    },
  },
  {
    ids: ['ST-05'],
    guard: 'a request is copied before it is told to the audit and carried out',
    cuts: [
      {
        file: 'issuer/desk.ts',
        passage: "asked = readParts(request, 'request', PARTS);",
        instead: 'asked = request;',
      },
    ],
    // The audit hears of one card while the PAN of another leaves.
    async attack() {
      const { issuer, token: victim, events, permit, panOf, account } = await openScene();
      const { account: mine } = await account('mine');
      const asked = { requestId: 'mine', product: 'gift', account: mine };
      const { token: own } = (await issuer.addCard(asked)).card;
      let reads = 0;
      const { pan } = await issuer.revealPan({
        permit: permit('reveal-pan'),
        get token() {
          // The audit looks first.
          return ++reads === 1 ? own : victim;
        },
      });
      const told = events.at(-1)?.subject;
      return pan === (await panOf(victim)) && told !== undefined && told.slice(-4) === own.slice(-4);
    },
  },
];
