/** NIST SP 800-38G (FF1) and SP 800-67 (TDES). */
import { type Clause, clausesOf } from '../clause.ts';

export const SP_800_38G: readonly Clause[] = clausesOf('NIST SP 800-38G Rev. 1 (2PD)', [
  {
    clause: '5.1, algorithm',
    about: 'the cipher FF1, both ways',
    known: 'read',
    status: 'supported',
    how: 'Ten rounds over AES of 16, 24 or 32 bytes, in one building block behind tokens, sequences and encryptFf1.',
    tests: [
      'test/vectors/published.test.ts > add up in the table',
      'test/differential/ff1.test.ts > is the FF1 of @noble/ciphers: any radix, lengths to 60, tweaks of 0 to 40 bytes, both ways',
      'test/differential/ff1.test.ts > agrees on both sides of every size at which the arithmetic changes',
    ],
  },
  {
    clause: '5.1, domain',
    about: 'radix to the least length is a million or more',
    known: 'read',
    status: 'supported',
    how: 'Public functions refuse smaller domains, profiles and ranges when they are defined; digits that are kept or follow from others do not count.',
    tests: [
      'test/attack/small-domain.test.ts > the general cipher has the same floor',
      'test/attack/small-domain.test.ts > the whole matrix of numeric profiles',
      'test/vectors/published.test.ts > FF1: 36 domains below Rev. 1 are computed by the building block and refused in public',
    ],
  },
  {
    clause: '5.1, radix and lengths',
    about: 'radices from 2 to 2^16, lengths and tweaks within what was fixed',
    known: 'read',
    status: 'supported',
    how: 'Radices 2 to 65,536, tweaks of 1,024 bytes at most; numerals are whole numbers below the radix.',
    tests: [
      'test/behaviour/edges.test.ts > refuses a tweak beyond 1024 bytes, a radix beyond 65536, text that is not text',
      'test/property/ff1.test.ts > refuses numerals that are not whole numbers below the radix',
    ],
  },
  {
    clause: 'tweaks',
    about: 'a tweak varies with what is around the text, as far as it can',
    known: 'read',
    status: 'supported',
    how: 'Tokens have tenant, length, profile and kept digits in the tweak, one length-prefixed encoding that means one thing. Tweaks of encryptFf1 are yours.',
    tests: [
      'test/attack/small-domain.test.ts > a tweak cannot mean two things',
      'test/property/bytes.test.ts > tells its parts again: it is injective',
    ],
  },
  {
    clause: 'FF3 and FF3-1',
    about: 'not among the approved methods any more',
    known: 'general',
    status: 'supported',
    how: 'Neither exists here.',
    tests: ['test/attack/small-domain.test.ts > FF3 and FF3-1 do not exist'],
  },
  {
    clause: 'validation',
    about: 'an implementation is validated by an accredited laboratory before its conformance is claimed',
    known: 'general',
    status: 'caller',
    how: 'There is no certificate and none is claimed. What can be shown without one: all published FF1 vectors, and two independent implementations.',
    tests: [
      'test/vectors/published.test.ts > are all in the table, 1757 of them published',
      'test/differential/ff1.test.ts > is the FF1 of the oracle, radix 65 536 too',
    ],
  },
]);

export const SP_800_67: readonly Clause[] = clausesOf('NIST SP 800-67 Rev. 2', [
  {
    clause: 'status',
    about: 'withdrawn on 2024-01-01: no new protection by TDES; what was protected may still be opened',
    known: 'read',
    status: 'caller',
    how: 'TDES is here for PIN blocks of formats 0, 1 and 3, CVV, PVV and old partners. Where the field leaves a choice take AES; SECURITY.md says how TDES leaves.',
    tests: [
      'test/hsm/pin-policy.test.ts > into the same format or a stronger one, unless the policy says otherwise',
    ],
  },
  {
    clause: '3.3, keys',
    about: 'parts of a key are distinct, of odd parity, and not weak',
    known: 'general',
    status: 'supported',
    how: 'Equal, weak and semi-weak parts are refused whatever their parity bits; parity is demanded, or set where that is said. Two-key TDES, which the standard had given up in 2017, is taken, since the field runs on it.',
    tests: [
      'test/attack/key-material.test.ts > refuses every pair of equal parts, with every of the 256 patterns of flipped parity bits',
      'test/property/keys.test.ts > of one wrong byte anywhere is refused unless it is to be adjusted',
    ],
  },
  {
    clause: 'volume',
    about: 'no more than 2^20 blocks under one key',
    known: 'read',
    status: 'supported',
    how: 'Keys for data and keys refuse beyond it and book nothing for a refusal; keys of PIN and code blocks count and do not refuse, since their values are single blocks. The count lives with the key object.',
    tests: [
      'test/attack/envelope.test.ts > a TDES KEK wraps up to 2^20 blocks and not one more',
      'test/property/envelope.test.ts > exist for TDES keys that encrypt data or keys, and count PIN blocks without refusing',
    ],
  },
]);
