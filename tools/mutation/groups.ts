/** What is mutated together, and by which tests: those of its own matter, and three that are about all of it. */

/** One run. */
export interface Group {
  /** Below src. */
  readonly mutate: readonly string[];
  /** Below test, without `.test.ts`. */
  readonly tests: readonly string[];
}

/** Published values, what refusals and tables say, and edges. */
const EVERYWHERE = ['vectors/published', 'behaviour/refusals', 'behaviour/tables', 'behaviour/edges'];

const COLUMNS = ['differential/columns-*', 'differential/many-equals-loop'];

const group = (mutate: readonly string[], ...tests: readonly string[]): Group => ({
  mutate,
  tests: [...tests, ...EVERYWHERE],
});

/** Layers 1 to 4, and the checks of input below them. What is generated, and tables of types, is left out. */
export const GROUPS: { readonly [name: string]: Group } = {
  input: group(['input.ts', 'error.ts'], 'property/bytes', 'attack/prototype-pollution', 'attack/capability'),
  bytes: group(
    ['bytes/**'],
    'property/bytes',
    'property/pan',
    'hsm/base64',
    'attack/prototype-pollution',
    ...COLUMNS,
  ),
  des: group(
    ['des/**', '!des/bitslice-rounds.ts'],
    'property/circuits',
    'differential/tdes',
    'differential/engines',
    'differential/columns-equal-loop',
    'attack/key-material',
  ),
  aes: group(['aes/**'], 'differential/aes', 'differential/engines', 'property/mode', 'property/ff1'),
  mode: group(
    ['mode/**'],
    'property/mode',
    'property/ff1',
    'differential/modes',
    'differential/ff1',
    'differential/engines',
    'differential/columns-*',
    'attack/small-domain',
  ),
  keys: group(
    ['keys/**'],
    'property/keys',
    'property/key-block',
    'behaviour/keys',
    'behaviour/permits',
    'attack/key-*',
    'attack/capability',
    'differential/keys',
  ),
  tries: group(['tries/**'], 'behaviour/attempt', 'property/tries', 'attack/hostile-store'),
  pan: group(['pan/**'], 'property/pan', 'property/luhn', ...COLUMNS),
  ff1: group(['ff1/**'], 'property/ff1', 'differential/ff1', 'differential/columns-*', 'attack/small-domain'),
  token: group(
    ['token/**'],
    'property/token',
    'attack/small-domain',
    'attack/token-secrets',
    'differential/columns-*',
  ),
  envelope: group(['envelope/**'], 'property/envelope', 'attack/envelope', 'differential/envelope'),
  pin: group(
    ['pin/**'],
    'property/pin',
    'attack/pin-*',
    'attack/decimalisation-table',
    'differential/card-values',
    ...COLUMNS,
  ),
  pinblock: group(
    ['pinblock/**'],
    'property/pinblock',
    'attack/pin-block-*',
    'attack/pin-keys',
    'differential/columns-*',
  ),
  cvv: group(['cvv/**'], 'property/cvv', 'attack/card-values', 'differential/card-values', ...COLUMNS),
  dcvv2: group(['dcvv2/**'], 'property/dcvv2', 'attack/dynamic-code', 'differential/card-values'),
};

/** Files that refuse: tables of policy, checks of input and of keys, permissions, budgets of tries. */
export const GUARDS: readonly string[] = [
  'input.ts',
  'des/weak.ts',
  'keys/capability.ts',
  'keys/component.ts',
  'keys/parity.ts',
  'keys/policy.ts',
  'mode/ff1-shape.ts',
  'pin/attempt.ts',
  'pin/ibm3624-method.ts',
  'pin/weak-pin.ts',
  'pinblock/translate.ts',
  'token/profile.ts',
  'tries/attempt.ts',
  'tries/tries.ts',
];
