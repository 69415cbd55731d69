/**
 * The attacks that are known against card issuers' cryptography, its stores and its runtime, by number. Tests carry
 * the number in their names, THREAT-MODEL.md points to it, and the evidence report has a row for each.
 */

/** What stands against an attack. */
export type Stand =
  /** A guard, which test/teeth cuts out to see the attack succeed. */
  | 'guard'
  /** What is so by mathematics or by how a thing is built; there is nothing to cut out. Says why. */
  | 'law'
  /** What the attack needs does not exist here. Says what. */
  | 'absent'
  /** The caller's duty: the limit is documented, and a test shows it. Says what he has to do. */
  | 'caller'
  /** What the attack is against is not built. Says what. */
  | 'not-built';

/** One attack. */
export interface Attack {
  readonly id: string;
  readonly attack: string;
  readonly stand: Stand;
  /** Why there is no guard to cut out, where there is none. */
  readonly why?: string;
}

/** The groups of numbers: PINs, keys, card values, tokens, envelopes, counters, stores, runtime. */
const GROUPS = 'PIN|KM|CV|TK|EN|CT|ST|JS';

/** Numbers in a text, such as the name of a test. */
export const ATTACK_NUMBER: RegExp = new RegExp(`\\b(?:${GROUPS})-\\d\\d\\b`, 'g');

const IN_FRONT = new RegExp(`^(?:(?:${GROUPS})-\\d\\d,? )+`);

/** The name of a test without the numbers in front of it. */
export function withoutNumbers(name: string): string {
  return name.replace(IN_FRONT, '');
}

const guard = (id: string, attack: string): Attack => ({ id, attack, stand: 'guard' });
const other = (stand: Stand, id: string, attack: string, why: string): Attack => ({ id, attack, stand, why });

