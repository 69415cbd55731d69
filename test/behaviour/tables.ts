/** The tables that the library shows: policy, names of codes, translations, scopes, limits. */
import * as index from '../../src/index.ts';

/** Every exported value that is no function, by name. */
export const TABLES: { readonly [name: string]: unknown } = Object.fromEntries(
  Object.entries(index)
    .filter(([, value]) => typeof value !== 'function')
    .sort(([a], [b]) => (a < b ? -1 : 1)),
);
