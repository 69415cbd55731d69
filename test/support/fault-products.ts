/** The products of the fault tests: those of the world, and some whose PINs have two and five tries. */
import type { Pvki } from '../../src/brand.ts';
import { defineProduct, type Product } from '../../src/issuer/product.ts';
import { PRODUCTS } from './world.ts';

const { classic } = PRODUCTS as { readonly classic: Product };

function withTries(id: string, tryLimit: number): Product {
  return defineProduct({
    id,
    scheme: 'visa',
    funding: 'debit',
    range: classic.range,
    sequenceKey: classic.sequenceKey,
    tokens: classic.tokens,
    cvk: classic.cvk,
    serviceCode: classic.serviceCode,
    validityMonths: 36,
    unblocksPerDay: 99,
    pin: {
      method: 'pvv',
      pvk: 'pvk',
      pvki: '1' as Pvki,
      tagKey: 'pins',
      length: 4,
      tryLimit,
      recoverable: false,
    },
  });
}

export const PRODUCTS_OF_FAULTS: readonly Product[] = [
  ...Object.values(PRODUCTS),
  withTries('two', 2),
  withTries('five', 5),
];
