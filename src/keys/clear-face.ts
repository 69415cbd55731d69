/**
 * `cardwright/keys/clear`: the one door for clear key bytes. Grep for this path to find its users.
 */
export { defineCipherBackend } from './backend.ts';
export {
  exportClearKey,
  type ImportOptions,
  importClearKey,
  importClearKeyHex,
  type ParityRule,
} from './clear.ts';
export { combineComponents, type KeyComponent, splitKey } from './component.ts';
