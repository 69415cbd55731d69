/**
 * Permissions for what is sensitive: unforgeable, scoped, expiring.
 *
 * A capability is an object whose contents are private fields; it cannot be made from JSON, by a
 * clone or by a look-alike, and it is checked against the clock of the authority that granted it.
 */
import type { UnixSeconds } from '../brand.ts';
import { fail, kindOf } from '../error.ts';
import {
  frozen,
  readOptions,
  requireIdentifier,
  requireObject,
  requireOneOf,
  requireWhole,
} from '../input.ts';
import type { Clock } from '../port.ts';

/**
 * What a capability can permit: another PAN in a translated PIN block · a format 2 block for the chip ·
 * clear digits of a PIN, or the PIN in a code block · clear bytes or components of a key · a key of
 * exportability N in a key block for a store · making, importing, exporting, retiring and destroying keys ·
 * one component of a key · a clear PAN · the token of a PAN in clear · a clear CVV2 · a PIN set without the old
 * one · a PIN unblocked · a PIN kept for another PAN of the same account · what is embossed on a card, its PIN in a
 * block with it · the contents of an envelope · the digits of a PIN for its mailer.
 */
export type CapabilityScope =
  | 'change-pan'
  | 'submit-to-chip'
  | 'reveal-pin'
  | 'export-clear-key'
  | 'store-key'
  | 'manage-keys'
  | 'load-component'
  | 'reveal-pan'
  | 'reveal-cvv2'
  | 'set-pin'
  | 'unblock-pin'
  | 'issuance'
  | 'find-token'
  | 'emboss'
  | 'open-envelope'
  | 'print-pin';

/** The scopes. */
export const CAPABILITY_SCOPES: readonly CapabilityScope[] = /* @__PURE__ */ frozen([
  'change-pan',
  'submit-to-chip',
  'reveal-pin',
  'export-clear-key',
  'store-key',
  'manage-keys',
  'load-component',
  'reveal-pan',
  'reveal-cvv2',
  'set-pin',
  'unblock-pin',
  'issuance',
  'find-token',
  'emboss',
  'open-envelope',
  'print-pin',
]);

/** Longest life of a capability: 15 minutes. */
export const CAPABILITY_MAX_SECONDS = 900;

const GRANT = Symbol('grant');
let check: (capability: unknown, scope: CapabilityScope) => boolean;
let authorityOf: (capability: Capability) => CapabilityAuthority;
let holder: (capability: unknown) => string | undefined;

/** What the clock says; NaN where it fails, which permits nothing. */
function timeOf(clock: Clock): number {
  try {
    return clock.now();
  } catch {
    return Number.NaN;
  }
}

/** What a capability is made of. */
interface Grant {
  readonly scope: CapabilityScope;
  readonly at: number;
  readonly seconds: number;
  readonly holder: string | undefined;
  readonly clock: Clock;
  readonly authority: CapabilityAuthority;
}

/** A permission for one scope until it expires or is revoked. */
export class Capability {
  /** What it permits. */
  readonly scope: CapabilityScope;
  /** When it stops to permit. */
  readonly expires: UnixSeconds;
  /** Whose it is, in the authority's words; `undefined` where it was not said. */
  readonly holder: string | undefined;
  readonly #authority: CapabilityAuthority;
  readonly #clock: Clock;
  readonly #granted: number;
  #revoked = false;

  constructor(grant: symbol, given: Grant) {
    if (grant !== GRANT) fail('ERR_POLICY', 'capability', 'to be granted by an authority');
    this.scope = given.scope;
    this.expires = (given.at + given.seconds) as UnixSeconds;
    this.holder = given.holder;
    this.#authority = given.authority;
    this.#granted = given.at;
    this.#clock = given.clock;
    Object.freeze(this);
  }

  static {
    authorityOf = (capability) => capability.#authority;
    holder = (capability) =>
      typeof capability === 'object' && capability !== null && #clock in capability
        ? (capability as Capability).holder
        : undefined;
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
  /**
   * A capability for `scope` that lives `seconds` (1 to 900).
   *
   * @param options  holder: who may use it, 1 to 128 printable ASCII characters; dual control asks for two
   */
  grant(scope: CapabilityScope, seconds: number, options?: { readonly holder?: string }): Capability;
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
  const authority: CapabilityAuthority = Object.freeze({
    grant(scope: CapabilityScope, seconds: number, options?: { readonly holder?: string }): Capability {
      const { holder } = readOptions(options, 'options', ['holder']);
      if (holder !== undefined) requireIdentifier(holder, 'holder');
      requireOneOf(scope, 'scope', CAPABILITY_SCOPES);
      requireWhole(seconds, 'seconds', 1, CAPABILITY_MAX_SECONDS);
      const now = requireWhole(
        timeOf(clock),
        'clock',
        0,
        Number.MAX_SAFE_INTEGER - CAPABILITY_MAX_SECONDS,
        'ERR_CLOCK',
      );
      return new Capability(GRANT, { scope, at: now, seconds, holder, clock, authority });
    },
  });
  return authority;
}

/** Whose a capability is, live or not; `undefined` for a look-alike. */
export function holderOf(permit: unknown): string | undefined {
  return holder(permit);
}

/** Refuses unless `permit` is a live capability of the scope; of that authority, where one is named. */
export function requireCapability(
  permit: unknown,
  scope: CapabilityScope,
  authority?: CapabilityAuthority,
): asserts permit is Capability {
  if (!check(permit, scope)) fail('ERR_POLICY', 'permit', `a live capability for ${scope}`, kindOf(permit));
  if (authority !== undefined && authorityOf(permit as Capability) !== authority)
    fail('ERR_POLICY', 'permit', 'a capability of the authority that is asked', 'one of another');
}
