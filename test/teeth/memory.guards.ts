/** Guards around memory: what lies in it, who else reads or writes it, and what is left behind. */
import { setImmediate } from 'node:timers/promises';
import { inspect } from 'node:util';
import { Worker } from 'node:worker_threads';
import {
  createCapabilityAuthority,
  ENVELOPE_MAX_BYTES,
  encryptFf1Column,
  type KeyAttributes,
  openEnvelope,
  PaymentCryptoError,
  parsePin,
  parseUnixSeconds,
  randomKey,
  sealEnvelope,
} from '../../src/index.ts';
import { defineCipherBackend, exportClearKey, importClearKey } from '../../src/keys/clear-face.ts';
import type { Guard } from './guard.ts';
import { DATA, isKeyOf, known, messageOf } from './known-key.ts';

const WRAPPING: KeyAttributes<'K1'> = { usage: 'K1', algorithm: 'A', mode: 'B', exportability: 'N' };
const authority = createCapabilityAuthority({ now: () => parseUnixSeconds(0) });

/** A value as a log would have it, without the breaks between lines. */
const dumped = (value: unknown): string =>
  inspect(value, { showHidden: true, depth: 9, maxArrayLength: null }).replace(/\s+/g, ' ');

const listed = (bytes: Uint8Array): string => [...bytes].join(', ');

/** Turns a bit over and back, as fast as it can. */
const WRITER = `
const { bytes, at } = require('node:worker_threads').workerData;
for (;;) {
  Atomics.xor(bytes, at, 1);
  for (let i = 0; i < 20_000; i++);
}`;

/** Whether an envelope opens to something that was never sealed, while a thread writes into it: in a second or two. */
async function openedWhileWritten(): Promise<boolean> {
  const kek = randomKey(WRAPPING, 32);
  const plaintext = new Uint8Array(60_000);
  const context = Uint8Array.of(1);
  const sealed = sealEnvelope(kek, plaintext, context, { algorithm: 'TDES-CBC-HMAC' });
  const bytes = new Uint8Array(new SharedArrayBuffer(sealed.length));
  bytes.set(sealed);
  const writer = new Worker(WRITER, { eval: true, workerData: { bytes, at: 40_000 } });
  try {
    for (const end = performance.now() + 5000; performance.now() < end; ) {
      const opened = openedOrNot(() => openEnvelope(kek, bytes, context));
      if (opened === 'refused') return false;
      if (opened !== 'not authentic' && opened.some((byte) => byte !== 0)) return true;
      await setImmediate();
    }
    return false;
  } finally {
    await writer.terminate();
  }
}

function openedOrNot(open: () => Uint8Array): Uint8Array | 'not authentic' | 'refused' {
  try {
    return open();
  } catch (error) {
    if (!(error instanceof PaymentCryptoError)) throw error;
    return error.code === 'ERR_ENVELOPE_AUTH' ? 'not authentic' : 'refused';
  }
}

