/**
 * A file of test keys for the command line: key blocks under a storage key that lies beside them.
 *
 * Whoever reads the file has the keys. It is for trying the library out, not for keeping cards.
 * It also holds the next sequence number of each PAN range: key and counter belong together, since
 * a counter that is lost gives the same PANs again.
 */
import { chmod, readFile } from 'node:fs/promises';
import * as v from 'valibot';
import type { UnixSeconds } from '../brand.ts';
import { bytesToHex, hexToBytes } from '../bytes/hex.ts';
import { platformRandom, randomBytes } from '../bytes/random.ts';
import { createCapabilityAuthority } from '../keys/capability.ts';
import { importClearKey } from '../keys/clear.ts';
import { type Key, requireUsage } from '../keys/key.ts';
import { unwrapKeyBlock, wrapKeyBlock } from '../keys/key-block.ts';
import { randomKey } from '../keys/random-key.ts';
import type { KeyAttributes, KeyUsage } from '../keys/usage.ts';
import { takeLock } from './lock-file.ts';
import { writeWhole } from './whole-file.ts';

const FORMAT = 'cardwright-test-keys/1';

/** The keys of an issuer that only tries things out. */
export interface TestKeys {
  readonly cvk: Key<'C0'>;
  readonly pvk: Key<'V2'>;
  readonly pek: Key<'P0'>;
  readonly codeKey: Key<'D0'>;
  readonly panKey: Key<'D0'>;
  readonly tokenKey: Key<'D0'>;
  readonly dynamicKey: Key<'M7'>;
}

const SPECIFICATIONS: { readonly [Name in keyof TestKeys]: readonly [KeyAttributes, 16 | 32] } = {
  cvk: [{ usage: 'C0', algorithm: 'T', mode: 'C', exportability: 'N' }, 16],
  pvk: [{ usage: 'V2', algorithm: 'T', mode: 'C', exportability: 'N' }, 16],
  pek: [{ usage: 'P0', algorithm: 'A', mode: 'B', exportability: 'N' }, 32],
  codeKey: [{ usage: 'D0', algorithm: 'T', mode: 'B', exportability: 'N' }, 16],
  panKey: [{ usage: 'D0', algorithm: 'A', mode: 'B', exportability: 'N' }, 32],
  tokenKey: [{ usage: 'D0', algorithm: 'A', mode: 'B', exportability: 'N' }, 32],
  dynamicKey: [{ usage: 'M7', algorithm: 'H', mode: 'X', exportability: 'N' }, 32],
};

const NAMES = Object.keys(SPECIFICATIONS) as (keyof TestKeys)[];
const STORAGE: KeyAttributes<'K1'> = { usage: 'K1', algorithm: 'A', mode: 'B', exportability: 'N' };

const FileSchema = v.strictObject({
  format: v.literal(FORMAT),
  notice: v.string(),
  storageKey: v.pipe(v.string(), v.regex(/^[0-9A-F]{64}$/)),
  keys: v.strictObject(
    Object.fromEntries(NAMES.map((name) => [name, v.string()])) as {
      [Name in keyof TestKeys]: v.StringSchema<undefined>;
    },
  ),
  nextInRange: v.record(
    v.pipe(v.string(), v.regex(/^[0-9]{6,8}\/[0-9]{2}$/)),
    v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  ),
});

/** A key file that cannot be used; the message says why, without contents. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError';
}

/** Keys in hand and the counters that go with them. */
export interface KeyFile {
  readonly keys: TestKeys;
  /** Whether the file was made by this call. */
  readonly made: boolean;
  /** The next sequence number of a range, named `IIN/length`. */
  next(range: string): number;
  /** Stores the next sequence number; call it before the PANs below it leave. */
  advance(range: string, next: number): Promise<void>;
  /** Lets the next process have the file. */
  close(): Promise<void>;
}

/** What a key file says, its key blocks not yet opened. */
export type Contents = v.InferOutput<typeof FileSchema>;

function freshContents(): Contents {
  const storage = randomBytes(32, platformRandom);
  const kbpk = importClearKey(STORAGE, storage);
  const clock = { now: () => Math.floor(Date.now() / 1000) as UnixSeconds };
  const permit = createCapabilityAuthority(clock).grant('store-key', 60);
  const blocks = NAMES.map((name) => {
    const [attributes, bytes] = SPECIFICATIONS[name];
    return [name, wrapKeyBlock(kbpk, randomKey(attributes, bytes), 'D', { purpose: 'storage', permit })];
  });
  return {
    format: FORMAT,
    notice: 'Test keys. Whoever reads this file has them. Never issue real cards with it.',
    storageKey: bytesToHex(storage),
    keys: Object.fromEntries(blocks),
    nextInRange: {},
  };
}

/** The keys of a file, out of their key blocks. */
export function keysOf(contents: Contents): TestKeys {
  const kbpk = importClearKey(STORAGE, hexToBytes(contents.storageKey));
  const pairs = NAMES.map((name) => [
    name,
    requireUsage(unwrapKeyBlock(kbpk, contents.keys[name]), SPECIFICATIONS[name][0].usage as KeyUsage),
  ]);
  return Object.fromEntries(pairs);
}

async function readContents(path: string): Promise<Contents | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return parseContents(path, text);
}

/** The contents of a file of that name. */
export function parseContents(path: string, text: string): Contents {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new KeyFileError(`${path} is not a key file`);
  }
  const parsed = v.safeParse(FileSchema, json);
  if (!parsed.success) throw new KeyFileError(`${path} is not a key file of ${FORMAT}`);
  return parsed.output;
}

/**
 * Opens the key file, making it with fresh random keys and mode 0600 where there is none.
 *
 * A lock file keeps a second process from issuing the same numbers; it is refused, not waited for.
 *
 * @throws KeyFileError  not a key file, in use, or none there and `make` is false
 */
export async function openKeyFile(path: string, options: { readonly make: boolean }): Promise<KeyFile> {
  const lock = await takeLock(path, (message) => new KeyFileError(message));
  try {
    let contents = await readContents(path);
    const made = contents === undefined;
    if (contents === undefined) {
      if (!options.make) throw new KeyFileError(`${path} does not exist`);
      contents = freshContents();
      await writeWhole(path, `${JSON.stringify(contents, null, 2)}\n`, 0o600);
    } else {
      await chmod(path, 0o600);
    }
    const counters = new Map(Object.entries(contents.nextInRange));
    const whole = contents;
    return {
      keys: keysOf(whole),
      made,
      next: (range) => counters.get(range) ?? 0,
      advance: async (range, next) => {
        counters.set(range, next);
        await writeWhole(
          path,
          `${JSON.stringify({ ...whole, nextInRange: Object.fromEntries(counters) }, null, 2)}\n`,
          0o600,
        );
      },
      close: () => lock.release(),
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
