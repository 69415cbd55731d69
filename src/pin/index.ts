/** PINs: clear ones, random and weak ones, PVV, IBM 3624, and verification with a try counter. */
export type { Dectab, PinOffset, Pvki, Pvv } from '../brand.ts';
export { type PinOutcome, verifyPin } from './attempt.ts';
export { type ClearPin, parsePin, revealPin } from './clear-pin.ts';
export { type ClearPins, parsePins, randomPins, revealPins } from './clear-pins.ts';
export { generatePvvColumn, naturalPins, pinOffsetColumn, verifyPvvColumn } from './columns.ts';
export {
  type Ibm3624Reference,
  naturalPin,
  parsePinOffset,
  pinFromOffset,
  pinOffset,
  verifyPinOffset,
} from './ibm3624.ts';
export {
  defineIbm3624Method,
  type Ibm3624Method,
  parseDectab,
  type ValidationDataLayout,
} from './ibm3624-method.ts';
export { openPin, sealPin } from './pin-code-block.ts';
export { generatePvv, type PvvOptions, type PvvReference, parsePvki, parsePvv, verifyPvv } from './pvv.ts';
export { randomPin } from './random-pin.ts';
export { definePinPolicy, isWeakPin, type PinPolicy, requirePinPolicy } from './weak-pin.ts';
