/** What a clause of a standard asks, and what becomes of it here. The words are ours, never the standard's. */

/** The standards that are mapped, each with its edition. */
export type Standard =
  | 'PCI PIN Security 3.1'
  | 'PCI DSS 4.0.1'
  | 'ISO 9564-1:2017'
  | 'ANSI X9.143:2021'
  | 'NIST SP 800-38G Rev. 1 (2PD)'
  | 'NIST SP 800-67 Rev. 2'
  | 'ISO/IEC 7812-1:2017'
  | 'RFC 4226 and RFC 6238';

/** What becomes of a clause. */
export type ClauseStatus =
  /** The library does it, and tests show it. */
  | 'supported'
  /** The caller's duty; what the library lends to it is said, with its tests. */
  | 'caller'
  /** About devices, premises and people, or about what is not built. Says which. */
  | 'out-of-scope';

/** How well the clause is known to whoever wrote the row. */
export type ClauseKnowledge =
  /** The clause, or a public copy or digest of it, was read. */
  | 'read'
  /** General knowledge of the standard: read the text before you quote it to an assessor. */
  | 'general';

/** One clause. */
export interface Clause {
  readonly standard: Standard;
  /** Its number, no finer than it is known. */
  readonly clause: string;
  /** What it asks. */
  readonly about: string;
  readonly known: ClauseKnowledge;
  readonly status: ClauseStatus;
  /** What the library does, what the caller has to do, or why it is not here. */
  readonly how: string;
  /**
   * Tests that show it, as `test/path.test.ts > name`: the name of a test or group, or its beginning; numbers of
   * attacks in front of it left out. A supported clause has one at least.
   */
  readonly tests: readonly string[];
}

/** The clauses of one standard. */
export function clausesOf(
  standard: Standard,
  clauses: readonly Omit<Clause, 'standard'>[],
): readonly Clause[] {
  return clauses.map((clause) => ({ standard, ...clause }));
}
