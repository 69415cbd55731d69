/**
 * What an emulated HSM allows, as one object that can be read from top to bottom. What is not said is the
 * safe default; each relaxation is one named option.
 */
import { fail } from '../error.ts';
import {
  Definitions,
  frozen,
  readOptions,
  requireArray,
  requireObject,
  requireOneOf,
  requirePattern,
  requireWhole,
} from '../input.ts';
import { KEY_BYTES } from '../keys/key.ts';
import type { WrapVersion } from '../keys/key-block.ts';
import { KEY_ALGORITHMS, type KeyAlgorithm } from '../keys/usage.ts';
import { type Ibm3624Method, requireMethod } from '../pin/ibm3624-method.ts';
import { definePinPolicy, type PinPolicy, pinPolicies } from '../pin/weak-pin.ts';
import { PIN_BLOCK_FORMATS, type PinBlockFormat } from '../pinblock/format.ts';
import { PIN_BLOCK_TRANSLATIONS } from '../pinblock/translate.ts';

/** The methods of IBM 3624 by name: a request names one and never brings a table. */
export type Ibm3624Methods = { readonly [name: string]: Ibm3624Method };

/** From format to the formats that a PIN block may go to. */
export type Translations = { readonly [From in PinBlockFormat]?: readonly PinBlockFormat[] };

/** A checked policy; made by `defineHsmPolicy` only. */
export interface HsmPolicy {
  /** Lengths of PINs, and which are too easy. */
  readonly pins: PinPolicy;
  /** Formats of the PIN blocks that PINs are verified and set from. */
  readonly pinBlockFormats: readonly ('ISO-0' | 'ISO-3' | 'ISO-4')[];
  /** Translations between keys and formats, within the table of PCI PIN 3-3. */
  readonly translations: Translations;
  /** Decimalisation tables and validation data, pinned. */
  readonly ibm3624Methods: Ibm3624Methods;
  /** Fewest bytes of a key that is made or imported, by algorithm. */
  readonly minimumKeyBytes: { readonly [A in KeyAlgorithm]: number };
  /** Versions of the key blocks that keys leave in. */
  readonly exportVersions: readonly WrapVersion[];
}

/** The policies that were defined. */
export const hsmPolicies: Definitions<HsmPolicy, true> = /* @__PURE__ */ new Definitions(
  'a policy made by defineHsmPolicy',
);

const BOUND_FORMATS = ['ISO-0', 'ISO-3', 'ISO-4'] as const;

/** Each format may stay what it is or become a stronger one. */
const STRENGTHENING: Translations = {
  'ISO-0': ['ISO-0', 'ISO-3', 'ISO-4'],
  'ISO-3': ['ISO-3', 'ISO-4'],
  'ISO-4': ['ISO-4'],
};

/**
 * Checks and freezes a policy.
 *
 * @param policy  pins: of `definePinPolicy`; 4 to 6 digits, no repeated digit, no sequence unless said ·
 *                pinBlockFormats: `ISO-0`, `ISO-3` and `ISO-4` unless said · translations: to the same or a
 *                stronger format unless said; a cell that is closed for everybody stays closed ·
 *                ibm3624Methods: by name, none unless said · minimumKeyBytes: TDES 16, AES 16, HMAC 32 unless
 *                said · exportVersions: `D` and `B` unless said; `A` and `C` have to be asked for
 * @throws ERR_INPUT   a name or value that is none of these
 * @throws ERR_POLICY  a translation that no capability opens
 * @source PCI PIN Security 3.1, requirements 3-3, 18-3 and 23; ISO 9564-1:2017, 8.1 · evidence: vectors/pinblock
 * @example
 * defineHsmPolicy().pins.maxLength; // 6
 */
export function defineHsmPolicy(policy?: {
  readonly pins?: PinPolicy;
  readonly pinBlockFormats?: HsmPolicy['pinBlockFormats'];
  readonly translations?: Translations;
  readonly ibm3624Methods?: Ibm3624Methods;
  readonly minimumKeyBytes?: Partial<HsmPolicy['minimumKeyBytes']>;
  readonly exportVersions?: readonly WrapVersion[];
}): HsmPolicy {
  const read = readOptions(policy, 'policy', [
    'pins',
    'pinBlockFormats',
    'translations',
    'ibm3624Methods',
    'minimumKeyBytes',
    'exportVersions',
  ]);
  const pins = read.pins ?? definePinPolicy();
  pinPolicies.require(pins, 'pins');
  const formats = requireArray(read.pinBlockFormats ?? BOUND_FORMATS, 'pinBlockFormats', 3);
  const versions = requireArray(read.exportVersions ?? (['D', 'B'] as const), 'exportVersions', 4);
  return hsmPolicies.add(
    frozenButDefinitions({
      pins,
      pinBlockFormats: formats.map((format) => requireOneOf(format, 'pinBlockFormats', BOUND_FORMATS)),
      translations: readTranslations(read.translations ?? STRENGTHENING),
      ibm3624Methods: readMethods(read.ibm3624Methods ?? {}),
      minimumKeyBytes: readMinimum(read.minimumKeyBytes),
      exportVersions: versions.map((v) => requireOneOf(v, 'exportVersions', ['A', 'B', 'C', 'D'] as const)),
    }),
    true,
  );
}

/** Definitions are frozen already, and are known by their identity. */
function frozenButDefinitions(policy: HsmPolicy): HsmPolicy {
  for (const part of Object.values(policy)) frozen(part as object);
  return policy;
}

function readTranslations(table: Translations): Translations {
  const read = readOptions(table, 'translations', PIN_BLOCK_FORMATS);
  const out: { -readonly [From in PinBlockFormat]?: readonly PinBlockFormat[] } = {};
  for (const from of PIN_BLOCK_FORMATS) {
    if (read[from] === undefined) continue;
    out[from] = requireArray(read[from], 'translations', PIN_BLOCK_FORMATS.length).map((to) => {
      requireOneOf(to, 'translations', PIN_BLOCK_FORMATS);
      if (PIN_BLOCK_TRANSLATIONS[from][to] === 'no')
        fail('ERR_POLICY', 'translations', 'translations that are ever permitted', `${from} to ${to}`);
      return to;
    });
  }
  return out;
}

function readMethods(methods: Ibm3624Methods): Ibm3624Methods {
  const out: { [name: string]: Ibm3624Method } = Object.create(null);
  for (const [name, method] of Object.entries(requireObject(methods, 'ibm3624Methods'))) {
    requirePattern(name, /^[A-Za-z0-9._-]{1,32}$/, 32, 'ibm3624Methods', 'names of 1 to 32 characters');
    requireMethod(method as Ibm3624Method);
    out[name] = method as Ibm3624Method;
  }
  return out;
}

function readMinimum(minimum: Partial<HsmPolicy['minimumKeyBytes']> | undefined): {
  readonly [A in KeyAlgorithm]: number;
} {
  const read = readOptions(minimum, 'minimumKeyBytes', KEY_ALGORITHMS);
  const of = (algorithm: KeyAlgorithm, safe: number): number => {
    const bytes = requireWhole(read[algorithm] ?? safe, 'minimumKeyBytes', 16, 64);
    return requireOneOf(bytes, 'minimumKeyBytes', KEY_BYTES[algorithm]);
  };
  return { T: of('T', 16), A: of('A', 16), H: of('H', 32) };
}
