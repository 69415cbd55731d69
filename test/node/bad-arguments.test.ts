/** Wrong arguments to what is for Node: refused by code, before a file is touched or memory is taken. */
import { describe, expect, it } from 'vitest';
import { PaymentCryptoError } from '../../src/error.ts';
import * as node from '../../src/node/index.ts';

const NO_PATHS: readonly unknown[] = [
  undefined,
  null,
  7,
  '',
  'a\0b',
  'x'.repeat(1_000_000),
  new Uint8Array(8),
  {},
  [],
  Symbol('x'),
  () => 'file',
];
const NO_COUNTS: readonly unknown[] = [
  undefined,
  null,
  Number.NaN,
  -1,
  0.5,
  1e21,
  '8',
  8n,
  {},
  [8],
  Symbol('x'),
  '1'.repeat(1_000_000),
];
const NO_OPTIONS: readonly unknown[] = [null, 7, 'after', [], { before: 1 }, { after: null }];

/** What each function refuses; a path that is right would be beside a folder that is not there. */
const REFUSED: {
  readonly [name: string]: readonly [call: (value: never) => unknown, values: readonly unknown[]];
} = {
  exportFileSink: [node.exportFileSink, NO_PATHS],
  verifyExportFile: [node.verifyExportFile, NO_PATHS],
  readExportFile: [(path) => node.readExportFile(path).next(), NO_PATHS],
  openAuditFile: [node.openAuditFile, NO_PATHS],
  'openAuditFile, options': [(options) => node.openAuditFile('no folder/file', options), NO_OPTIONS],
  verifyAuditFile: [node.verifyAuditFile, NO_PATHS],
  'verifyAuditFile, options': [
    (options) => node.verifyAuditFile('no folder/file', undefined, options),
    NO_OPTIONS,
  ],
  sharedBytes: [node.sharedBytes, NO_COUNTS],
  sharedNumbers: [node.sharedNumbers, NO_COUNTS],
  createWorkerPool: [(threads) => node.createWorkerPool({ threads }), NO_COUNTS.slice(1)],
};

describe('wrong arguments', () => {
  it.each(Object.entries(REFUSED))('to %s', async (_, [call, values]) => {
    for (const value of values) {
      let refusal: unknown;
      try {
        refusal = await call(value as never);
      } catch (error) {
        refusal = error;
      }
      expect(refusal).toBeInstanceOf(PaymentCryptoError);
      expect(refusal).toMatchObject({ code: 'ERR_INPUT' });
      expect(String(refusal).length).toBeLessThan(200);
    }
  });

  it('to every function that there is', () => {
    const functions = Object.entries(node).filter(
      ([, value]) => typeof value === 'function' && !/^class\b/.test(String(value)),
    );
    const named = new Set(Object.keys(REFUSED).map((name) => name.replace(/,.*/, '')));
    expect(functions.map(([name]) => name).sort()).toEqual([...named].sort());
  });
});
