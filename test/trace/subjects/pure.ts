/** What is called without an HSM and without a sealed form. */
import type { Subject } from '../subject.ts';
import { CIPHERS } from './ciphers.ts';
import { COMPARISONS } from './comparisons.ts';
import { PIN_BLOCKS } from './pin-blocks.ts';
import { VALUES } from './values.ts';

export { LEAKING } from './leaking.ts';

export const PURE: readonly Subject[] = [...CIPHERS, ...COMPARISONS, ...VALUES, ...PIN_BLOCKS];
