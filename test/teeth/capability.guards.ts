/** Guards around capabilities: what is expired, of another scope, copied, made by hand or revived permits nothing. */
import {
  type Capability,
  type CapabilityScope,
  createCapabilityAuthority,
  parsePin,
  parseUnixSeconds,
  revealPin,
} from '../../src/index.ts';
import type { Guard } from './guard.ts';

const PIN = '73918';

/** A clock that is set by hand. */
const clock = { at: 0, now: () => parseUnixSeconds(clock.at) };
const authority = createCapabilityAuthority(clock);

/** A capability that was granted at noon, for a minute. */
function granted(scope: CapabilityScope): Capability {
  clock.at = 43_200;
  return authority.grant(scope, 60);
}

/** Whether somebody reads a PIN with what he has. */
const reads = (permit: unknown): boolean => revealPin(parsePin(PIN), permit as Capability) === PIN;

export const GUARDS: readonly Guard[] = [
  {
    ids: ['KM-15'],
    guard: 'the end of a capability',
    cuts: [
      {
        file: 'keys/capability.ts',
        passage: 'if (Number.isSafeInteger(now) && now >= own.expires) own.#revoked = true;',
        instead: '',
      },
    ],
    attack() {
      const permit = granted('reveal-pin');
      clock.at += 3600;
      return reads(permit);
    },
  },
  {
    ids: ['KM-15'],
    guard: 'a capability that was seen expired stays so when the clock is turned back',
    cuts: [
      {
        file: 'keys/capability.ts',
        passage: 'now >= own.expires) own.#revoked = true;',
        instead: 'now >= own.expires) return false;',
      },
    ],
    attack() {
      const permit = granted('reveal-pin');
      clock.at += 3600;
      try {
        reads(permit);
      } catch {
        clock.at -= 3600;
      }
      return reads(permit);
    },
  },
  {
    ids: ['KM-15'],
    guard: 'what was revoked stays revoked',
    cuts: [{ file: 'keys/capability.ts', passage: '!own.#revoked && ', instead: '' }],
    attack() {
      const permit = granted('reveal-pin');
      permit.revoke();
      return reads(permit);
    },
  },
  {
    ids: ['KM-15'],
    guard: 'the scope of a capability',
    cuts: [{ file: 'keys/capability.ts', passage: 'own.scope === scope && ', instead: '' }],
    attack: () => reads(granted('submit-to-chip')),
  },
  {
    ids: ['KM-15'],
    guard: 'a capability is what an authority made, not what looks like it',
    cuts: [
      {
        file: 'keys/capability.ts',
        passage:
          "if (typeof capability !== 'object' || capability === null || !(#clock in capability)) return false;",
        instead: `if (typeof capability !== 'object' || capability === null) return false;
      if (!(#clock in capability)) return (capability as Capability).scope === scope;`,
      },
    ],
    attack() {
      const logged = JSON.stringify(granted('reveal-pin'));
      return reads(JSON.parse(logged));
    },
  },
  {
    ids: ['KM-15'],
    guard: 'the class of a capability, which anybody who holds one can reach, makes none',
    cuts: [{ file: 'keys/capability.ts', passage: 'if (grant !== GRANT)', instead: 'if (false)' }],
    attack() {
      const Reached = Object.getPrototypeOf(granted('submit-to-chip')).constructor;
      const wanted = { scope: 'reveal-pin', at: 0, seconds: 1e9, holder: undefined, clock, authority };
      return reads(new Reached(Symbol('grant'), wanted));
    },
  },
];
