/** Codes that change with time, in the emulated HSM. */
import type { UnixSeconds } from '../brand.ts';
import { generateDynamicCvv2, readWindow, verifyDynamicCvv2 } from '../dcvv2/dcvv2.ts';
import { type DynamicCvv2, type DynamicCvv2Card, defineDynamicCvv2 } from '../dcvv2/scheme.ts';
import { stepAt } from '../dcvv2/step.ts';
import { requireObject, requireOneOf, requireText, requireWhole } from '../input.ts';
import type { Key } from '../keys/key.ts';
import { requireExpiry, requirePsn } from '../pan/card-data.ts';
import { codeSealer } from './code-block.ts';
import type { TimeCodeFunctions, TimedCard, TimeScheme } from './functions.ts';
import { type Inside, operate, panOfCard, prepare } from './inside.ts';
import { requireLabel } from './vault.ts';

/** The scheme of a request, over its key. A retired key verifies, and shows no new code. */
async function schemeOf(inside: Inside, scheme: TimeScheme, use: 'show' | 'verify'): Promise<DynamicCvv2> {
  requireObject(scheme, 'scheme');
  const { profile, t0, periodSeconds, digits } = scheme;
  requireOneOf(profile, 'profile', ['totp', 'cvv-time'] as const);
  const operation = profile === 'totp' ? 'deriveTotpKey' : 'deriveCvvTimeKey';
  const key =
    use === 'show'
      ? await inside.vault.use(scheme.key, operation, 'scheme.key')
      : (await inside.vault.hold(requireLabel(scheme.key, 'scheme.key'))).key;
  const steps = { t0, periodSeconds, digits };
  return profile === 'totp'
    ? defineDynamicCvv2({ profile, hash: scheme.hash, masterKey: key as Key<'M7'>, ...steps })
    : defineDynamicCvv2({ profile, masterCvk: key as Key<'C0'>, ...steps });
}

async function cardOf(inside: Inside, { card, psn, expiry }: TimedCard): Promise<DynamicCvv2Card> {
  requirePsn(psn, 'psn');
  requireExpiry(expiry, 'expiry');
  return { pan: await panOfCard(inside, card), psn, expiry };
}

/** The functions of codes that change with time, over one HSM. */
export function timeCodeFunctions(inside: Inside): TimeCodeFunctions {
  return {
    timeCode: (request) =>
      operate(
        inside,
        'timeCode',
        request,
        ({ scheme, under }) => [scheme?.key, under],
        async (asked) => {
          const seal = await codeSealer(inside, asked.under);
          const scheme = await schemeOf(inside, asked.scheme, 'show');
          const step = stepAt(scheme, asked.at);
          const code = generateDynamicCvv2(scheme, await cardOf(inside, asked), asked.at);
          const expires = (scheme.t0 + (step + 1) * scheme.periodSeconds) as UnixSeconds;
          return { code: seal(code), step, expires };
        },
      ),

    prepareVerifyTimeCode: (request) =>
      prepare(
        inside,
        'verifyTimeCode',
        request,
        ({ scheme }) => [scheme?.key],
        async (asked) => {
          const { at } = asked;
          const candidate = requireText(asked.candidate, 'candidate', 'a string');
          const window = readWindow(asked.window);
          const floor = requireWhole(asked.floor, 'floor', -1, Number.MAX_SAFE_INTEGER);
          const scheme = await schemeOf(inside, asked.scheme, 'verify');
          const card = await cardOf(inside, asked);
          stepAt(scheme, at);
          return () => {
            const result = verifyDynamicCvv2(scheme, card, candidate, { at, window, floor });
            return result.ok ? result.step : undefined;
          };
        },
        (step) => (step === undefined ? 'rejected' : 'verified'),
      ),
  };
}