export const GUARDS: readonly Guard[] = [
  {
    ids: ['ST-06'],
    guard: 'memory that another thread can write is refused, and what is opened is a copy',
    cuts: [
      {
        file: 'input.ts',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: a passage of the source.
        passage: "fail('ERR_INPUT', field, `${expected} over an ArrayBuffer`, 'shared memory');",
        instead: 'length = buffer.byteLength;',
      },
      {
        file: 'envelope/envelope.ts',
        passage: 'const bytes = new Uint8Array(envelope);',
        instead: 'const bytes = envelope;',
      },
    ],
    attack: openedWhileWritten,
  },
  {
    ids: ['ST-06'],
    guard: 'what is sealed was copied before a random source ran',
    cuts: [
      {
        file: 'envelope/envelope.ts',
        passage: "const clear = new Uint8Array(requireSize(plaintext, 'plaintext'));",
        instead: "const clear = requireSize(plaintext, 'plaintext');",
      },
    ],
    // What was looked at before the call is another text than what lies in the envelope.
    attack() {
      const kek = randomKey(WRAPPING, 32);
      const context = Uint8Array.of(1);
      const [shown, meant] = [Buffer.from('pay   10'), Buffer.from('pay 9000')];
      const plaintext = Uint8Array.from(shown);
      const fill = (out: Uint8Array): void => {
        crypto.getRandomValues(out);
        plaintext.set(meant);
      };
      const sealed = sealEnvelope(kek, plaintext, context, { algorithm: 'AES-256-GCM', random: { fill } });
      return meant.equals(openEnvelope(kek, sealed, context));
    },
  },
  {
    ids: ['ST-05'],
    guard: 'bytes are copied as memory: an iterator of their own hands out others than were measured',
    cuts: [
      {
        file: 'envelope/envelope.ts',
        passage: "const clear = new Uint8Array(requireSize(plaintext, 'plaintext'));",
        instead: "const clear = Uint8Array.from(requireSize(plaintext, 'plaintext'));",
      },
    ],
    // An envelope that is longer than any that opens: who sealed it has lost what was in it.
    attack() {
      const plaintext = Object.defineProperty(new Uint8Array(4), Symbol.iterator, {
        value: () => new Uint8Array(ENVELOPE_MAX_BYTES + 1).values(),
      });
      const kek = randomKey(WRAPPING, 32);
      const sealed = sealEnvelope(kek, plaintext, Uint8Array.of(1), { algorithm: 'AES-256-GCM' });
      return sealed.length > ENVELOPE_MAX_BYTES;
    },
  },
  {
    ids: ['JS-02'],
    guard: 'what a key holds lies in a private field',
    cuts: [
      {
        file: 'keys/key.ts',
        passage: 'this.#contents = {',
        instead: "this['contents'] = this.#contents = {",
      },
    ],
    attack: () => dumped(importClearKey(DATA, known())).includes(listed(known())),
  },
  {
    ids: ['JS-02'],
    guard: 'the digits of a PIN lie in a private field',
    cuts: [
      {
        file: 'pin/clear-pin.ts',
        passage: 'this.#digits = digits;',
        instead: "this['digits'] = this.#digits = digits;",
      },
    ],
    attack: () => dumped(parsePin('739184')).includes('7, 3, 9, 1, 8, 4'),
  },
  {
    ids: ['JS-04'],
    guard: 'bytes of a key leave in memory of their own',
    cuts: [
      {
        file: 'keys/clear.ts',
        passage: 'return Uint8Array.from(exportableMaterial(key));',
        instead: 'return Buffer.from(exportableMaterial(key));',
      },
    ],
    // Any small buffer of the process lies in one piece of memory with the others.
    attack() {
      const key = importClearKey(DATA, known());
      const bytes = exportClearKey(key, authority.grant('export-clear-key', 60));
      const pool = Buffer.from(Buffer.from('of somebody else').buffer);
      return bytes.length === 16 && pool.includes(Buffer.from(known().buffer));
    },
  },
  {
    ids: ['JS-08'],
    guard: 'what a key was drawn into is wiped',
    cuts: [
      {
        file: 'keys/random-key.ts',
        passage: 'const key = makeKey(checked, bytes);\n  bytes.fill(0);',
        instead: 'const key = makeKey(checked, bytes);',
      },
    ],
    attack() {
      const kept: Uint8Array[] = [];
      const fill = (out: Uint8Array): void => {
        crypto.getRandomValues(out);
        kept.push(out);
      };
      const key = randomKey(DATA, 16, { random: { fill } });
      return kept.some((bytes) => bytes.some((byte) => byte !== 0) && isKeyOf(key, bytes));
    },
  },
  {
    ids: ['JS-08'],
    guard: 'what a cipher of the platform was handed is wiped',
    cuts: [{ file: 'keys/bulk.ts', passage: 'copy.fill(0);', instead: '' }],
    attack() {
      let kept = new Uint8Array(0);
      const backend = defineCipherBackend({
        aes: (bytes) => {
          kept = bytes as Uint8Array<ArrayBuffer>;
          throw new PaymentCryptoError('ERR_INTERNAL', 'backend', 'a platform without AES');
        },
      });
      const key = importClearKey(DATA, known());
      const column = { data: new Uint8Array(16).fill(0x31), digits: 16, encoding: 'ascii' } as const;
      messageOf(() => encryptFf1Column(key, column, new Uint8Array(0), column, { backend }));
      return kept.some((byte) => byte !== 0) && isKeyOf(key, kept);
    },
  },
];
