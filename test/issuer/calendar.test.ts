/** Months from UNIX seconds, compared with `Date`. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Expiry, UnixSeconds } from '../../src/brand.ts';
import { dayOf, expiryAfter, isOver, monthOf } from '../../src/issuer/calendar.ts';

/** The last second of 2100. */
const LAST = Date.UTC(2101, 0, 1) / 1000 - 1;
const second = fc.integer({ min: 0, max: LAST }) as fc.Arbitrary<UnixSeconds>;
const runs = { numRuns: 5000 };

const dateMonth = (at: number): number => {
  const date = new Date(at * 1000);
  return 12 * date.getUTCFullYear() + date.getUTCMonth();
};
const text = (month: number): Expiry =>
  `${String(Math.floor(month / 12) % 100).padStart(2, '0')}${String((month % 12) + 1).padStart(2, '0')}` as Expiry;

it('the month of a second is that of Date', () => {
  fc.assert(
    fc.property(second, (at) => monthOf(at) === dateMonth(at) && dayOf(at) === Math.floor(at / 86_400)),
    runs,
  );
});

it('and so at both ends of every month from 1970 to 2100', () => {
  for (let month = 12 * 1970; month < 12 * 2101; month++) {
    const first = (Date.UTC(Math.floor(month / 12), month % 12, 1) / 1000) as UnixSeconds;
    expect(monthOf(first)).toBe(month);
    if (month > 12 * 1970) expect(monthOf((first - 1) as UnixSeconds)).toBe(month - 1);
  }
});

it('an expiry is so many months after the month of a second', () => {
  fc.assert(
    fc.property(second, fc.integer({ min: 0, max: 240 }), (at, months) => {
      const date = new Date(at * 1000);
      const then = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1) / 1000;
      expect(expiryAfter(at, months)).toBe(text(dateMonth(then)));
    }),
    runs,
  );
});

it('a card is over from the first second of the next month on, and not one before', () => {
  fc.assert(
    fc.property(second, fc.integer({ min: -400, max: 400 }), (at, distance) => {
      const month = dateMonth(at) + distance;
      expect(isOver(text(month), at)).toBe(distance < 0);
    }),
    runs,
  );
  const end = Date.UTC(2028, 2, 1) / 1000;
  expect(isOver('2802' as Expiry, (end - 1) as UnixSeconds)).toBe(false);
  expect(isOver('2802' as Expiry, end as UnixSeconds)).toBe(true);
});

it('what was just made to expire later has not expired, for twenty years', () => {
  fc.assert(
    fc.property(
      second,
      fc.integer({ min: 0, max: 240 }),
      (at, months) => !isOver(expiryAfter(at, months), at),
    ),
    runs,
  );
});

it('two digits of a year stand for the century that brings them nearest', () => {
  const at = (Date.UTC(2099, 11, 15) / 1000) as UnixSeconds;
  expect(isOver('0001' as Expiry, at)).toBe(false);
  expect(isOver('9911' as Expiry, at)).toBe(true);
  expect(isOver('4812' as Expiry, at)).toBe(false);
  expect(isOver('4912' as Expiry, at)).toBe(true);
});
