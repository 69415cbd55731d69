/** Products: every property that is missing, unknown or out of range is refused, and named. */
import { describe, expect, it } from 'vitest';
import { PaymentCryptoError } from '../../src/error.ts';
import { defineProduct, type ProductDefinition } from '../../src/issuer/product.ts';
import { parseServiceCode } from '../../src/pan/card-data.ts';
import { definePanRange } from '../../src/pan/range.ts';
import { TOKENS } from '../support/world.ts';

const pvv = {
  method: 'pvv',
  pvk: 'pvk',
  pvki: '1',
  tagKey: 'pins',
  length: 4,
  tryLimit: 3,
  recoverable: false,
};
const { pvki: _, ...bare } = pvv;
const ibm = { ...bare, method: 'ibm3624', table: 'standard' };
const window = { past: 1, future: 0 };
const cvvTime = { profile: 'cvv-time', key: 'dynamic', t0: 0, periodSeconds: 30, window };
const totp = { ...cvvTime, profile: 'totp', hash: 'SHA-256' };
const SOUND = {
  id: 'p',
  scheme: 'visa',
  funding: 'debit',
  range: definePanRange({ iin: '400000', length: 16 }),
  sequenceKey: 'sequence',
  tokens: TOKENS,
  cvk: 'cvk',
  serviceCode: parseServiceCode('201'),
  validityMonths: 36,
};

const define = (more: object) => defineProduct({ ...SOUND, ...more } as ProductDefinition);

it('a product with nothing but what it must have gets the defaults', () => {
  expect(define({})).toEqual({
    ...SOUND,
    cvv2Expiry: 'YYMM',
    pin: undefined,
    codeTryLimit: 5,
    activationTryLimit: 3,
    dynamicCvv2: undefined,
    unblocksPerDay: 1,
  });
});

it('what it may have at its ends is taken', () => {
  for (const more of [
    { validityMonths: 1, codeTryLimit: 1, activationTryLimit: 1, unblocksPerDay: 0 },
    { validityMonths: 240, codeTryLimit: 99, activationTryLimit: 99, unblocksPerDay: 99 },
    { id: 'A.b-c_1'.padEnd(32, 'x'), cvk: 'a/b.c_d-e'.padEnd(64, 'x') },
    { pin: { ...pvv, tryLimit: 99, recoverable: true, sealKey: 'seal' } },
    { pin: ibm },
    { pin: { ...ibm, recoverable: true } },
    { dynamicCvv2: { key: 'dynamic', lifetimeSeconds: 86_400 } },
    { dynamicCvv2: { profile: 'issued', key: 'dynamic', lifetimeSeconds: 1 } },
    { dynamicCvv2: totp },
    { dynamicCvv2: cvvTime },
  ])
    expect(define(more)).toMatchObject(more);
});

it('a product cannot be changed, nor is it by what it was made of', () => {
  const pin = { ...pvv };
  const tokens = { ...TOKENS };
  const product = define({ pin, tokens });
  pin.tryLimit = 99;
  (tokens as { key: string }).key = 'another';
  expect([product.pin?.tryLimit, product.tokens.key]).toEqual([3, 'tokens']);
  for (const part of [product, product.pin, product.tokens, product.range])
    expect(Object.isFrozen(part)).toBe(true);
});

