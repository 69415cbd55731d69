/** Random PANs that are never issued twice: a registry of what is taken, and bounded attempts. */
import type { Pan } from '../brand.ts';
import type { RandomOptions } from '../bytes/random.ts';
import { fail, kindOf, PaymentCryptoError } from '../error.ts';
import { readOptions, requireObject, requireWhole } from '../input.ts';
import { randomPan } from './random-pan.ts';
import { type PanRange, panRanges } from './range.ts';

/**
 * Where PANs are taken, once and for all.
 *
 * `claim` answers `true` when this call took the PAN and the fact is durable, `false` when it was
 * taken before; it decides atomically (a unique constraint, never read and then write) and throws
 * when it cannot tell, after which the PAN counts as lost.
 */
export interface PanRegistry {
  claim(pan: Pan): Promise<boolean>;
}

/** Options of `claimPan`. */
export interface ClaimOptions extends RandomOptions {
  /** PANs to try, 1 to 100 000; 1 000 unless said. At 99 % full 100 are needed on average. */
  readonly attempts?: number;
}

/**
 * A random PAN of a range that nobody had before.
 *
 * A range is issued by claims or by sequence, never by both.
 *
 * @throws ERR_PAN_SPACE          every attempt hit a taken PAN: the range is as good as full
 * @throws ERR_STORE_UNAVAILABLE  the registry failed; the cause is attached
 * @throws ERR_STORE_CORRUPT      the registry answered neither true nor false
 * @throws ERR_INPUT              range, registry, options
 * @source ISO/IEC 7812-1:2017, clause 4; expected attempts at fill f: 1 / (1 - f)
 */
export async function claimPan(registry: PanRegistry, range: PanRange, options?: ClaimOptions): Promise<Pan> {
  const { attempts, ...draw } = readOptions(options, 'options', ['attempts', 'random']);
  const most = requireWhole(attempts ?? 1000, 'attempts', 1, 100_000);
  panRanges.require(range, 'range');
  requireObject(registry, 'registry');
  if (typeof registry.claim !== 'function')
    fail('ERR_INPUT', 'registry', 'an object with a method claim', kindOf(registry));
  for (let attempt = 0; attempt < most; attempt++) {
    const pan = randomPan(range, { ...draw });
    let claimed: unknown;
    try {
      claimed = await registry.claim(pan);
    } catch (cause) {
      throw new PaymentCryptoError(
        'ERR_STORE_UNAVAILABLE',
        'registry',
        '"registry" expected an answer, got an error',
        cause,
      );
    }
    if (typeof claimed !== 'boolean') fail('ERR_STORE_CORRUPT', 'registry', 'true or false', kindOf(claimed));
    if (claimed) return pan;
  }
  return fail('ERR_PAN_SPACE', 'range', `a free PAN within ${most} attempts`);
}

/**
 * A registry in memory, for tests and demonstrations: it forgets when the process ends.
 *
 * @source own construction
 */
export function createMemoryPanRegistry(): PanRegistry & { readonly size: number } {
  const taken = new Set<Pan>();
  return Object.freeze({
    async claim(pan: Pan): Promise<boolean> {
      const before = taken.size;
      return taken.add(pan).size > before;
    },
    get size(): number {
      return taken.size;
    },
  });
}
