/** TDES as other libraries do it, for the peers of all families; and OpenSSL in C as a process. */
import { execFileSync } from 'node:child_process';
import { createCipheriv } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import forge from 'node-forge';
import type { Contender } from './family.ts';
import { CVK_HEX } from './inputs.ts';

/** Where the repository is: the benchmarks run as a bundle elsewhere. */
export const ROOT: string = process.env['CARDWRIGHT_ROOT'] ?? process.cwd();

/** What only the benchmarks need, installed apart. */
export const peer: NodeJS.Require = createRequire(join(ROOT, 'bench/peers/package.json'));

const left = Buffer.from(CVK_HEX.slice(0, 16), 'hex');
const right = Buffer.from(CVK_HEX.slice(16), 'hex');
export const key24: Buffer = Buffer.concat([left, right, left]);
const single24 = Buffer.concat([left, left, left]);

/** One enciphering of whole blocks. */
type Encipher = (data: Buffer) => Buffer;

/** TDES and single DES of a library. */
export interface Des {
  readonly name: string;
  readonly tdes: Encipher;
  readonly single: Encipher;
}

function nodeFresh(key: Buffer): Encipher {
  return (data) => createCipheriv('des-ede3-ecb', key, null).setAutoPadding(false).update(data);
}

function nodeReused(key: Buffer): Encipher {
  const cipher = createCipheriv('des-ede3-ecb', key, null).setAutoPadding(false);
  return (data) => cipher.update(data);
}

/** node-forge as its documentation shows it, the schedule kept. */
function forgeReused(algorithm: 'DES-ECB' | '3DES-ECB', key: Buffer): Encipher {
  const cipher = forge.cipher.createCipher(algorithm, forge.util.createBuffer(key.toString('binary')));
  return (data) => {
    cipher.start({});
    cipher.update(forge.util.createBuffer(data.toString('binary')));
    return Buffer.from(cipher.output.getBytes(data.length), 'binary');
  };
}

interface DesJs {
  create(options: { type: 'encrypt'; key: Buffer; padding: false }): {
    update(data: Buffer): number[];
    final(): number[];
  };
}

function desJs(kind: 'DES' | 'EDE', key: Buffer): Encipher {
  const library = peer('des.js') as { readonly DES: DesJs; readonly EDE: DesJs };
  const cipher = library[kind].create({ type: 'encrypt', key, padding: false });
  // It keeps the last block back until it knows whether more comes: a block in, the one before out.
  return (data) => {
    const out = cipher.update(data);
    return Buffer.from(out.length > 0 ? out : cipher.final());
  };
}

function cryptoJs(key: Buffer): Encipher {
  const library = peer('crypto-js');
  const options = { mode: library.mode.ECB, padding: library.pad.NoPadding };
  const words = library.enc.Hex.parse(key.toString('hex'));
  return (data) => {
    const { ciphertext } = library.TripleDES.encrypt(
      library.enc.Hex.parse(data.toString('hex')),
      words,
      options,
    );
    return Buffer.from(ciphertext.toString(library.enc.Hex), 'hex');
  };
}

export const NODE_FRESH = 'node:crypto fresh';
export const NODE_REUSED = 'node:crypto reused';
export const FORGE = 'node-forge';

export const PEERS: readonly Des[] = [
  { name: NODE_FRESH, tdes: nodeFresh(key24), single: nodeFresh(single24) },
  { name: NODE_REUSED, tdes: nodeReused(key24), single: nodeReused(single24) },
  { name: FORGE, tdes: forgeReused('3DES-ECB', key24), single: forgeReused('DES-ECB', left) },
  { name: 'des.js', tdes: desJs('EDE', key24), single: desJs('DES', left) },
  { name: 'crypto-js', tdes: cryptoJs(key24), single: cryptoJs(single24) },
];

/** Selected decimal digits of a block, as whoever writes this against a cipher library writes it. */
export function selected(hex: string, count: number): string {
  let digits = '';
  for (let i = 0; i < 16 && digits.length < count; i++) if ((hex[i] as string) <= '9') digits += hex[i];
  for (let i = 0; i < 16 && digits.length < count; i++)
    if ((hex[i] as string) > '9') digits += String(hex.charCodeAt(i) - 97);
  return digits;
}

export const OPENSSL_C = 'OpenSSL in C';

/** The C program, compiled now; or why there is none. */
const openssl: { readonly binary: string } | { readonly missing: string } = (() => {
  const binary = join(mkdtempSync(join(tmpdir(), 'cardwright-openssl-')), 'peer');
  try {
    execFileSync('cc', ['-O3', '-o', binary, join(ROOT, 'bench/peers/openssl.c'), '-lcrypto'], {
      stdio: 'pipe',
    });
    return { binary };
  } catch (error) {
    const { stderr } = error as { readonly stderr?: Buffer };
    const first = stderr
      ?.toString()
      .split('\n')
      .find((line) => line !== '');
    return { missing: first ?? 'no C compiler' };
  }
})();

/** Why OpenSSL in C takes no part, where it takes none. */
export const OPENSSL_MISSING: string | undefined = 'missing' in openssl ? openssl.missing : undefined;

/** OpenSSL in C as a contender; none where there is no compiler, or no headers. */
export function opensslC(job: 'cvv' | 'pvv' | 'ibm3624' | 'pinblock' | 'tdes', inputs: number): Contender[] {
  if ('missing' in openssl) return [];
  const { binary } = openssl;
  const options = { encoding: 'utf8', stdio: 'pipe', maxBuffer: 1 << 26 } as const;
  const answers = execFileSync(binary, ['answers', job, String(inputs)], options).split('\n');
  return [
    {
      name: OPENSSL_C,
      run: () => undefined,
      answer: (i) => answers[i] as string,
      time: (seconds) => Number(execFileSync(binary, ['time', job, String(1000 * seconds)], options)),
    },
  ];
}
