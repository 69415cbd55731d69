/** PANs, their ranges, and what stands beside them on a card. */
export type { Expiry, Pan, Psn, ServiceCode } from '../brand.ts';
export { type CardData, parseExpiry, parsePsn, parseServiceCode } from './card-data.ts';
export { isLuhnValidColumn, luhnCheckDigitColumn } from './columns.ts';
export { isLuhnValid, luhnCheckDigit } from './luhn.ts';
export { isPan, maskPan, type PanLength, panTail12, parsePan } from './pan.ts';
export { randomPan } from './random-pan.ts';
export { definePanRange, type PanInterval, type PanRange } from './range.ts';
export { type ClaimOptions, claimPan, createMemoryPanRegistry, type PanRegistry } from './registry.ts';
export { nextPanFromSequence, panFromSequence } from './sequence.ts';
export { panColumnFromSequence } from './sequence-column.ts';
export { formatTrack1, formatTrack2 } from './track.ts';
