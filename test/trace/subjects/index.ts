/** Everything whose traces are taken. */
import type { Subject } from '../subject.ts';
import { CIPHERS } from './ciphers.ts';
import { COMPARISONS } from './comparisons.ts';
import { HSM } from './hsm.ts';
import { PIN_BLOCKS } from './pin-blocks.ts';
import { SEALED } from './sealed.ts';
import { VALUES } from './values.ts';

export { LEAKING } from './leaking.ts';

export const SUBJECTS: readonly Subject[] = [
  ...CIPHERS,
  ...COMPARISONS,
  ...VALUES,
  ...PIN_BLOCKS,
  ...SEALED,
  ...HSM,
];
