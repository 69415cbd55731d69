/**
 * The attribute codes of a key, as ANSI X9.143 (TR-31) prints them in a key block header.
 */

import { fail, kindOf } from '../error.ts';
import { frozen, readOptions, requireObject, requireOneOf, requirePattern } from '../input.ts';

/** Key usage codes with their names in the standard (X9.143:2021, 6.3.1). */
export const KEY_USAGES: {
  readonly B0: 'BDK, base derivation key';
  readonly B1: 'Initial DUKPT key';
  readonly B2: 'Base key variant key';
  readonly B3: 'Key derivation key (not X9.24)';
  readonly C0: 'CVK, card verification key';
  readonly D0: 'Symmetric key for data encryption';
  readonly D2: 'Data encryption key for decimalization table';
  readonly D3: 'Data encryption key for sensitive data';
  readonly E0: 'EMV/chip issuer master key: application cryptograms';
  readonly E1: 'EMV/chip issuer master key: secure messaging for confidentiality';
  readonly E2: 'EMV/chip issuer master key: secure messaging for integrity';
  readonly E3: 'EMV/chip issuer master key: data authentication code';
  readonly E4: 'EMV/chip issuer master key: dynamic numbers';
  readonly E5: 'EMV/chip issuer master key: card personalization';
  readonly E6: 'EMV/chip issuer master key: other';
  readonly E7: 'EMV/chip asymmetric key pair for EMV/smart card based PIN/PIN block encryption';
  readonly I0: 'Initialization vector';
  readonly K0: 'Key encryption or wrapping';
  readonly K1: 'Key block protection key';
  readonly K2: 'TR-34 asymmetric key';
  readonly K3: 'Asymmetric key for key agreement or key wrapping';
  readonly K4: 'Key block protection key, ISO 20038';
  readonly M0: 'ISO 16609 MAC algorithm 1 (using TDEA)';
  readonly M1: 'ISO 9797-1 MAC algorithm 1';
  readonly M2: 'ISO 9797-1 MAC algorithm 2';
  readonly M3: 'ISO 9797-1 MAC algorithm 3';
  readonly M4: 'ISO 9797-1 MAC algorithm 4';
  readonly M5: 'ISO 9797-1:2011 MAC algorithm 5';
  readonly M6: 'ISO 9797-1:2011 MAC algorithm 5, CMAC';
  readonly M7: 'HMAC';
  readonly M8: 'ISO 9797-1:2011 MAC algorithm 6';
  readonly P0: 'PIN encryption';
  readonly P1: 'PIN generation key (reserved for ANSI X9.132)';
  readonly V0: 'PIN verification, KPV, other algorithm';
  readonly V1: 'PIN verification, IBM 3624';
  readonly V2: 'PIN verification, VISA PVV';
  readonly V3: 'PIN verification, X9.132 algorithm 1';
  readonly V4: 'PIN verification, X9.132 algorithm 2';
  readonly V5: 'PIN verification, X9.132 algorithm 3';
} = /* @__PURE__ */ frozen({
  B0: 'BDK, base derivation key',
  B1: 'Initial DUKPT key',
  B2: 'Base key variant key',
  B3: 'Key derivation key (not X9.24)',
  C0: 'CVK, card verification key',
  D0: 'Symmetric key for data encryption',
  D2: 'Data encryption key for decimalization table',
  D3: 'Data encryption key for sensitive data',
  E0: 'EMV/chip issuer master key: application cryptograms',
  E1: 'EMV/chip issuer master key: secure messaging for confidentiality',
  E2: 'EMV/chip issuer master key: secure messaging for integrity',
  E3: 'EMV/chip issuer master key: data authentication code',
  E4: 'EMV/chip issuer master key: dynamic numbers',
  E5: 'EMV/chip issuer master key: card personalization',
  E6: 'EMV/chip issuer master key: other',
  E7: 'EMV/chip asymmetric key pair for EMV/smart card based PIN/PIN block encryption',
  I0: 'Initialization vector',
  K0: 'Key encryption or wrapping',
  K1: 'Key block protection key',
  K2: 'TR-34 asymmetric key',
  K3: 'Asymmetric key for key agreement or key wrapping',
  K4: 'Key block protection key, ISO 20038',
  M0: 'ISO 16609 MAC algorithm 1 (using TDEA)',
  M1: 'ISO 9797-1 MAC algorithm 1',
  M2: 'ISO 9797-1 MAC algorithm 2',
  M3: 'ISO 9797-1 MAC algorithm 3',
  M4: 'ISO 9797-1 MAC algorithm 4',
  M5: 'ISO 9797-1:2011 MAC algorithm 5',
  M6: 'ISO 9797-1:2011 MAC algorithm 5, CMAC',
  M7: 'HMAC',
  M8: 'ISO 9797-1:2011 MAC algorithm 6',
  P0: 'PIN encryption',
  P1: 'PIN generation key (reserved for ANSI X9.132)',
  V0: 'PIN verification, KPV, other algorithm',
  V1: 'PIN verification, IBM 3624',
  V2: 'PIN verification, VISA PVV',
  V3: 'PIN verification, X9.132 algorithm 1',
  V4: 'PIN verification, X9.132 algorithm 2',
  V5: 'PIN verification, X9.132 algorithm 3',
});

