/**
 * Built-ins that are replaced after the library was loaded. Whoever can do that in a process can read its memory as
 * well, and nothing here keeps a secret from him; what holds is that randomness stays that of the platform, and that
 * a single replaced function makes a refusal fail, not pass: no wrong value becomes right, nothing forbidden is done.
 */
import { describe, expect, it } from 'vitest';
import * as cw from '../../src/index.ts';
import { makeFixture } from '../support/public-calls.ts';

const f = makeFixture();

const changed = (bytes: Uint8Array): Uint8Array =>
  bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte));
const right = cw.generateCvv(f.keys.cvk, f.card);
const wrong = String((Number(right) + 1) % 1000).padStart(3, '0');
const envelope = changed(f.envelope);
const keyBlock = cw.wrapKeyBlock(f.keys.kekAes, f.marker, 'D').replace(/.$/, (c) => (c === '0' ? '1' : '0'));
const block = cw.encryptPinBlock(f.keys.pek, cw.parsePin('8365'), f.pan, 'ISO-0');
const pinKeys = { pek: f.keys.pek, pvk: f.keys.pvkVisa };
const translation = { from: f.keys.pek, to: f.keys.pek2 };
const blocked = { limit: 3, epoch: 0, taken: 3, cleared: 0, issuerBlocked: false };
const weak = cw.parsePin('123456');

/** What is forbidden or wrong: none may answer true. */
const QUESTIONS: { readonly [name: string]: () => boolean } = {
  'a wrong CVV': () => cw.verifyCvv(f.keys.cvk, f.card, wrong),
  'no CVV': () => cw.verifyCvv(f.keys.cvk, f.card, ''),
  'a wrong PIN': () => cw.verifyPinBlock(pinKeys, block, f.pan, f.reference),
  'a changed envelope': () => cw.openEnvelope(f.keys.kekAes, envelope, f.context).length > 0,
  'a changed key block': () => cw.unwrapKeyBlock(f.keys.kekAes, keyBlock).keyBytes > 0,
  'a key of another usage': () => cw.generateCvv(f.keys.pek as never, f.card).length > 0,
  'no capability': () => cw.revealPin(f.pin, {} as never).length > 0,
  'a capability of another scope': () => cw.revealPin(f.pin, f.exportPermit).length > 0,
  'a translation that is closed': () =>
    cw.translatePinBlock(translation, f.block, { pan: f.pan, targetPan: f.pan }, 'ISO-1').format === 'ISO-1',
  'a translation to another PAN': () =>
    cw.translatePinBlock(translation, f.block, { pan: f.pan, targetPan: f.luhnPan }, 'ISO-0').block !== '',
  'a weak PIN': () => cw.requirePinPolicy(weak, f.policy) === undefined,
  'a try on a blocked PIN': () => cw.takeTry(blocked) !== undefined,
};

const TypedArray: object = Object.getPrototypeOf(Uint8Array.prototype);
const OWNERS: { readonly [name: string]: object } = {
  Array,
  'Array.prototype': Array.prototype,
  ArrayBuffer,
  Function: Function.prototype,
  JSON,
  'Map.prototype': Map.prototype,
  Math,
  Number,
  Object,
  'Object.prototype': Object.prototype,
  Reflect,
  'RegExp.prototype': RegExp.prototype,
  'Set.prototype': Set.prototype,
  'String.prototype': String.prototype,
  'TypedArray.prototype': TypedArray,
  'WeakMap.prototype': WeakMap.prototype,
  'WeakSet.prototype': WeakSet.prototype,
};
const BUILT_INS = Object.entries(OWNERS).flatMap(([owner, of]) =>
  Object.getOwnPropertyNames(of)
    .filter((name) => name !== 'constructor')
    .map((name) => ({ name: `${owner}.${name}`, of, property: name }))
    .filter(({ property }) => {
      const is = Object.getOwnPropertyDescriptor(of, property);
      return typeof is?.value === 'function' && is.configurable === true;
    }),
);

/** Calls of a replaced function after which a question is given up: some loops never end with it. */
const MOST_CALLS = 100_000;

/** As they are now: they are among those that are replaced. */
const { defineProperty, getOwnPropertyDescriptor } = Object;

/** What a question comes to while a built-in is another; the answer is looked at once it is back. */
function answerWith(of: object, property: string, result: unknown, question: () => boolean): unknown {
  const was = getOwnPropertyDescriptor(of, property) as PropertyDescriptor;
  let calls = 0;
  const value = (): unknown => {
    if (++calls > MOST_CALLS) throw was;
    return result;
  };
  let answer: unknown;
  defineProperty(of, property, { ...was, value });
  try {
    answer = question();
  } catch {
    answer = 'refused';
  }
  defineProperty(of, property, was);
  return answer;
}

describe('JS-10 a built-in that is replaced', () => {
  it('was not needed for a no: each question is answered with one', () => {
    for (const question of Object.values(QUESTIONS))
      expect(answerWith({ value() {} }, 'value', 0, question)).not.toBe(true);
    expect(BUILT_INS.length).toBeGreaterThan(200);
  });

  it.each([
    ['true', true],
    ['false', false],
    ['nothing', undefined],
    ['zero', 0],
    ['an empty list', Object.freeze([])],
  ])('by one that answers %s turns no no into a yes', (_, result) => {
    const passed: string[] = [];
    for (const { name, of, property } of BUILT_INS)
      for (const [asked, question] of Object.entries(QUESTIONS))
        if (answerWith(of, property, result, question) === true) passed.push(`${asked} by ${name}`);
    expect(passed).toEqual([]);
  });

  it('would be noticed: a comparison that asks one is turned round by it', () => {
    const careless = (): boolean => ['123'].includes(wrong);
    expect(answerWith(Array.prototype, 'includes', true, careless)).toBe(true);
  });

  it('does not reach the random source: it is that of when the library was loaded', () => {
    const was = Object.getOwnPropertyDescriptor(crypto, 'getRandomValues');
    const random = Math.random;
    let asked = 0;
    const value = <T>(out: T): T => {
      asked++;
      return out;
    };
    Object.defineProperty(crypto, 'getRandomValues', { value, configurable: true });
    Math.random = () => {
      asked++;
      return 0;
    };
    try {
      const kcvs = Array.from({ length: 50 }, () => cw.randomKey(f.keys.dataAes.attributes, 16).kcv);
      expect(new Set(kcvs).size).toBeGreaterThan(40);
      cw.encryptPinBlock(f.keys.pek, f.pin, f.pan, 'ISO-3');
      cw.randomPin(f.policy, 4);
      cw.randomPan(f.range);
      cw.sealEnvelope(f.keys.kekAes, f.plaintext, f.context, { algorithm: 'AES-256-GCM' });
    } finally {
      Math.random = random;
      if (was === undefined) delete (crypto as { getRandomValues?: unknown }).getRandomValues;
      else Object.defineProperty(crypto, 'getRandomValues', was);
    }
    expect(asked).toBe(0);
  });
});