/** Property → values that it must not have, and the code where it is not ERR_INPUT. */
const WRONG: [path: string, values: unknown[], code?: string][] = [
  ['id', [undefined, '', 'a b', 'x'.repeat(33), 7, null]],
  ['scheme', [undefined, 'VISA', 'diners', null]],
  ['funding', [undefined, 'charge', 1]],
  ['range', [undefined, { iin: '400000', length: 16 }, null]],
  ['sequenceKey', [undefined, '', 'a b', 'x'.repeat(65)]],
  ['cvk', [undefined, '', 7]],
  ['serviceCode', [undefined, '20', '2011', 201], 'ERR_SERVICE_CODE'],
  ['cvv2Expiry', ['MMDD', 1]],
  ['validityMonths', [undefined, 0, 241, 1.5, '36']],
  ['codeTryLimit', [0, 100, '5']],
  ['activationTryLimit', [0, 100, 0.5]],
  ['unblocksPerDay', [-1, 100, true]],
  ['tokens', [undefined, 'tokens', []]],
  ['tokens.key', ['', undefined]],
  ['tokens.profile', [undefined, 'alphanumeric']],
  ['tokens.tenant', ['', 'a b', 'x'.repeat(129), undefined]],
  ['pin', [7, []]],
  ['pin.pvk', [undefined, 'a b']],
  ['pin.tagKey', [undefined, '']],
  ['pin.length', [undefined, 3, 13, '4']],
  ['pin.tryLimit', [undefined, 0, 100]],
  ['pin.recoverable', [undefined, 'no', 0]],
  ['pin.method', [undefined, 'diebold']],
  ['pin.sealKey', ['seal']],
  ['pin.pvki', [undefined, 'A', '10', 1], 'ERR_INDEX'],
  ['dynamicCvv2', [true]],
  ['dynamicCvv2.key', [undefined, '']],
  ['dynamicCvv2.lifetimeSeconds', [undefined, 0, 86_401]],
];

describe.each(WRONG)('%s', (path, values, code = 'ERR_INPUT') => {
  it.each(values.map((value) => [value]))('%j is refused', (value) => {
    const [name = '', inner] = path.split('.');
    const whole = { tokens: TOKENS, pin: pvv, dynamicCvv2: { key: 'dynamic', lifetimeSeconds: 60 } };
    const part = inner === undefined ? value : { ...whole[name as keyof typeof whole], [inner]: value };
    const act = () => define({ [name]: part });
    expect(act).toThrow(PaymentCryptoError);
    expect(act).toThrow(expect.objectContaining({ code }));
    expect(act).toThrow(inner ?? name);
  });
});

it('a PIN that comes back needs its seal beside a PVV, and none beside an offset', () => {
  for (const pin of [
    { ...pvv, recoverable: true },
    { ...pvv, sealKey: 'seal' },
    { ...ibm, recoverable: true, sealKey: 'seal' },
    { ...pvv, recoverable: true, sealKey: 'a b' },
  ])
    expect(() => define({ pin })).toThrow(expect.objectContaining({ field: 'pin.sealKey' }));
});

it('codes by time are said in full', () => {
  const wrong: object[] = [
    { ...totp, profile: 'hotp' },
    { ...totp, key: '' },
    { ...totp, t0: -1 },
    { ...totp, periodSeconds: 0 },
    { ...totp, periodSeconds: 604_801 },
    { ...totp, window: undefined },
    { ...totp, window: { past: 3, future: 0 } },
    { ...totp, window: { past: 0 } },
    { ...totp, hash: 'MD5' },
    { ...totp, hash: undefined },
    { ...totp, lifetimeSeconds: 60 },
    { ...cvvTime, hash: 'SHA-1' },
    { key: 'dynamic', lifetimeSeconds: 60, t0: 0 },
  ];
  for (const dynamicCvv2 of wrong)
    expect(() => define({ dynamicCvv2 })).toThrow(expect.objectContaining({ code: 'ERR_INPUT' }));
});

it('a method is named, a name is known, and a range has room for six digits', () => {
  for (const table of [undefined, '', 'a b', 'x'.repeat(33)])
    expect(() => define({ pin: { ...ibm, table } })).toThrow(expect.objectContaining({ field: 'pin.table' }));
  for (const more of [{ colour: 'gold' }, { pin: { ...pvv, colour: 'gold' } }, { dynamicCvv2: { keys: '' } }])
    expect(() => define(more)).toThrow(expect.objectContaining({ code: 'ERR_INPUT' }));
  const range = definePanRange({ iin: '40000000', length: 14 });
  expect(() => define({ range })).toThrow(expect.objectContaining({ code: 'ERR_DOMAIN_TOO_SMALL' }));
  expect(() => defineProduct(null as never)).toThrow(expect.objectContaining({ code: 'ERR_INPUT' }));
});
