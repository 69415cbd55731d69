/**
 * Permissions for what is sensitive: unforgeable, scoped, expiring.
 *
 * A capability is an object whose contents are private fields; it cannot be made from JSON, by a
 * clone or by a look-alike, and it is checked against the clock of the authority that granted it.
 */
import type { UnixSeconds } from '../brand.ts';
import { fail, kindOf } from '../error.ts';
import { frozen, requireObject, requireOneOf, requireWhole } from '../input.ts';
import type { Clock } from '../port.ts';

/**
 * What a capability can permit: another PAN in a translated PIN block (issuance) · a format 2 block
 * for the chip · clear digits of a PIN · clear bytes or components of a key · a key of exportability
 * N in a key block for a store.
 */
export type CapabilityScope =
  | 'change-pan'
  | 'submit-to-chip'
  | 'reveal-pin'
  | 'export-clear-key'
  | 'store-key';

/** The scopes. */
export const CAPABILITY_SCOPES: readonly CapabilityScope[] = /* @__PURE__ */ frozen([
  'change-pan',
  'submit-to-chip',
  'reveal-pin',
  'export-clear-key',
  'store-key',
]);

/** Longest life of a capability: 15 minutes. */
export const CAPABILITY_MAX_SECONDS = 900;

const GRANT = Symbol('grant');
let check: (capability: unknown, scope: CapabilityScope) => boolean;

/** What the clock says; NaN where it fails, which permits nothing. */
function timeOf(clock: Clock): number {
  try {
    return clock.now();
  } catch {
    return Number.NaN;
  }
}

/** A permission for one scope until it expires or is revoked. */
export class Capability {
  /** What it permits. */
  readonly scope: CapabilityScope;
  /** When it stops to permit. */
  readonly expires: UnixSeconds;
  readonly #clock: Clock;
  readonly #granted: number;
  #revoked = false;

  constructor(grant: symbol, scope: CapabilityScope, granted: number, seconds: number, clock: Clock) {
    if (grant !== GRANT) fail('ERR_POLICY', 'capability', 'to be granted by an authority');
    this.scope = scope;
    this.expires = (granted + seconds) as UnixSeconds;
    this.#granted = granted;
    this.#clock = clock;
    Object.freeze(this);
  }

  static {
    check = (capability, scope) => {
      if (typeof capability !== 'object' || capability === null || !(#clock in capability)) return false;
      const own = capability as Capability;
      // A clock that answers nonsense permits nothing.
      const now = timeOf(own.#clock);
      // Once it was seen expired, a clock that is turned back does not bring it to life again.
      if (Number.isSafeInteger(now) && now >= own.expires) own.#revoked = true;
      return own.scope === scope && !own.#revoked && Number.isSafeInteger(now) && now >= own.#granted;
    };
  }

  /** Ends it now. */
  revoke(): void {
    this.#revoked = true;
  }
}

/** Grants capabilities against one clock. Whoever holds it decides; hand out its grants, not it. */
export interface CapabilityAuthority {
  /** A capability for `scope` that lives `seconds` (1 to 900). */
  grant(scope: CapabilityScope, seconds: number): Capability;
}

/**
 * An authority over a clock.
 *
 * @throws ERR_INPUT  the clock has no method `now`, an unknown scope, a life outside 1 to 900 seconds
 * @throws ERR_CLOCK  the clock does not tell whole seconds
 * @source own construction; the rule that sensitive functions need an authorised state: PCI PIN 3.1, 3-3
 */
export function createCapabilityAuthority(clock: Clock): CapabilityAuthority {
  requireObject(clock, 'clock');
  if (typeof clock.now !== 'function')
    fail('ERR_INPUT', 'clock', 'an object with a method now', kindOf(clock));
  return Object.freeze({
    grant(scope: CapabilityScope, seconds: number): Capability {
      requireOneOf(scope, 'scope', CAPABILITY_SCOPES);
      requireWhole(seconds, 'seconds', 1, CAPABILITY_MAX_SECONDS);
      const now = requireWhole(
        timeOf(clock),
        'clock',
        0,
        Number.MAX_SAFE_INTEGER - CAPABILITY_MAX_SECONDS,
        'ERR_CLOCK',
      );
      return new Capability(GRANT, scope, now, seconds, clock);
    },
  });
}

/** Refuses unless `permit` is a live capability of the scope. */
export function requireCapability(permit: unknown, scope: CapabilityScope): void {
  if (!check(permit, scope)) fail('ERR_POLICY', 'permit', `a live capability for ${scope}`, kindOf(permit));
}
