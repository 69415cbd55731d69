/**
 * Ciphers of the platform, for batches. A backend is handed the bytes of keys: it is made in the room of clear keys
 * (`cardwright/keys/clear`), or ready-made (`nodeCiphers` of `cardwright/node`), and known by its identity.
 */
import { fail, kindOf } from '../error.ts';
import { Definitions, requireObject } from '../input.ts';
import type { CipherBackend } from '../port.ts';

/** The backends that were defined, and their functions as they were then. */
export const cipherBackends: Definitions<CipherBackend, CipherBackend['aes']> =
  /* @__PURE__ */ new Definitions('a backend made by defineCipherBackend');

/**
 * Registers a backend of one's own. It sees the bytes of every key it is used with.
 *
 * @param backend  aes: a function that gives a cipher for a key of 16, 24 or 32 bytes
 * @returns        what batch functions take as `backend`
 * @throws ERR_INPUT  not an object with a function `aes`
 * @secrets hands keys to the backend
 * @source FIPS 197; the interface is ours
 */
export function defineCipherBackend(backend: CipherBackend): CipherBackend {
  requireObject(backend, 'backend');
  const { aes } = backend;
  if (typeof aes !== 'function') fail('ERR_INPUT', 'aes', 'a function', kindOf(aes));
  return cipherBackends.add({ aes }, aes);
}
