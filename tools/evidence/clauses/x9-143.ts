/** ANSI X9.143:2021 (TR-31): key blocks. */
import { type Clause, clausesOf } from '../clause.ts';

export const X9_143: readonly Clause[] = clausesOf('ANSI X9.143:2021', [
  {
    clause: '6, header',
    about:
      'sixteen characters: version, length, usage, algorithm, mode, key version, exportability, optional blocks, reserved',
    known: 'read',
    status: 'supported',
    how: 'Read strictly and written by the book; reserved characters other than 00 are refused.',
    tests: [
      'test/differential/keys.test.ts > of ours are opened by the oracle',
      'test/attack/key-block.test.ts > reserved characters that are not 00 are malformed',
    ],
  },
  {
    clause: '6, versions',
    about: 'B and D are for use; A and C are of the past',
    known: 'read',
    status: 'supported',
    how: 'All are read, and E of ISO 20038; B and D are made, A and C on request, E never. A block is never read by the rules of another version.',
    tests: [
      'test/attack/key-block.test.ts > version %s is made on request only, and E never',
      'test/attack/key-block.test.ts > a rewritten version letter is refused: no block is read by the rules of another version',
      'test/vectors/published.test.ts > key blocks: those of every version open in public, where KBPK and key are sound',
    ],
  },
  {
    clause: '6.3.1',
    about: 'usage: what a key is for',
    known: 'read',
    status: 'supported',
    how: 'The usage is part of the type of a key and looked at in every call. Usages without an operation here are carried and do nothing.',
    tests: [
      'test/property/keys.test.ts > is made of every usage, algorithm and mode of the standard, and says what it is',
      'test/attack/key-confusion.test.ts > %s takes the keys of its rows and refuses all others with the right code',
    ],
  },
  {
    clause: '6.3.2',
    about: 'algorithm: with which cipher a key is used',
    known: 'read',
    status: 'supported',
    how: 'T, A and H make keys; D (DES), E, R and S are named and make none.',
    tests: [
      'test/property/key-block.test.ts > is said for every version, mode, exportability and algorithm of a key',
      'test/attack/key-block.test.ts > each version under a KEK of the other algorithm is refused by algorithm',
    ],
  },
  {
    clause: '6.3.3',
    about: 'mode of use: what a key may do of its usage',
    known: 'read',
    status: 'supported',
    how: 'A key that verifies does not generate; only mode X derives, and N, which restricts nothing, does not.',
    tests: [
      'test/attack/card-values.test.ts > a key of mode %s generates nothing',
      'test/attack/card-values.test.ts > a key of mode G verifies nothing',
    ],
  },
  {
    clause: '6.3.4',
    about: 'key version: a number, none, or a component',
    known: 'read',
    status: 'supported',
    how: 'Carried as it is; a component is told from a key and does nothing.',
    tests: ['test/attack/key-block.test.ts > a component is said to be one, and is no key'],
  },
  {
    clause: '6.3.5',
    about: 'exportability: whether a key may leave, and under what',
    known: 'read',
    status: 'supported',
    how: 'N leaves in no form but a block for storage, with a capability and under a KBPK of N; E and S leave in key blocks and, with a capability, in clear or in components.',
    tests: [
      'test/attack/key-material.test.ts > a key of exportability N is not exported, split, or wrapped for exchange',
      'test/property/key-block.test.ts > of exportability N are wrapped to rest, not to leave',
    ],
  },
  {
    clause: '6, optional blocks',
    about: 'labels and other text in the header, each once, padded by one of their own',
    known: 'read',
    status: 'supported',
    how: 'Carried as text, none twice; the padding block is made and taken off. Their meaning is the caller’s, the label of a stored key aside.',
    tests: [
      'test/property/key-block.test.ts > carry an optional block once: one given twice is refused when the key is wrapped',
      'test/behaviour/edges.test.ts > carry optional blocks of printable text, each once, 9999 characters in all',
      'test/behaviour/edges.test.ts > keep a long optional block in the extended form',
    ],
  },
  {
    clause: '7, derivation',
    about: 'keys for encipherment and MAC come from the KBPK by CMAC',
    known: 'read',
    status: 'supported',
    how: 'By the book, for B and D; A and C have the variants of TR-31:2018, E the derivation of ISO 20038.',
    tests: [
      'test/differential/keys.test.ts > of the oracle are opened by ours, whatever padding they have',
      'test/property/key-block.test.ts > is unwrapped by its own KBPK only',
    ],
  },
  {
    clause: '7, binding',
    about: 'the MAC covers header and key, and is checked before the key is used',
    known: 'read',
    status: 'supported',
    how: 'One refusal for every change; what fails is deciphered all the same, so that the steps are the same.',
    tests: [
      'test/attack/key-block.test.ts > every character of the whole block, turned into every other printable one, is refused',
      'test/property/key-block.test.ts > every claim of a header of version $version is bound',
      'test/attack/key-block.test.ts > 12 000 random blocks of a right shape: none is accepted, one code',
    ],
  },
  {
    clause: '7, hidden length',
    about: 'padding may hide the length of a key',
    known: 'general',
    status: 'supported',
    how: 'Keys are padded to the greatest length of their algorithm.',
    tests: ['test/attack/key-block.test.ts > the padding hides the length of the key'],
  },
  {
    clause: 'keys that protect key blocks',
    about: 'a KBPK is as strong as what it protects, and does nothing else',
    known: 'general',
    status: 'supported',
    how: 'Refused where it is weaker; usage K1 (K4 for version E) is taken by key blocks and envelopes only.',
    tests: ['test/attack/key-material.test.ts > the wrapping key is at least as strong'],
  },
]);
