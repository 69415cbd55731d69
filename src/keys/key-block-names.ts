/**
 * What the codes of a key block header mean, for people to read; usages are in `KEY_USAGES`. Data only:
 * a code may have a name here and no use in this library.
 */
import { frozen } from '../input.ts';

/** A field of the header: code → name in the standard; `undefined` for a code that has none. */
export type CodeNames = { readonly [code: string]: string };

/**
 * Names by field: `version` · `algorithm` (X9.143:2021, 6.3.2) · `mode` (6.3.3) · `exportability`
 * (6.3.5) · `optionalBlocks`, by id (6.3.6).
 */
export const KEY_BLOCK_NAMES: {
  readonly version: CodeNames;
  readonly algorithm: CodeNames;
  readonly mode: CodeNames;
  readonly exportability: CodeNames;
  readonly optionalBlocks: CodeNames;
} = /* @__PURE__ */ frozen({
  version: {
    A: 'TDES key variant binding, 2005 (deprecated)',
    B: 'TDES key derivation binding',
    C: 'TDES key variant binding (deprecated)',
    D: 'AES key derivation binding',
    E: 'AES key derivation binding, counter mode (ISO 20038)',
  },
  algorithm: {
    A: 'AES',
    D: 'DEA',
    E: 'Elliptic curve',
    H: 'HMAC',
    R: 'RSA',
    S: 'DSA',
    T: 'Triple DEA',
  },
  mode: {
    B: 'Encrypt and decrypt, or wrap and unwrap',
    C: 'Generate and verify',
    D: 'Decrypt or unwrap only',
    E: 'Encrypt or wrap only',
    G: 'Generate only',
    N: 'No special restrictions',
    S: 'Signature only',
    T: 'Sign and decrypt',
    V: 'Verify only',
    X: 'Derive other keys',
    Y: 'Create key variants',
  },
  exportability: {
    E: 'Exportable under a key in a form that meets X9.24',
    N: 'Not exportable',
    S: 'Sensitive: exportable also in forms that do not meet X9.24',
  },
  optionalBlocks: {
    AL: 'Asymmetric key life',
    BI: 'Base derivation key identifier',
    CT: 'Public key certificate',
    DA: 'Derivations allowed',
    FL: 'Flags',
    HM: 'Hash algorithm of an HMAC key',
    IK: 'Initial key identifier, AES DUKPT',
    KC: 'Key check value of the wrapped key',
    KP: 'Key check value of the KBPK',
    KS: 'Initial key serial number, TDEA DUKPT',
    KV: 'Key block values (deprecated)',
    LB: 'Label',
    PB: 'Padding',
    PK: 'Key check value of the KBPK of the export',
    TC: 'Time of creation',
    TS: 'Time stamp',
    WP: 'Wrapping pedigree',
  },
});
