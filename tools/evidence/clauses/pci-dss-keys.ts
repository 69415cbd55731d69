/** PCI DSS 4.0.1: keys that protect stored account data, and the cryptography in use. */
import { type Clause, clausesOf } from '../clause.ts';

export const PCI_DSS_KEYS: readonly Clause[] = clausesOf('PCI DSS 4.0.1', [
  {
    clause: '3.6.1',
    about: 'few have access to keys; keys for keys are as strong as those, kept apart, in few places',
    known: 'read',
    status: 'caller',
    how: 'A weaker KBPK is refused, and stored keys are all under one storage key. Where that lies, apart from the key store, and who reaches it is yours.',
    tests: [
      'test/attack/key-material.test.ts > the wrapping key is at least as strong',
      'test/hsm/key-store-tampered.test.ts > over an AES key of 32 bytes that wraps, unwraps and never leaves',
    ],
  },
  {
    clause: '3.6.1.1',
    about: 'a service provider describes its cryptography: algorithms, keys, their ends, their inventory',
    known: 'general',
    status: 'caller',
    how: 'Your description may rest on docs/DESIGN.md, THREAT-MODEL.md, the table POLICY and the list that listKeys gives.',
    tests: ['test/hsm/key-life.test.ts > keyInfo says what the store says now'],
  },
  {
    clause: '3.6.1.2',
    about: 'stored keys are enciphered, in a secure device, or in components',
    known: 'read',
    status: 'supported',
    how: 'A key store has key blocks of version D under an AES-256 key and no byte of a clear one. The storage key itself comes from you at each start: from components or from a device.',
    tests: [
      'test/hsm/key-store-tampered.test.ts > blocks of version D, bound to their labels and their state',
    ],
  },
  {
    clause: '3.6.1.3 and 3.6.1.4',
    about: 'few have access to clear components, and keys lie in few places',
    known: 'general',
    status: 'caller',
    how: 'Clear bytes have one door, cardwright/keys/clear: search your sources for that path. The rest is yours.',
    tests: ['test/package/exports.test.ts > keep clear keys behind one door'],
  },
  {
    clause: '3.7.1',
    about: 'keys are made strong',
    known: 'read',
    status: 'supported',
    how: 'Keys are drawn from the platform’s generator or from yours; weak, semi-weak and doubled ones are refused, whichever way they come.',
    tests: [
      'test/property/keys.test.ts > have their length, odd parity where they are TDES, and are sound',
      'test/attack/key-material.test.ts > refuses the 16 weak and semi-weak keys in every part',
    ],
  },
  {
    clause: '3.7.2',
    about: 'keys are distributed securely',
    known: 'read',
    status: 'supported',
    how: 'In key blocks, or in components under two holders; exportability N keeps a key in.',
    tests: [
      'test/hsm/key-export.test.ts > gives key blocks of versions D and B unless the policy says otherwise',
      'test/attack/key-material.test.ts > a key of exportability N is not exported, split, or wrapped for exchange',
    ],
  },
  {
    clause: '3.7.3',
    about: 'keys are stored securely',
    known: 'read',
    status: 'supported',
    how: 'As under 3.6.1.2; a block that was changed, moved to another label or put in another state is found.',
    tests: [
      'test/hsm/key-store-tampered.test.ts > %s is found',
      'test/hsm/key-store-tampered.test.ts > a changed character anywhere in a block is found',
    ],
  },
  {
    clause: '3.7.4',
    about: 'keys are changed at the end of their time',
    known: 'read',
    status: 'caller',
    how: 'Keys have no dates here: decide their time and retire them. Index keys overlap while reindexCards runs. TDES keys for data and keys refuse after 2^20 blocks.',
    tests: [
      'test/hsm/key-life.test.ts > and verifies and opens, but makes nothing new',
      'test/attack/envelope.test.ts > a TDES KEK wraps up to 2^20 blocks and not one more',
    ],
  },
  {
    clause: '3.7.5',
    about: 'keys are retired, replaced and destroyed',
    known: 'read',
    status: 'supported',
    how: 'A retired key verifies and opens and makes nothing new; a destroyed one does nothing, and its label is never given again.',
    tests: [
      'test/hsm/key-life.test.ts > and verifies and opens, but makes nothing new',
      'test/hsm/key-life.test.ts > at a label that was never used: not twice, and not after it was destroyed',
    ],
  },
  {
    clause: '3.7.6',
    about: 'clear keys are handled by hand only under split knowledge and dual control',
    known: 'read',
    status: 'supported',
    how: 'importComponents asks for a capability of another holder with each component, exportComponents for two holders. combineComponents and splitKey, the functions below, leave that to you.',
    tests: [
      'test/hsm/key-life.test.ts > in components, each of another holder',
      'test/hsm/key-export.test.ts > gives none under one holder, or none that is named, and only if it may leave',
    ],
  },
  {
    clause: '3.7.7',
    about: 'a key is not put in the place of another',
    known: 'read',
    status: 'supported',
    how: 'A key block at rest names its label under the MAC; a label is given once; a usage cannot be changed.',
    tests: [
      'test/hsm/key-store-tampered.test.ts > %s is found',
      'test/attack/key-block.test.ts > every header character changed into what the standard knows, MAC checked: one code',
    ],
  },
  {
    clause: '3.7.8 and 3.7.9',
    about: 'custodians acknowledge their duty; customers of a provider are told how to keep keys',
    known: 'read',
    status: 'caller',
    how: 'Yours; docs/KEY-CEREMONY.md may be handed to them.',
    tests: [],
  },
  {
    clause: '12.3.3',
    about: 'the cryptography in use is listed, reviewed every year, and its end is planned for',
    known: 'general',
    status: 'caller',
    how: 'The table POLICY lists algorithms and lengths by operation; SECURITY.md says how algorithms leave, TDES first.',
    tests: ['test/attack/key-confusion.test.ts > permits so many kinds of key for each operation'],
  },
]);
