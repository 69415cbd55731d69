/** Guards around codes that change: once, in their time, among few. */
import {
  type CardCodeState,
  createCardCodeState,
  createMemoryRecords,
  type DynamicCvv2Window,
  defineDynamicCvv2,
  enableDynamicCvv2,
  generateDynamicCvv2,
  holdIssuedCode,
  issueDynamicCode,
  type Key,
  parseExpiry,
  parsePsn,
  parseServiceCode,
  parseUnixSeconds,
  type UnixSeconds,
  verifyCardCode,
  verifyCvv,
  verifyDynamicCvv2,
  verifyIssuedCode,
} from '../../src/index.ts';
import { importClearKey } from '../../src/keys/clear-face.ts';
import { seededBytes, seededRandom } from '../support/arbitraries.ts';
import type { Guard } from './guard.ts';
import { BUDGET, tdesKey, VICTIM } from './thief.ts';

const HMAC = { usage: 'M7', algorithm: 'H', exportability: 'N' } as const;
const master: Key<'M7'> = importClearKey({ ...HMAC, mode: 'X' }, seededBytes(1, 32));
const issuing: Key<'M7'> = importClearKey({ ...HMAC, mode: 'C' }, seededBytes(2, 32));
const steps = { digits: 3, t0: 0, periodSeconds: 300 } as const;
const scheme = defineDynamicCvv2({ profile: 'totp', hash: 'SHA-256', masterKey: master, ...steps });
const card = { pan: VICTIM, psn: parsePsn('01'), expiry: parseExpiry('2812') };
const window = { past: 1, future: 1 } as const;
const NOW = parseUnixSeconds(1_800_000_000);
const now = { at: NOW, scheme: { scheme, card, window } };
const code = generateDynamicCvv2(scheme, card, NOW);

const subject = { tenant: 'tenant', card: 'card', generation: 0 };
const terms = { digits: 3, lifetimeSeconds: 600, staticCvv2: '000' } as const;

function recordsOf(state: CardCodeState): ReturnType<typeof createMemoryRecords<CardCodeState>> {
  const records = createMemoryRecords<CardCodeState>();
  records.put('card', state);
  return records;
}

/** A card whose codes are those of the scheme. */
const byTime = (limit: number) => recordsOf(enableDynamicCvv2(createCardCodeState(limit), scheme, card, NOW));

/** Whether both of two uses of a code of the scheme are verified. */
async function usedTwice(when: 'after' | 'at once'): Promise<boolean> {
  const records = byTime(5);
  const use = () => verifyCardCode(records, 'card', code, now);
  const first = use();
  if (when === 'after') await first;
  const outcomes = await Promise.all([first, use()]);
  return outcomes.every(({ outcome }) => outcome === 'verified');
}

/** The same of a code that was issued. */
async function issuedUsedTwice(when: 'after' | 'at once'): Promise<boolean> {
  const random = seededRandom(3);
  const made = issueDynamicCode(issuing, subject, { ...terms, at: NOW }, { random });
  const records = recordsOf(holdIssuedCode(createCardCodeState(5), made.issued));
  const use = () =>
    verifyCardCode(records, 'card', made.code, { at: NOW, issued: { key: issuing, subject } });
  const first = use();
  if (when === 'after') await first;
  const outcomes = await Promise.all([first, use()]);
  return outcomes.every(({ outcome }) => outcome === 'verified');
}

/** A value of every thousand, one after the other, on a card that takes five wrong ones. */
async function triedAll(): Promise<boolean> {
  const records = byTime(5);
  for (let n = 0; n < 1000; n++)
    if ((await verifyCardCode(records, 'card', String(n).padStart(3, '0'), now)).outcome === 'verified')
      return true;
  return false;
}

/** Whether a code that was issued is good a day after it should have ended. */
function outlived(at: UnixSeconds): boolean {
  const made = issueDynamicCode(issuing, subject, { ...terms, at }, { random: seededRandom(4) });
  const later = parseUnixSeconds(NOW + 86_400);
  return verifyIssuedCode(issuing, subject, made.issued, { candidate: made.code, at: later });
}

/**
 * The value of a stripe from codes that a display shows, under one key for both: in the right step the fields of the
 * step are the expiry and the service code of the card.
 */