/** What a key is for, as a two-character code. */
export type KeyUsage = keyof typeof KEY_USAGES;

/** Algorithm codes that a key object may have (6.3.2): AES, HMAC, triple DES. */
export type KeyAlgorithm = 'A' | 'H' | 'T';

/**
 * Mode of use (6.3.3): B encrypt and decrypt · C generate and verify · D decrypt only · E encrypt
 * only · G generate only · N no special restrictions · S signature · T sign and decrypt · V verify
 * only · X derive other keys · Y create key variants.
 */
export type ModeOfUse = 'B' | 'C' | 'D' | 'E' | 'G' | 'N' | 'S' | 'T' | 'V' | 'X' | 'Y';

/** Exportability (6.3.5): E under a trusted key · N not at all · S also under a key that is not. */
export type Exportability = 'E' | 'N' | 'S';

/** The codes of each kind, for checks and for tests that walk them all. */
export const KEY_ALGORITHMS: readonly KeyAlgorithm[] = /* @__PURE__ */ frozen(['A', 'H', 'T']);
export const MODES_OF_USE: readonly ModeOfUse[] = /* @__PURE__ */ frozen([
  'B',
  'C',
  'D',
  'E',
  'G',
  'N',
  'S',
  'T',
  'V',
  'X',
  'Y',
]);
export const EXPORTABILITIES: readonly Exportability[] = /* @__PURE__ */ frozen(['E', 'N', 'S']);

/** What is known of a key, and all that may be shown of it beside its KCV. */
export interface KeyAttributes<U extends KeyUsage = KeyUsage> {
  readonly usage: U;
  readonly algorithm: KeyAlgorithm;
  readonly mode: ModeOfUse;
  readonly exportability: Exportability;
  /** Two characters; `00` (no versions) unless said. X9.143:2021, 6.3.4. */
  readonly keyVersion?: string;
}

/** One of the usage codes, or a refusal. */
export function requireUsageCode(usage: unknown): KeyUsage {
  if (typeof usage !== 'string' || !Object.hasOwn(KEY_USAGES, usage))
    fail('ERR_KEY_USAGE', 'usage', 'a two-character key usage code', kindOf(usage));
  return usage as KeyUsage;
}

/** X9.143:2021, 6.3.4: a `c` in front marks a component, which is no key. */
const VERSION_SHAPE = 'two alphanumeric characters, the first not the c of a component';

/** Attributes copied, complete and checked; refuses unknown codes. */
export function checkAttributes<U extends KeyUsage>(
  attributes: KeyAttributes<U>,
): Required<KeyAttributes<U>> {
  requireObject(attributes, 'attributes');
  const read = readOptions<KeyAttributes<U>>(attributes, 'attributes', [
    'usage',
    'algorithm',
    'mode',
    'exportability',
    'keyVersion',
  ]);
  const usage = requireUsageCode(read.usage) as U;
  const algorithm = requireOneOf(read.algorithm, 'algorithm', KEY_ALGORITHMS, 'ERR_KEY_ALGORITHM');
  const mode = requireOneOf(read.mode, 'mode', MODES_OF_USE, 'ERR_KEY_MODE');
  const exportability = requireOneOf(read.exportability, 'exportability', EXPORTABILITIES);
  const keyVersion = read.keyVersion ?? '00';
  requirePattern(keyVersion, /^[0-9A-Zabd-z][0-9A-Za-z]$/, 2, 'keyVersion', VERSION_SHAPE);
  return Object.freeze({ usage, algorithm, mode, exportability, keyVersion });
}
