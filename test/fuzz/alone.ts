/** Targets and what runs them, as one module: builds with something cut out are made of it. */
export { runTarget } from './cases.ts';
export { envelopes } from './envelope.ts';
export { keyBlock } from './key-block.ts';
export { pinBlock } from './pin-block.ts';
export { record } from './record.ts';