export const ATTACKS: readonly Attack[] = [
  guard('PIN-01', 'A decimalisation table of zeros and ones, chosen per call'),
  guard('PIN-02', 'Decimalisation tables that look sane, with offsets that undo them'),
  guard('PIN-03', 'An offset moved until a known PIN block verifies'),
  guard('PIN-04', 'A PIN compared in part, or a length told from the answer'),
  guard('PIN-05', 'Another PAN for a format 0 block, to learn PIN digits from the refusals'),
  guard('PIN-06', 'A block translated to another PAN'),
  guard('PIN-07', 'A block stripped of its PAN by translation to format 1'),
  guard('PIN-08', 'Format 2, which is for chips, used online'),
  other('absent', 'PIN-09', 'Formats outside ISO 9564-1 as a way around the table', 'no such format exists'),
  guard('PIN-10', 'A block of one format declared as another, or with a damaged fill'),
  guard('PIN-11', 'A long PIN cut to a short one'),
  guard('PIN-12', 'A dictionary of blocks of known PINs'),
  other(
    'caller',
    'PIN-13',
    'A captured format 0 block sent again',
    'a block has no time: fresh transport keys end it, formats 3 and 4 show it where blocks are remembered',
  ),
  guard('PIN-14', 'A PIN searched from a PVV and its key'),
  other(
    'law',
    'PIN-15',
    'A second PIN for one PVV',
    'a PVV has 10^4 values; how many PINs share one is a matter of counting',
  ),
  guard('PIN-16', 'A PVV or offset made of a block that is not bound to the card'),
  guard('PIN-17', 'PINs that everybody tries first'),
  guard('PIN-18', 'PINs drawn with a bias'),
  guard('PIN-19', 'Blocks of a wrong key told from wrong PINs'),
  guard('PIN-20', 'A transport key used to store or to verify'),
  guard('PIN-21', 'A search for a short verification key'),
  guard('KM-01', 'A key of one usage in the operation of another'),
  guard('KM-02', 'A PAN enciphered as if it were data, under a key that derives PINs'),
  guard('KM-03', 'Components that cancel each other, or leave a weak key'),
  other(
    'absent',
    'KM-04',
    'A component added to a key that exists',
    'keys are combined in one call from all their parts',
  ),
  guard('KM-05', 'Random bytes imported until some become a key'),
  guard('KM-06', 'Halves of a wrapped key swapped or doubled'),
  guard('KM-07', 'A changed header: another usage, mode or exportability'),
  guard('KM-08', 'A strong key wrapped under a weaker one'),
  guard('KM-09', 'Single DES posing as triple'),
  guard('KM-10', 'Check values that say more of a key than they must'),
  other('law', 'KM-11', 'Two keys of one check value', 'keys are named by label; no index is a check value'),
  guard('KM-12', 'A key that leaves in clear'),
  guard('KM-13', 'Parity bits that make one key look like two'),
  guard('KM-14', 'A retired key that goes on protecting'),
  guard('KM-15', 'A permission that is expired, of another scope, copied or revived'),
  guard('CV-01', 'Card values as an oracle of the cipher'),
  guard('CV-02', 'A service code that turns one value into another'),
  guard('CV-03', 'Month and year in the other order'),
  guard('CV-04', 'One key for PIN and card verification values'),
  guard('CV-05', 'A CVV2 guessed by trying all'),
  guard('CV-06', 'A dynamic code used twice'),
  guard('CV-07', 'A dynamic code guessed through its window'),
  guard('CV-08', 'A clock that lies'),
  other(
    'law',
    'CV-09',
    'A local time zone or leap second',
    'times are whole seconds since 1970, handed in; no calendar is asked',
  ),
  other(
    'caller',
    'CV-10',
    'Codes of steps to come',
    'who generates codes names the time: put a door before it, as the issuer does with its own clock',
  ),
  guard('CV-11', 'One key for static and dynamic values'),
  guard('TK-01', 'A domain small enough to search'),
  guard('TK-02', 'A domain that a check digit shrinks'),
  other('absent', 'TK-03', 'FF3 or FF3-1 asked for', 'only FF1 exists'),
  other('law', 'TK-04', 'Rounds, odd lengths and carries at their edges', 'shown by published values'),
  guard('TK-05', 'A token that is a live PAN'),
  guard('TK-06', 'One PAN linked across tenants'),
  guard('TK-07', 'Two contexts with one tweak'),
  guard('TK-08', 'A codebook of all tokens'),
  guard('TK-09', 'A token opened for another tenant'),
  guard('TK-10', 'The next PAN guessed from the last'),
  guard('TK-11', 'PAN digits drawn with a bias'),
  other('law', 'TK-12', 'Digits mistyped or swapped', 'what Luhn finds and what it does not is enumerated'),
  guard('TK-13', 'A hash of a PAN, turned back by trying all'),
  other(
    'caller',
    'TK-14',
    'Truncated and hashed PAN joined',
    'where both are kept, keep them under other keys and roles',
  ),
  guard('EN-01', 'A padding oracle'),
  guard('EN-02', 'Equal ciphertexts for equal PINs'),
  guard('EN-03', 'An envelope moved to another card or field'),
  guard('EN-04', 'An older envelope put back'),
  guard('EN-05', 'More blocks under one TDES key than its birthday bound allows'),
  guard('EN-06', 'An envelope opened under another key'),
  other(
    'law',
    'EN-07',
    'The algorithm in the header changed for a weaker one',
    'the byte chooses which tag must hold, HMAC or GCM, and each is under a key of its own',
  ),
  other(
    'law',
    'EN-08',
    'The length of a PIN told from its ciphertext',
    'PIN blocks and code blocks have one size; a sealed PIN has the length that its product states',
  ),
  guard('EN-09', 'Bytes cut off, added, or spelled another way'),
  guard('EN-10', 'A wrapping key of the attacker’s choice'),
  guard('CT-01', 'Many guesses at once'),
  guard('CT-02', 'A crash between comparing and counting'),
  guard('CT-03', 'An answer that is lost or cut off'),
  guard('CT-04', 'A success that forgives the failures after it'),
  guard('CT-05', 'A detour that refills the tries'),
  guard('CT-06', 'A record, or a store, put back to an earlier day'),
  guard('CT-07', 'A counter that is gone taken for a fresh one'),
  guard('CT-08', 'Limits that are no limits'),
  guard('CT-09', 'Another function that tells whether a PIN is right'),
  guard('CT-10', 'A blocked card probed further'),
  other('caller', 'CT-11', 'Other people’s cards blocked by wrong guesses', 'throttle before asking'),
  guard('CT-12', 'A store that lies'),
  guard('ST-01', 'SQL in an identifier'),
  other('not-built', 'ST-02', 'Redis keys that run together', 'there is no Redis adapter'),
  other(
    'law',
    'ST-03',
    'A record or file that changes prototypes',
    'text is read by JSON.parse, whose names are all own, then by name or spread: nothing is assigned by a name that was read',
  ),
  guard('ST-04', 'Options that come from a changed prototype'),
  guard('ST-05', 'Objects that answer differently when they are asked again'),
  guard('ST-06', 'Memory that is shared, detached or resized while it is read'),
  guard('ST-07', 'Long input that takes more than its share of time'),
  guard('ST-08', 'Batches and lines that fill the memory'),
  guard('ST-09', 'A row edited by whoever runs the database'),
  guard('ST-10', 'Clear PANs and PINs in files, logs and backups'),
  guard('ST-11', 'Audit entries changed, dropped or reordered'),
  guard('JS-01', 'Errors that carry values'),
  guard('JS-02', 'Secrets printed, logged or cloned'),
  other(
    'law',
    'JS-03',
    'A test’s own diff that prints a secret',
    'a rule for tests, checked over their sources',
  ),
  guard('JS-04', 'Secrets in the pool of small buffers'),
  guard('JS-05', 'Hex that is cut short in silence'),
  guard('JS-06', 'Numbers read where digits are meant'),
  guard('JS-07', 'Digits of other scripts'),
  guard('JS-08', 'Key bytes left behind in buffers'),
  other(
    'caller',
    'JS-09',
    'Secrets in a heap snapshot or core dump',
    'keep both from whoever may not have the keys; measured, not promised',
  ),
  guard('JS-10', 'Built-ins replaced after the library was loaded'),
  guard('JS-11', 'A random source that fails, sticks or falls short'),
  guard('JS-12', 'The time that a comparison takes'),
  other(
    'law',
    'JS-13',
    'The places that a cipher reads',
    'the circuits of batches have no places to choose, as recorded traces and the instructions of the kernel show; single calls read tables, which SECURITY.md says',
  ),
];
