/** The products of the fault tests: those of the world, and some whose PINs have two, three and five tries. */
import type { MethodName } from '../../src/issuer/card-record.ts';
import { defineProduct, type Product } from '../../src/issuer/product.ts';
import { PRODUCTS } from './world.ts';

const { classic } = PRODUCTS as { readonly classic: Product };

/** PINs by an offset, which no other PIN has: two PINs may share a PVV, once in ten thousand cards. */
function withTries(id: string, tryLimit: number, unblocksPerDay: number): Product {
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
    unblocksPerDay,
    dynamicCvv2: { key: 'dynamic', lifetimeSeconds: 600 },
    pin: {
      method: 'ibm3624',
      table: 'standard' as MethodName,
      pvk: 'pvk.ibm',
      tagKey: 'pins',
      length: 4,
      tryLimit,
      recoverable: true,
    },
  });
}

export const PRODUCTS_OF_FAULTS: readonly Product[] = [
  ...Object.values(PRODUCTS),
  withTries('two', 2, 99),
  withTries('three', 3, 1),
  withTries('five', 5, 99),
];
