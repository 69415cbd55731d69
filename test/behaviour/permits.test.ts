/** Capabilities in detail: every scope, every word of a refusal, what a look-alike is told. */
import { describe, expect, it } from 'vitest';
import {
  CAPABILITY_SCOPES,
  type CapabilityScope,
  createCapabilityAuthority,
  type UnixSeconds,
} from '../../src/index.ts';
import { holderOf, requireCapability } from '../../src/keys/capability.ts';
import { refusalText } from '../support/refusal.ts';

const clock = { now: () => 1_800_000_000 as UnixSeconds };
const authority = createCapabilityAuthority(clock);

const SCOPES: readonly CapabilityScope[] = [
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
];

describe('a scope', () => {
  it('is one of sixteen', () => {
    expect(CAPABILITY_SCOPES).toEqual(SCOPES);
    expect(Object.isFrozen(CAPABILITY_SCOPES)).toBe(true);
  });

  it.each(SCOPES)('%s opens what asks for it, and nothing else', (scope) => {
    const permit = authority.grant(scope, 60);
    for (const asked of SCOPES)
      expect(refusalText(() => requireCapability(permit, asked))).toBe(
        asked === scope
          ? 'taken'
          : `ERR_POLICY permit: "permit" expected a live capability for ${asked}, got object`,
      );
  });
});

describe('what is no capability', () => {
  it('is told by its kind, and has no holder', () => {
    const real = authority.grant('reveal-pin', 60, { holder: 'officer' });
    expect(holderOf(real)).toBe('officer');
    expect(holderOf(authority.grant('reveal-pin', 60))).toBeUndefined();
    for (const [value, kind] of [
      [undefined, 'undefined'],
      [null, 'null'],
      ['reveal-pin', 'length=10'],
      [true, 'boolean'],
      [{ ...real }, 'object'],
      [structuredClone({ ...real }), 'object'],
      [() => real, 'function'],
    ] as const) {
      expect(refusalText(() => requireCapability(value, 'reveal-pin'))).toBe(
        `ERR_POLICY permit: "permit" expected a live capability for reveal-pin, got ${kind}`,
      );
      expect(holderOf(value)).toBeUndefined();
    }
  });

  it('is not made by the class of one that is', () => {
    const { constructor: capability } = authority.grant('reveal-pin', 60);
    const given = { scope: 'reveal-pin', at: 0, seconds: 900, clock, authority };
    for (const grant of [undefined, Symbol('grant'), 'grant'])
      expect(refusalText(() => Reflect.construct(capability, [grant, given]))).toBe(
        'ERR_POLICY capability: "capability" expected to be granted by an authority',
      );
  });

  it('is one of another authority, where one is named', () => {
    const permit = createCapabilityAuthority(clock).grant('reveal-pin', 60);
    expect(refusalText(() => requireCapability(permit, 'reveal-pin', authority))).toBe(
      'ERR_POLICY permit: "permit" expected a capability of the authority that is asked, got one of another',
    );
  });
});

describe('a grant that is refused', () => {
  it('names the argument', () => {
    const grant = authority.grant as (...args: readonly unknown[]) => unknown;
    expect(refusalText(() => grant('reveal', 60))).toMatch(
      /^ERR_INPUT scope: "scope" expected one of change-pan/,
    );
    expect(refusalText(() => grant('reveal-pin', 901))).toMatch(
      /^ERR_INPUT seconds: "seconds" expected a whole number from 1 to 900/,
    );
    expect(refusalText(() => grant('reveal-pin', 60, { holder: '' }))).toMatch(
      /^ERR_INPUT holder: "holder" expected/,
    );
    expect(refusalText(() => grant('reveal-pin', 60, { owner: 'x' }))).toMatch(
      /^ERR_INPUT options: "options" expected only the options holder/,
    );
  });

  it('tells of a clock that fails or lies', () => {
    const failing = (now: () => unknown) => createCapabilityAuthority({ now: now as () => UnixSeconds });
    for (const now of [
      () => {
        throw new Error('no time');
      },
      () => -1,
      () => 0.5,
      () => Number.MAX_SAFE_INTEGER - 899,
    ])
      expect(refusalText(() => failing(now).grant('reveal-pin', 1))).toMatch(
        /^ERR_CLOCK clock: "clock" expected a whole/,
      );
    expect(refusalText(() => failing(() => Number.MAX_SAFE_INTEGER - 900).grant('reveal-pin', 1))).toBe(
      'taken',
    );
    expect(refusalText(() => createCapabilityAuthority({} as never))).toBe(
      'ERR_INPUT clock: "clock" expected an object with a method now, got object',
    );
    expect(refusalText(() => createCapabilityAuthority(7 as never))).toMatch(
      /^ERR_INPUT clock: "clock" expected an object/,
    );
  });
});
