/** Guards around the PINs of an HSM: what a PIN is compared with, and where it comes from. */
import type { BoundPin, CardReference, PinMethod } from '../../src/hsm/functions.ts';
import { type Bench, blockOf, cardOf, METHODS, openBench, panOf } from '../support/hsm.ts';
import type { Guard } from './guard.ts';
import { PIN } from './thief.ts';

const pek = 'atm.pek';
const [victimPan, thiefPan] = [panOf(182), panOf(2)];
const [victim, thief] = [cardOf(victimPan), cardOf(thiefPan)];
const four = (n: number): string => String(n).padStart(4, '0');

/** A PIN kept for a card, as an officer keeps it who has seen its holder. */
function kept(bench: Bench, card: CardReference, pin: string, method: PinMethod): Promise<BoundPin> {
  const block = blockOf(card === victim ? victimPan : thiefPan, pin);
  return bench.hsm.setPin({ card, method, pek, block, permit: bench.permit('set-pin') });
}

/**
 * Offsets of the thief's, in place of the one in the record, until a PIN that he has typed is right. What he typed
 * less that offset is the natural PIN, and that and the right offset are the holder's. On this card the walk is
 * a short one.
 */
async function walked(): Promise<boolean> {
  const bench = await openBench();
  const method = METHODS.offset;
  const stored = await kept(bench, victim, PIN, method);
  if (stored.kind !== 'ibm3624') return false;
  const block = blockOf(victimPan, '0000');
  for (let n = 0; n < 300; n++) {
    const pin = { ...stored, offset: four(n) as typeof stored.offset };
    const compare = await bench.hsm.prepareVerifyPin({ card: victim, method, pin, pek, block });
    if (!(await compare())) continue;
    const found = Array.from(four(n), (less, i) => (10 - Number(less) + Number(stored.offset[i])) % 10);
    return found.join('') === PIN;
  }
  return false;
}

/** Blocks of all PINs in format 1, translated for the card of a captured one, until they are equal. */
async function translatedDictionary(): Promise<boolean> {
  const { hsm } = await openBench();
  const captured = blockOf(victimPan, PIN, 'ISO-0', 'emb.pek');
  const target = { pek: 'emb.pek', format: 'ISO-0' } as const;
  for (let n = 0; n < 300; n++) {
    const block = blockOf(thiefPan, four(n), 'ISO-1');
    const out = await hsm.translatePinBlock({ card: victim, pek, block, target });
    if (out.block === captured.block) return four(n) === PIN;
  }
  return false;
}

/** A captured block of format 1 as the thief's new PIN: what he then finds out of his own card is the holder's. */
async function changedToCaptured(): Promise<boolean> {
  const bench = await openBench();
  const { hsm, permit } = bench;
  const method = METHODS.sealed;
  const pin = await kept(bench, thief, '8402', method);
  const block = blockOf(thiefPan, '8402');
  const requested = blockOf(victimPan, PIN, 'ISO-1');
  const change = await hsm.prepareChangePin({ card: thief, method, pin, pek, block, requested });
  const changed = await change();
  if (changed === undefined || changed === 'refused') return false;
  const mailed = await hsm.printPin({ card: thief, method, pin: changed, permit: permit('print-pin') });
  return mailed === PIN;
}

/** A holder who wants the PIN that everybody wants, and a thief who knows it. */
async function chosenWeak(): Promise<boolean> {
  const bench = await openBench();
  const method = METHODS.pvv;
  const pin = await kept(bench, victim, '1234', method);
  const block = blockOf(victimPan, '1234');
  const compare = await bench.hsm.prepareVerifyPin({ card: victim, method, pin, pek, block });
  return compare();
}

export const GUARDS: readonly Guard[] = [
  {
    ids: ['PIN-03'],
    guard: 'a PIN is compared with what the HSM bound to the card',
    cuts: [
      {
        file: 'hsm/bound-pin.ts',
        passage: 'if (!equalText(expected, tag))',
        instead: 'if (false)',
      },
    ],
    attack: walked,
  },
  {
    ids: ['PIN-12'],
    guard: 'nothing is translated out of format 1 unless the policy says so',
    cuts: [
      {
        file: 'hsm/pin.ts',
        passage: 'if (!inside.policy.translations[format]?.includes(target.format))',
        instead: 'if (false)',
      },
    ],
    attack: translatedDictionary,
  },
  {
    ids: ['PIN-16'],
    guard: 'a new PIN comes in a format that binds it to the card, which is asked twice',
    cuts: [
      {
        file: 'hsm/pin.ts',
        passage: 'requireFormat(format, inside.policy.pinBlockFormats);',
        instead: '',
      },
      { file: 'pinblock/verify.ts', passage: 'requireFormat(format, BOUND_FORMATS);', instead: '' },
    ],
    attack: changedToCaptured,
  },
  {
    ids: ['PIN-17'],
    guard: 'a weak PIN that a holder wants is refused',
    cuts: [{ file: 'hsm/pin.ts', passage: 'isWeakPin(pin, inside.policy.pins)', instead: 'false' }],
    attack: chosenWeak,
  },
];
