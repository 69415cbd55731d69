/**
 * Sensitive functions left open: capabilities that are expired, of another scope, revoked, forged,
 * cloned, revived from JSON, or granted against a clock that lies.
 *
 * PCI PIN Security 3.1, requirements 3-3 and 5; the "authorised state" of hardware security modules;
 * ISO 9564-1:2017, 4 (clear PINs in secure environments only).
 */
import { describe, expect, it } from 'vitest';
import {
  CAPABILITY_MAX_SECONDS,
  CAPABILITY_SCOPES,
  type Capability,
  type CapabilityScope,
  createCapabilityAuthority,
  parsePin,
  parseUnixSeconds,
  randomKey,
  revealPin,
} from '../../src/index.ts';
import { requireCapability } from '../../src/keys/capability.ts';
import { exportClearKey, splitKey } from '../../src/keys/clear-face.ts';
import { codeOf } from '../support/arbitraries.ts';

const START = 1_800_000_000;
const pin = parsePin('947316');
const key = randomKey({ usage: 'D0', algorithm: 'A', mode: 'B', exportability: 'E' }, 16);
/** Doors that open with a capability of each scope. */
const DOORS: readonly (readonly [CapabilityScope, string, (permit: Capability) => unknown])[] = [
  ['reveal-pin', 'revealPin', (permit) => revealPin(pin, permit)],
  ['export-clear-key', 'exportClearKey', (permit) => exportClearKey(key, permit)],
  ['export-clear-key', 'splitKey', (permit) => splitKey(key, 2, permit)],
  ...CAPABILITY_SCOPES.map(
    (scope) =>
      [
        scope,
        `the check itself: ${scope}`,
        (permit: Capability) => requireCapability(permit, scope),
      ] as const,
  ),
];

function world() {
  let now: unknown = START;
  const clock = { now: () => now as ReturnType<typeof parseUnixSeconds> };
  return {
    authority: createCapabilityAuthority(clock),
    clock,
    set: (value: unknown) => {
      now = value;
    },
  };
}

describe.each(DOORS)('%s opens %s', (scope, _, open) => {
  it('while it lives, and not from its last second on', () => {
    const { authority, set } = world();
    const permit = authority.grant(scope, 10);
    for (const [second, expected] of [
      [0, 'none'],
      [9, 'none'],
      [10, 'ERR_POLICY'],
      [11, 'ERR_POLICY'],
      [10_000_000, 'ERR_POLICY'],
    ] as const) {
      set(START + second);
      expect(codeOf(() => open(permit))).toBe(expected);
    }
  });

  it('of its own scope only', () => {
    const { authority } = world();
    for (const other of CAPABILITY_SCOPES)
      expect(codeOf(() => open(authority.grant(other, 60)))).toBe(other === scope ? 'none' : 'ERR_POLICY');
  });

  it('until it is revoked', () => {
    const permit = world().authority.grant(scope, 60);
    expect(codeOf(() => open(permit))).toBe('none');
    permit.revoke();
    expect(codeOf(() => open(permit))).toBe('ERR_POLICY');
    permit.revoke();
    expect(codeOf(() => open(permit))).toBe('ERR_POLICY');
  });

  it('and no forgery of it does', () => {
    const permit = world().authority.grant(scope, 60);
    const Forged = class {
      scope = scope;
      expires = START + 60;
      revoke(): void {}
    };
    const forgeries: Record<string, unknown> = {
      nothing: undefined,
      null: null,
      true: true,
      scope,
      empty: {},
      'look-alike': { scope, expires: START + 60, revoke: () => undefined },
      class: new Forged(),
      spread: { ...permit },
      cloned: structuredClone(permit),
      'JSON-revived': JSON.parse(JSON.stringify(permit)),
      inherited: Object.create(permit),
      proxy: new Proxy(permit, {}),
      'swapped prototype': Object.setPrototypeOf(
        { scope, expires: START + 60 },
        Object.getPrototypeOf(permit),
      ),
      'constructed over': Reflect.construct(Object, [permit]) === permit ? Object.create(permit) : {},
      array: [permit],
      function: () => permit,
    };
    for (const [name, forged] of Object.entries(forgeries))
      expect([name, codeOf(() => open(forged as Capability))]).toEqual([name, 'ERR_POLICY']);
  });

  it('whatever its prototype was swapped to, since the prototype decides nothing', () => {
    const permit = world().authority.grant(scope, 60);
    expect(Object.isFrozen(permit)).toBe(true);
    expect(() => Object.setPrototypeOf(permit, null)).toThrow(TypeError);
    expect(() => Object.assign(permit, { expires: START + 1e9 })).toThrow(TypeError);
    expect(() => Object.defineProperty(permit, 'scope', { value: 'everything' })).toThrow(TypeError);
    expect(codeOf(() => open(permit))).toBe('none');
  });

  it('its constructor, reached through an instance, grants nothing', () => {
    const permit = world().authority.grant(scope, 60);
    const Reached = permit.constructor as new (...args: unknown[]) => Capability;
    for (const grant of [undefined, null, Symbol('grant'), Symbol.for('grant'), 'grant', {}])
      expect(codeOf(() => open(new Reached(grant, scope, START + 60, { now: () => START })))).toBe(
        'ERR_POLICY',
      );
  });

  it('against a clock that answers nonsense it opens nothing', () => {
    const { authority, set } = world();
    const permit = authority.grant(scope, 60);
    const answers: readonly unknown[] = [
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      1.5,
      2 ** 53,
      '0',
      null,
      undefined,
      {},
      [START],
      { valueOf: () => START },
      true,
      BigInt(START),
      new Date(0),
    ];
    for (const answer of answers) {
      set(answer);
      expect(codeOf(() => open(permit))).toBe('ERR_POLICY');
    }
    set(START);
    expect(codeOf(() => open(permit))).toBe('none');
  });

  it('is not revived by a clock set back, nor good before it was granted', () => {
    const { authority, set } = world();
    const seen = authority.grant(scope, 10);
    set(START + 10);
    expect(codeOf(() => open(seen))).toBe('ERR_POLICY');
    set(START + 5);
    expect(codeOf(() => open(seen))).toBe('ERR_POLICY');
    const early = authority.grant(scope, 10);
    set(START - 1);
    expect(codeOf(() => open(early))).toBe('ERR_POLICY');
    set(0);
    expect(codeOf(() => open(early))).toBe('ERR_POLICY');
  });

  it('against a clock that throws it opens nothing', () => {
    let broken = false;
    const authority = createCapabilityAuthority({
      now: () => {
        if (broken) throw new Error('no time');
        return parseUnixSeconds(START);
      },
    });
    const permit = authority.grant(scope, 60);
    broken = true;
    expect(codeOf(() => open(permit))).toBe('ERR_POLICY');
  });
});

