/** Paths that callers give. */
import { requirePattern } from '../input.ts';

/** Most characters of a path, as Linux has it. */
const MOST_CHARACTERS = 4096;

/** A path, or a refusal: whether there is a file is for the platform to say. */
export function requirePath(path: unknown): string {
  return requirePattern(path, /^[^\0]+$/, MOST_CHARACTERS, 'path', 'the path of a file');
}
