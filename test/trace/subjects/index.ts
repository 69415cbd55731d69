/** Everything whose traces are taken. */
import type { Subject } from '../subject.ts';
import { HSM } from './hsm.ts';
import { PURE } from './pure.ts';
import { SEALED } from './sealed.ts';

export { LEAKING } from './leaking.ts';

export const SUBJECTS: readonly Subject[] = [...PURE, ...SEALED, ...HSM];
