/** Months of the civil calendar (UTC) from UNIX seconds: all that an expiry needs. */
import type { Expiry, UnixSeconds } from '../brand.ts';
import { numberText } from '../bytes/digits.ts';

const DAY_SECONDS = 86_400;

/** Days from 0000-03-01 to 1970-01-01, and in 400 years. */
const EPOCH_DAYS = 719_468;
const ERA_DAYS = 146_097;

/** Whole days since 1970-01-01. */
export function dayOf(at: UnixSeconds): number {
  return Math.floor(at / DAY_SECONDS);
}

/** Months since year 0, of the day that the second lies in. Years begin in March here, so that February is last. */
export function monthOf(at: UnixSeconds): number {
  const days = dayOf(at) + EPOCH_DAYS;
  const era = Math.floor(days / ERA_DAYS);
  const dayOfEra = days - era * ERA_DAYS;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  // 153 days are five months, from March on.
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  return 12 * (era * 400 + yearOfEra) + 2 + monthFromMarch;
}

/** The expiry that is so many months after the month of a second. */
export function expiryAfter(at: UnixSeconds, months: number): Expiry {
  const month = monthOf(at) + months;
  return (numberText(Math.floor(month / 12) % 100, 2) + numberText((month % 12) + 1, 2)) as Expiry;
}

/**
 * Whether the month of an expiry is over. Two digits of a year stand for the century that brings them nearest
 * to the present.
 */
export function isOver(expiry: Expiry, at: UnixSeconds): boolean {
  const now = monthOf(at);
  const year = Math.floor(now / 12);
  const short = Number(expiry.slice(0, 2));
  const distance = (((short - (year % 100) + 50) % 100) + 100) % 100;
  const month = 12 * (year + distance - 50) + Number(expiry.slice(2)) - 1;
  return now > month;
}
