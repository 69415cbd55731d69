/**
 * Up to which step the codes by time of a card are replays. A floor belongs to a key and what steps are counted by:
 * under another T0, period or profile the same step is another time, and a code that was taken might be good again.
 */
import { fail } from '../error.ts';
import type { TimeScheme } from '../hsm/functions.ts';
import type { CardRecord, SchemeKey, SchemeText, TimeFloor } from './card-record.ts';

function bindingOf(scheme: TimeScheme): Pick<TimeFloor, 'key' | 'scheme'> {
  const { key, profile, t0, periodSeconds, digits } = scheme;
  const rule = scheme.profile === 'totp' ? `${profile}.${scheme.hash}` : profile;
  return { key: key as SchemeKey, scheme: `${rule}/${t0}/${periodSeconds}/${digits}` as SchemeText };
}

/** The floors of the card as it is: another plastic shows other codes. The last is the one that counts. */
function floorsOf({ dynamic, generation }: CardRecord): readonly TimeFloor[] {
  return dynamic.floors.filter((floor) => floor.generation === generation);
}

function isBoundTo(floor: TimeFloor, { key, scheme }: Pick<TimeFloor, 'key' | 'scheme'>): boolean {
  return floor.key === key && floor.scheme === scheme;
}

/**
 * The floors once codes of a scheme are switched on at a step: none of an earlier step counts. A scheme of before
 * finds its floor again; another one needs another key, and starts after the current step.
 */
export function switchedOn(card: CardRecord, scheme: TimeScheme, step: number): readonly TimeFloor[] {
  const binding = bindingOf(scheme);
  const floors = floorsOf(card);
  const known = floors.find((floor) => isBoundTo(floor, binding));
  if (known === undefined && floors.some(({ key }) => key === binding.key))
    fail('ERR_POLICY', 'token', 'another key for another profile, T0, period or number of digits');
  const least = card.dynamic.on ? -1 : step - 1;
  const first = floors.length === 0 ? least : step;
  const now = known === undefined ? first : Math.max(known.step, least);
  return [
    ...floors.filter((floor) => floor !== known),
    { ...binding, generation: card.generation, step: now },
  ];
}

/** The highest step that was taken of the card; -1 where none was. Refused under a scheme that was not switched on. */
export function floorUnder(card: CardRecord, scheme: TimeScheme): number {
  const current = floorsOf(card).at(-1);
  if (current === undefined) return -1;
  if (!isBoundTo(current, bindingOf(scheme)))
    fail('ERR_POLICY', 'token', 'codes of the scheme that was switched on');
  return current.step;
}

/** The floors after a code of a step was taken. */
export function raisedTo(card: CardRecord, scheme: TimeScheme, step: number): readonly TimeFloor[] {
  const { generation } = card;
  return [...floorsOf(card).slice(0, -1), { ...bindingOf(scheme), generation, step }];
}