function stripeFromDisplay(): boolean {
  const cvk = tdesKey('cvk', 'C0', 'C');
  const same = { cvk, staticCvk: tdesKey('cvk', 'C0', 'C') };
  const display = defineDynamicCvv2({ profile: 'cvv-time', reissue: 'new-pan-only', ...same, ...steps });
  const stripe = { pan: VICTIM, expiry: card.expiry, serviceCode: parseServiceCode('201') };
  const step = 1200 * (201 - 1) + 12 * 28 + 12 - 1;
  const shown = generateDynamicCvv2(display, card, parseUnixSeconds(step * steps.periodSeconds));
  return verifyCvv(cvk, stripe, shown);
}

const FLOOR_COMPARED = {
  file: 'dcvv2/dcvv2.ts',
  passage: "return matched > floor ? { ok: true, step: matched } : { ok: false, reason: 'replay' };",
  instead: 'return { ok: true, step: matched };',
};
const FLOOR_SETTLED = {
  file: 'dcvv2/card-code.ts',
  passage: 'if (step <= current.floor) return undefined;',
  instead: '',
};
const ISSUED_SETTLED = {
  file: 'dcvv2/card-code.ts',
  passage: "if (now.active !== 'issued' || now.issued?.tag !== issued.tag) return undefined;",
  instead: '',
};

export const GUARDS: readonly Guard[] = [
  {
    ids: ['CV-06'],
    guard: 'a code of a step that was used is a replay, when it is compared and when it is settled',
    cuts: [FLOOR_COMPARED, FLOOR_SETTLED],
    attack: () => usedTwice('after'),
  },
  {
    ids: ['CV-06'],
    guard: 'of two uses of a code at once one settles',
    cuts: [FLOOR_SETTLED],
    attack: () => usedTwice('at once'),
  },
  {
    ids: ['CV-06'],
    guard: 'a code that was issued is void when it was used',
    cuts: [
      {
        file: 'dcvv2/card-code.ts',
        passage: 'return Object.freeze({ ...now, issued: null });',
        instead: 'return now;',
      },
    ],
    attack: () => issuedUsedTwice('after'),
  },
  {
    ids: ['CV-06'],
    guard: 'of two uses of an issued code at once one settles',
    cuts: [ISSUED_SETTLED],
    attack: () => issuedUsedTwice('at once'),
  },
  {
    ids: ['CV-07'],
    guard: 'a window is two steps each way at most',
    cuts: [
      {
        file: 'dcvv2/dcvv2.ts',
        passage:
          "return { past: requireOneOf(past, 'window', allowed), future: requireOneOf(future, 'window', allowed) };",
        instead: 'return { past, future } as DynamicCvv2Window;',
      },
    ],
    // Whoever may say how wide to look has any code accepted: here one guess, over four weeks of steps.
    attack() {
      const wide = { past: 4000, future: 4000 } as unknown as DynamicCvv2Window;
      return verifyDynamicCvv2(scheme, card, '000', { at: NOW, window: wide }).ok;
    },
  },
  {
    ids: ['CV-07'],
    guard: 'a guess at a code by time takes a try, of which there are few',
    cuts: BUDGET,
    attack: triedAll,
  },
  {
    ids: ['CV-08'],
    guard: 'a step that was used stays used when the clock is set back',
    cuts: [FLOOR_COMPARED],
    // A code that was seen and never used, after a later one was: somebody sets the clock back to when it was seen.
    attack() {
      const at = parseUnixSeconds(NOW + 86_400);
      const later = generateDynamicCvv2(scheme, card, at);
      const used = verifyDynamicCvv2(scheme, card, later, { at, window });
      const floor = used.ok ? used.step : -1;
      return verifyDynamicCvv2(scheme, card, code, { at: NOW, window, floor }).ok;
    },
  },
  {
    ids: ['CV-08'],
    guard: 'a time in milliseconds is no time',
    cuts: [
      {
        file: 'dcvv2/step.ts',
        passage: "return requireWhole(seconds, 'at', 0, LAST_UNIX_SECONDS, 'ERR_CLOCK') as UnixSeconds;",
        instead: 'return seconds as UnixSeconds;',
      },
    ],
    // Where a code is issued the clock is one of milliseconds: it would end in 57 000 years.
    attack: () => outlived((NOW * 1000) as UnixSeconds),
  },
  {
    ids: ['CV-11'],
    guard: 'codes that are shown have another key than the values of the card',
    cuts: [{ file: 'dcvv2/scheme.ts', passage: 'if (sameKey(cvk, staticCvk))', instead: 'if (false)' }],
    attack: stripeFromDisplay,
  },
];