describe('the authority', () => {
  it('grants no longer than 15 minutes', () => {
    const { authority } = world();
    expect(CAPABILITY_MAX_SECONDS).toBe(900);
    expect(authority.grant('reveal-pin', 900).expires).toBe(START + 900);
    for (const seconds of [
      0,
      -1,
      901,
      1e9,
      1.5,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      2 ** 53,
      '60',
      null,
      undefined,
    ])
      expect(codeOf(() => authority.grant('reveal-pin', seconds as number))).toBe('ERR_INPUT');
  });

  it('grants nothing when its clock tells no whole second', () => {
    const { authority, set } = world();
    for (const answer of [
      Number.NaN,
      Number.POSITIVE_INFINITY,
      -1,
      1.5,
      2 ** 53,
      Number.MAX_SAFE_INTEGER,
      '5',
      null,
      undefined,
    ]) {
      set(answer);
      expect(codeOf(() => authority.grant('reveal-pin', 60))).toBe('ERR_CLOCK');
    }
  });

  it('does not let its grants be told from outside: they carry scope, expiry and holder, and no way in', () => {
    const permit = world().authority.grant('reveal-pin', 60);
    expect(Object.keys(permit).sort()).toEqual(['expires', 'holder', 'scope']);
    expect(Object.getOwnPropertySymbols(permit)).toEqual([]);
    expect(JSON.parse(JSON.stringify(permit))).toEqual({ scope: 'reveal-pin', expires: START + 60 });
    const held = world().authority.grant('reveal-pin', 60, { holder: 'officer' });
    expect(held.holder).toBe('officer');
    expect(() => Object.assign(held, { holder: 'another' })).toThrow(TypeError);
  });

  it('takes a holder of 1 to 128 printable characters, and no other option', () => {
    const { authority } = world();
    for (const holder of ['', 'a b', 'x'.repeat(129), 'caf\u00e9', 5, {}, null])
      expect(codeOf(() => authority.grant('reveal-pin', 60, { holder: holder as never }))).toBe('ERR_INPUT');
    for (const options of [{ Holder: 'officer' }, 'officer', [], null])
      expect(codeOf(() => authority.grant('reveal-pin', 60, options as never))).toBe('ERR_INPUT');
    expect(authority.grant('reveal-pin', 60, { holder: 'x'.repeat(128) }).holder).toHaveLength(128);
    expect(authority.grant('reveal-pin', 60, {}).holder).toBeUndefined();
  });

  it('knows its own grants from those of another, where it is asked by name', () => {
    const [own, other] = [world().authority, world().authority];
    const permit = other.grant('manage-keys', 60);
    expect(codeOf(() => requireCapability(permit, 'manage-keys', other))).toBe('none');
    expect(codeOf(() => requireCapability(permit, 'manage-keys', own))).toBe('ERR_POLICY');
    expect(codeOf(() => requireCapability(permit, 'manage-keys', {} as never))).toBe('ERR_POLICY');
  });

  it('is frozen', () => {
    const { authority } = world();
    expect(Object.isFrozen(authority)).toBe(true);
  });

  it('a capability of one authority obeys that one clock, whatever another says', () => {
    const [a, b] = [world(), world()];
    const permit = a.authority.grant('reveal-pin', 60);
    b.set(START + 1000);
    expect(codeOf(() => revealPin(pin, permit))).toBe('none');
    a.set(START + 60);
    b.set(START);
    expect(codeOf(() => revealPin(pin, permit))).toBe('ERR_POLICY');
  });
});
