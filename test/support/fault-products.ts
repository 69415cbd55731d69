/** The products of the fault tests: those of the world, and one whose PINs have five tries. */
import type { Pvki } from '../../src/brand.ts';
import { defineProduct, type Product } from '../../src/issuer/product.ts';
import { PRODUCTS } from './world.ts';

const { classic } = PRODUCTS as { readonly classic: Product };

export const PRODUCTS_OF_FAULTS: readonly Product[] = [
  ...Object.values(PRODUCTS),
  defineProduct({
    id: 'five',
    scheme: 'visa',
    funding: 'debit',
    range: classic.range,
    sequenceKey: classic.sequenceKey,
    tokens: classic.tokens,
    cvk: classic.cvk,
    serviceCode: classic.serviceCode,
    validityMonths: 36,
    pin: {
      method: 'pvv',
      pvk: 'pvk',
      pvki: '1' as Pvki,
      tagKey: 'pins',
      length: 4,
      tryLimit: 5,
      recoverable: false,
    },
  }),
];
