/** ISO/IEC 7812-1 (card numbers) and the one-time passwords of RFC 4226 and RFC 6238 (dynamic CVV2). */
import { type Clause, clausesOf } from '../clause.ts';

export const ISO_7812: readonly Clause[] = clausesOf('ISO/IEC 7812-1:2017', [
  {
    clause: '4',
    about: 'a number is an issuer’s digits, an account’s, and a check digit',
    known: 'general',
    status: 'supported',
    how: 'PANs have 12 to 19 digits and an IIN of 6 or 8; ranges say which, and no number of a range comes twice.',
    tests: [
      'test/property/pan.test.ts > parses, has the IIN and the length, and is never one that is left out',
      'test/property/pan.test.ts > never gives a PAN twice: 3 000 numbers of every shape of range',
    ],
  },
  {
    clause: 'annex B',
    about: 'the check digit by the formula of Luhn',
    known: 'general',
    status: 'supported',
    how: 'Computed and checked everywhere a PAN comes in; it finds every single wrong digit and all swaps of neighbours but 09 and 90.',
    tests: [
      'test/property/luhn.test.ts > changing any one digit of a valid number makes it invalid',
      'test/property/luhn.test.ts > swapping two neighbours is caught for every pair at every place of every length, but for 09 and 90',
    ],
  },
  {
    clause: 'registration',
    about: 'issuer identification numbers are assigned',
    known: 'general',
    status: 'caller',
    how: 'Use the IINs that were assigned to you, and for tests those that are published for tests.',
    tests: [],
  },
]);

export const OTP: readonly Clause[] = clausesOf('RFC 4226 and RFC 6238', [
  {
    clause: 'RFC 4226, 5.3; RFC 6238, 4.2',
    about: 'a code from a key and a counter, the counter from the time',
    known: 'read',
    status: 'supported',
    how: 'Profile totp, over HMAC of SHA-1, SHA-256 or SHA-512, which is said each time; three or four digits.',
    tests: [
      'test/property/dcvv2.test.ts > of RFC 4226, Appendix D, and RFC 6238, Appendix B, come out',
      'test/differential/keys.test.ts > HOTP is that of the oracle, for counters up to 2^53',
    ],
  },
  {
    clause: 'RFC 4226, 4 (digits)',
    about: 'a code has six digits at least',
    known: 'general',
    status: 'caller',
    how: 'A CVV2 has three or four, as the panel of a card has: a code is weak by itself, and only the budget of tries makes up for it. Keep tryLimit small.',
    tests: ['test/attack/dynamic-code.test.ts > a window of w codes lets w of 1 000 guesses through'],
  },
  {
    clause: 'RFC 4226, 7.3 (throttling)',
    about: 'guesses are limited',
    known: 'general',
    status: 'supported',
    how: 'Printed, timed and issued codes draw on one budget, paid before the code is looked at. verifyDynamicCvv2 has none: verifyCardCode and the issuer do.',
    tests: [
      'test/property/dcvv2.test.ts > draws static, dynamic and issued codes on one budget',
      'test/issuer/changed-meanwhile.test.ts > a right code is right, whatever PIN is set meanwhile',
    ],
  },
  {
    clause: 'RFC 6238, 5.2',
    about: 'a window of steps, each accepted once',
    known: 'read',
    status: 'supported',
    how: 'Two steps each way at most, always said, where the RFC recommends one; the highest step that matches counts, and it and all below are replays from then on.',
    tests: [
      'test/attack/dynamic-code.test.ts > one code is verified once, in its window and after',
      'test/fault/used-twice.test.ts > a dynamic code and an acknowledgement are accepted once',
    ],
  },
]);
