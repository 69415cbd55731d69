// Writes vectors/self/*.json with the second implementation in test/support/oracle only: inputs come from a
// stated AES-CTR keystream, so that every run writes the same bytes. Run: npx tsx tools/self-vectors.ts
import { mkdirSync, writeFileSync } from 'node:fs';
import type { HashName } from '../test/support/oracle/cipher.ts';
import { aesEcb, asciiToHex, oddParity } from '../test/support/oracle/cipher.ts';
import type { CodeBlockLayout } from '../test/support/oracle/codeblock.ts';
import { openCodeBlock, sealCodeBlock } from '../test/support/oracle/codeblock.ts';
import { csc } from '../test/support/oracle/csc.ts';
import { cvv } from '../test/support/oracle/cvv.ts';
import { cvvTime, cvvTimeCardKey, timeStep, totp, totpCardKey } from '../test/support/oracle/dcvv2.ts';
import type { EnvelopeAlgorithm, KekAlgorithm } from '../test/support/oracle/envelope.ts';
import { openEnvelope, sealEnvelope } from '../test/support/oracle/envelope.ts';
import type { PanLayout } from '../test/support/oracle/ibm3624.ts';
import {
  naturalPin,
  offsetOf,
  pinFromOffset,
  validationDataFromLayout,
  validationDataFromTemplate,
} from '../test/support/oracle/ibm3624.ts';
import { issuedCodeTag } from '../test/support/oracle/issued.ts';
import type { KeyBlockVersion } from '../test/support/oracle/keyblock.ts';
import { makeKeyBlockHeader, unwrapKeyBlock, wrapKeyBlock } from '../test/support/oracle/keyblock.ts';
import { isLuhnValid, luhnCheckDigit } from '../test/support/oracle/luhn.ts';
import type { PinBlockFormat } from '../test/support/oracle/pinblock.ts';
import {
  decodePinBlock,
  encodePinBlock,
  encryptPinBlock,
  iso4Decipher,
  iso4Encipher,
} from '../test/support/oracle/pinblock.ts';
import { pvv } from '../test/support/oracle/pvv.ts';
import { panOfSequence, sequenceOfPan } from '../test/support/oracle/sequence.ts';
import type { NumericProfile } from '../test/support/oracle/token.ts';
import {
  alphanumericPan,
  alphanumericTokenAndWalk,
  numericPan,
  numericToken,
} from '../test/support/oracle/token.ts';

const FOLDER = new URL('../vectors/self/', import.meta.url);
const STREAM_KEY = asciiToHex('self vectors v 1');
const VERSION = '1';
const KNOWN_KEY = '0123456789ABCDEFFEDCBA9876543210';

type Value = string | number | boolean | { readonly [name: string]: Value };
type Fields = { readonly [name: string]: Value };
type Grade = 'self' | 'own';

function check(condition: boolean, what: string): void {
  if (!condition) throw new Error(`self-vectors: ${what}`);
}

// ---- inputs -----------------------------------------------------------------------------------------------

/** AES-CTR of zeros; the first half of the counter block is the number of the file. */
class Stream {
  readonly #file: string;
  #block = 0;
  #buffer = '';

  constructor(file: number) {
    this.#file = file.toString(16).padStart(16, '0');
  }

  hex(bytes: number): string {
    while (this.#buffer.length < bytes * 2) {
      const counter = this.#file + this.#block.toString(16).padStart(16, '0');
      this.#buffer += aesEcb(STREAM_KEY, counter, 'encrypt');
      this.#block += 1;
    }
    const result = this.#buffer.slice(0, bytes * 2);
    this.#buffer = this.#buffer.slice(bytes * 2);
    return result;
  }

  /** 0 to limit − 1; the bias of the remainder does not matter here. */
  below(limit: number): number {
    return Number(BigInt(`0x${this.hex(8)}`) % BigInt(limit));
  }

  digits(count: number): string {
    let result = '';
    while (result.length < count) result += String(this.below(10));
    return result;
  }

  letters(alphabet: string, count: number): string {
    let result = '';
    while (result.length < count) result += alphabet.charAt(this.below(alphabet.length));
    return result;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('self-vectors: empty list');
    return item;
  }

  tdesKey(bytes: 16 | 24): string {
    const key = oddParity(this.hex(bytes));
    const parts = key.match(/.{16}/g) ?? [];
    check(new Set(parts).size === parts.length, 'equal key halves');
    return key;
  }

  pan(length: number, prefix: string): string {
    const payload = prefix + this.digits(length - 1 - prefix.length);
    return payload + luhnCheckDigit(payload);
  }

  /** A Luhn-valid PAN of a test range. */
  testPan(length: number): string {
    return this.pan(length, this.pick(['400000', '999900', '555555', '990000']));
  }

  /** YYMM */
  expiry(): string {
    return String(27 + this.below(8)) + String(1 + this.below(12)).padStart(2, '0');
  }

  tenant(): string {
    return this.pick(['acme', 'tenant-1', 'T', 'north.example', 'client_0042']);
  }
}

// ---- files ------------------------------------------------------------------------------------------------

function json(value: Value): string {
  if (typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}: ${json(member)}`);
  return `{${members.join(', ')}}`;
}

class VectorFile {
  readonly #name: string;
  readonly #algorithm: string;
  readonly #grade: Grade;
  readonly #notes: string;
  readonly #lines: string[] = [];
  readonly #counts = new Map<string, number>();
  readonly stream: Stream;

  constructor(name: string, file: number, algorithm: string, grade: Grade, notes: string) {
    this.#name = name;
    this.#algorithm = algorithm;
    this.#grade = grade;
    const block = file.toString(16).padStart(16, '0');
    this.#notes =
      `${notes} Inputs: AES-128-CTR of zeros under ${STREAM_KEY}, first counter block ` +
      `${block}0000000000000000; PANs Luhn-valid, keys for tests only.`;
    this.stream = new Stream(file);
  }

  add(op: string, comment: string, fields: Fields): void {
    const count = (this.#counts.get(op) ?? 0) + 1;
    this.#counts.set(op, count);
    const id = `self-${op.replaceAll('.', '-')}-${String(count).padStart(3, '0')}`;
    this.#lines.push(json({ id, source: 'self', op, comment, ...fields }));
  }

  write(): void {
    const source = {
      id: 'self',
      title: 'Second implementation of this project (test/support/oracle)',
      repo_or_doc: 'tools/self-vectors.ts',
      kind: this.#grade,
      version: VERSION,
    };
    const text = [
      '{',
      ` "algorithm": ${JSON.stringify(this.#algorithm)},`,
      ' "source": [',
      `  ${json(source)}`,
      ' ],',
      ` "notes": ${JSON.stringify(this.#notes)},`,
      ' "cases": [',
      this.#lines.map((line) => `  ${line}`).join(',\n'),
      ' ]',
      '}',
      '',
    ].join('\n');
    writeFileSync(new URL(`${this.#name}.json`, FOLDER), text);
    const counts = [...this.#counts].map(([op, count]) => `${op} ${count}`).join(', ');
    console.log(`${this.#name}.json: ${counts}`);
  }
}

// ---- families ---------------------------------------------------------------------------------------------

function secondPass(): void {
  const file = new VectorFile(
    'second-pass',
    1,
    'CVV and PVV whose digits need the second pass of the selection',
    'self',
    'Formats of the families cvv and pvv. Every case needs the second pass: the last block holds fewer ' +
      'decimal digits than are selected. intermediates.final is that block.',
  );
  const { stream } = file;

  const addCvv = (cvk: string, pan: string, expiry: string, serviceCode: string): boolean => {
    const result = cvv(cvk, pan, expiry, serviceCode);
    if (!result.secondPass) return false;
    const kind = { '000': 'CVV2', '999': 'iCVV' }[serviceCode] ?? 'CVV';
    const decimals = result.block.replace(/[A-F]/g, '').length;
    file.add('cvv', `decimal digits in the block: ${decimals}`, {
      cvk,
      pan,
      expiry,
      serviceCode,
      cvv: result.cvv,
      kind,
      intermediates: result.intermediates,
    });
    return true;
  };
  const searchCvv = (
    wanted: number,
    cvk: string,
    expiry: string,
    serviceCode: string,
    prefix: string,
    length: number,
  ): void => {
    const digits = length - 1 - prefix.length;
    let found = 0;
    for (let body = 0; found < wanted; body += 1) {
      check(body < 10 ** digits, 'no further CVV with a second pass');
      const payload = prefix + String(body).padStart(digits, '0');
      if (addCvv(cvk, payload + luhnCheckDigit(payload), expiry, serviceCode)) found += 1;
    }
  };
  // The search upwards from 4000000000000002 comes by both agreed PANs.
  check(cvv(KNOWN_KEY, '4000000000285066', '2812', '201').cvv === '352', 'the first agreed CVV');
  check(cvv(KNOWN_KEY, '4000000000690026', '2812', '201').cvv === '422', 'the second agreed CVV');
  searchCvv(8, KNOWN_KEY, '2812', '201', '400000000', 16);
  searchCvv(4, stream.tdesKey(16), stream.expiry(), '000', '99990000', 16);
  searchCvv(4, stream.tdesKey(16), stream.expiry(), '999', '400000', 13);
  searchCvv(3, stream.tdesKey(16), stream.expiry(), '101', '99000000000', 19);
  searchCvv(3, stream.tdesKey(16), stream.expiry(), '221', '9999000', 15);

  const addPvv = (pvk: string, pan: string, pvki: string, pin: string): boolean => {
    const result = pvv(pvk, pan, pvki, pin);
    if (!result.secondPass) return false;
    file.add('pvv', `block ${result.block}`, {
      pvk,
      pvki,
      pin,
      pvv: result.pvv,
      secondPass: true,
      pan,
    });
    return true;
  };
  const searchPvv = (wanted: number, pvk: string, pan: string, pvki: string, tail: string): void => {
    let found = 0;
    for (let pin = 0; pin < 10_000 && found < wanted; pin += 1) {
      if (addPvv(pvk, pan, pvki, String(pin).padStart(4, '0') + tail)) found += 1;
    }
    check(found > 0, 'no PVV with a second pass found');
  };
  check(pvv(KNOWN_KEY, '4000000000000002', '1', '2687').pvv === '9704', 'the agreed PVV');
  addPvv(KNOWN_KEY, '4000000000000002', '1', '2687');
  for (const length of [12, 13, 14, 15, 16, 16, 17, 18, 19]) {
    const pan = stream.testPan(length);
    searchPvv(3, stream.tdesKey(16), pan, String(1 + stream.below(6)), length === 14 ? '56' : '');
  }
  file.write();
}

function token(): void {
  const file = new VectorFile(
    'token',
    2,
    'PAN tokens, construction "pan-token/1" (FF1 with AES): profiles alphanumeric and numeric',
    'own',
    'Tweak: LP("pan-token/1", kind, tenant, PAN length, keepFirst, keepLast, luhn, kept first digits, kept ' +
      'last digits), where LP writes each part as two-byte big-endian length and ASCII bytes and numbers as ' +
      'decimal text. alphanumeric: keepFirst 6, keepLast 4, luhn "any", the kept digits are those of the PAN ' +
      'itself; symbols 0-9A-Z stand for 0 to 35. numeric: luhn "invalid", "valid" or "any". ' +
      'panLike profiles (valid, any) can equal live PANs.',
  );
  const { stream } = file;
  const keys = [stream.hex(16), stream.hex(24), stream.hex(32)];
  const addAlphanumeric = (key: string, tenant: string, pan: string): void => {
    const { token: value, walk } = alphanumericTokenAndWalk(key, tenant, pan);
    check(alphanumericPan(key, tenant, value) === pan, 'alphanumeric round trip');
    const comment = walk === 0 ? '' : `FF1 applied ${walk + 1} times until the middle held a letter`;
    file.add('token.alphanumeric', comment, { key, tenant, pan, token: value });
  };
  for (const length of [14, 15, 16, 17, 18, 19]) {
    for (const key of keys) addAlphanumeric(key, stream.tenant(), stream.testPan(length));
  }
  // One PAN for two tenants, and PANs whose cycle walk takes more than one step.
  const samePan = stream.testPan(16);
  for (const tenant of ['tenant-a', 'tenant-b']) addAlphanumeric(keys[0] ?? '', tenant, samePan);
  for (const length of [14, 14, 15, 16]) {
    const key = stream.pick(keys);
    let pan = stream.testPan(length);
    while (alphanumericTokenAndWalk(key, 'acme', pan).walk === 0) pan = stream.testPan(length);
    addAlphanumeric(key, 'acme', pan);
  }

  const addNumeric = (key: string, profile: NumericProfile, pan: string): void => {
    const tenant = stream.tenant();
    const value = numericToken(key, tenant, profile, pan);
    check(numericPan(key, tenant, profile, value) === pan, 'numeric round trip');
    check(profile.luhn === 'any' || isLuhnValid(value) === (profile.luhn === 'valid'), 'token Luhn');
    file.add('token.numeric', '', {
      key,
      tenant,
      keepFirst: profile.keepFirst,
      keepLast: profile.keepLast,
      luhn: profile.luhn,
      ...(profile.k === undefined ? {} : { k: profile.k }),
      pan,
      token: value,
    });
  };
  let k = 0;
  for (let length = 12; length <= 19; length += 1) {
    for (const keepFirst of [0, 6, 8] as const) {
      if (length - keepFirst - 1 < 6) continue;
      k = (k % 9) + 1;
      addNumeric(stream.pick(keys), { keepFirst, keepLast: 0, luhn: 'invalid', k }, stream.testPan(length));
    }
  }
  for (const [length, keepFirst] of [
    [12, 0],
    [13, 6],
    [15, 8],
    [16, 6],
    [17, 8],
    [19, 0],
  ] as const) {
    addNumeric(stream.pick(keys), { keepFirst, keepLast: 0, luhn: 'valid' }, stream.testPan(length));
  }
  const anyProfiles = [
    [12, 0, 0],
    [12, 6, 0],
    [14, 8, 0],
    [12, 0, 4],
    [16, 6, 4],
    [16, 6, 0],
    [16, 8, 0],
    [18, 8, 4],
    [19, 6, 4],
    [19, 0, 0],
  ] as const;
  for (const [length, keepFirst, keepLast] of anyProfiles) {
    addNumeric(stream.pick(keys), { keepFirst, keepLast, luhn: 'any' }, stream.testPan(length));
  }
  file.write();
}

function panSequence(): void {
  const file = new VectorFile(
    'pan-sequence',
    3,
    'PAN sequence, construction "pan-seq/1" (FF1 with AES)',
    'self',
    'PAN(n) = IIN, FF1(key, tweak LP("pan-seq/1", IIN, length), n as d digits), check digit; d = length - ' +
      'IIN length - 1, at least 6.',
  );
  const { stream } = file;
  for (const iin of ['400000', '999912', '55555500', '99990042']) {
    for (let length = 12; length <= 19; length += 1) {
      const digits = length - iin.length - 1;
      if (digits < 6) continue;
      const key = stream.hex(stream.pick([16, 24, 32]));
      const last = 10 ** digits - 1;
      for (const n of new Set([stream.pick([0, 1, last]), stream.below(10 ** digits)])) {
        const pan = panOfSequence(key, iin, length, n);
        check(sequenceOfPan(key, iin, length, pan) === BigInt(n), 'sequence round trip');
        const comment = n === last ? 'the last number of the range' : '';
        file.add('pan.sequence', comment, { key, iin, length, n, pan });
      }
    }
  }
  const key = stream.hex(32);
  for (const n of [0, 1, 2, 3, 999_998, 999_999]) {
    const pan = panOfSequence(key, '40000001', 15, n);
    file.add('pan.sequence', 'one range of 10^6', { key, iin: '40000001', length: 15, n, pan });
  }
  file.write();
}

function dcvv2(): void {
  const file = new VectorFile(
    'dcvv2',
    4,
    'Dynamic CVV2, profiles totp and cvv-time',
    'own',
    'time and t0 are UNIX seconds, step = floor((time - t0) / period). totp: RFC 6238 under cardKey, or under ' +
      'HMAC-SHA-256(masterKey, LP("dcvv2/totp/1", PAN, PSN, expiry)). cvv-time: the CVV algorithm with YY = ' +
      'floor(step / 12) mod 100, MM = step mod 12 + 1, service code = floor(step / 1200) mod 996 + 1, under ' +
      'cvk, or under the first 16 bytes (odd parity) of HMAC-SHA-256(masterCvk, LP("dcvv2/cvv-time/1", PAN, ' +
      'PSN, expiry)). expiry is YYMM.',
  );
  const { stream } = file;
  const agreedTime = 1_795_132_800;

  const asciiKey = asciiToHex('12345678901234567890');
  const agreedTotp: [digits: number, codes: string[]][] = [
    [3, ['971', '760', '460']],
    [4, ['0971', '0760', '8460']],
  ];
  for (const [digits, codes] of agreedTotp) {
    codes.forEach((expected, i) => {
      const time = agreedTime + i * 1200;
      const code = totp('SHA1', asciiKey, time, 0, 1200, digits);
      check(code === expected, 'agreed totp value');
      const comment = 'a key provisioned per card';
      file.add('dcvv2.totp', comment, {
        cardKey: asciiKey,
        hash: 'SHA1',
        t0: 0,
        period: 1200,
        digits,
        time,
        code,
      });
    });
  }
  for (const hash of ['SHA1', 'SHA256', 'SHA512'] as const satisfies readonly HashName[]) {
    for (let i = 0; i < 6; i += 1) {
      const masterKey = stream.hex(i === 5 ? 64 : 32);
      const digits = i % 2 === 0 ? 3 : 4;
      const pan = digits === 4 ? stream.pan(15, '370000') : stream.testPan(12 + stream.below(8));
      const psn = stream.digits(2);
      const expiry = stream.expiry();
      const period = stream.pick([30, 60, 300, 1200, 3600]);
      const t0 = stream.pick([0, 1_700_000_000, 1_790_000_017]);
      const time = i === 4 ? t0 : 1_795_132_800 + stream.below(200_000_000);
      const cardKey = totpCardKey(masterKey, pan, psn, expiry);
      const code = totp(hash, cardKey, time, t0, period, digits);
      file.add('dcvv2.totp', i === 4 ? 'step 0' : '', {
        masterKey,
        pan,
        psn,
        expiry,
        hash,
        t0,
        period,
        digits,
        time,
        code,
      });
    }
  }

  const addDirect = (
    comment: string,
    cvk: string,
    pan: string,
    t0: number,
    period: number,
    digits: number,
    time: number,
  ): string => {
    const step = timeStep(time, t0, period);
    const code = cvvTime(cvk, pan, step, digits);
    file.add('dcvv2.cvv-time', comment, { cvk, pan, t0, period, digits, time, step, code });
    return code;
  };
  ['908', '646', '323'].forEach((expected, i) => {
    const code = addDirect('', KNOWN_KEY, '4000001234567899', 0, 1200, 3, agreedTime + i * 1200);
    check(code === expected, 'agreed cvv-time value');
  });
  const edges: [comment: string, step: number][] = [
    ['step 0', 0],
    ['month 12', 11],
    ['the year turns', 12],
    ['the last month of year 99, service code 001', 1199],
    ['service code 002', 1200],
    ['service code 996, the last step before the repetition', 1_195_199],
    ['the repetition: the code of step 0', 1_195_200],
  ];
  const edgeKey = stream.tdesKey(16);
  const edgePan = stream.testPan(16);
  for (const [comment, step] of edges) addDirect(comment, edgeKey, edgePan, 0, 1200, 3, step * 1200 + 1199);
  for (let i = 0; i < 4; i += 1) {
    const pan = i % 2 === 0 ? stream.testPan(13 + i * 2) : stream.pan(15, '370000');
    const time = 1_795_132_800 + stream.below(200_000_000);
    addDirect('', stream.tdesKey(16), pan, 1_700_000_000, stream.pick([300, 1200]), 3 + (i % 2), time);
  }
  for (let i = 0; i < 14; i += 1) {
    const masterCvk = stream.tdesKey(16);
    const digits = i % 3 === 2 ? 4 : 3;
    const pan = digits === 4 ? stream.pan(15, '370000') : stream.testPan(12 + (i % 8));
    const psn = stream.digits(2);
    const expiry = stream.expiry();
    const period = stream.pick([300, 600, 1200, 3600, 86_400]);
    const t0 = stream.pick([0, 1_700_000_000, 1_790_000_017]);
    const time = 1_795_132_800 + stream.below(200_000_000);
    const step = timeStep(time, t0, period);
    const code = cvvTime(cvvTimeCardKey(masterCvk, pan, psn, expiry), pan, step, digits);
    file.add('dcvv2.cvv-time', '', {
      masterCvk,
      pan,
      psn,
      expiry,
      t0,
      period,
      digits,
      time,
      step,
      code,
    });
  }
  file.write();
}

function codeBlock(): void {
  const file = new VectorFile(
    'code-block',
    5,
    'Code blocks: one value of 1 to 12 digits in one TDES block',
    'own',
    'block = TDES-ECB of the 8-byte clear block. random-fill: nibble C, number of digits as one nibble, the ' +
      'digits, random nibbles. F-fill: the digits, then F. zero-fill: the digits, then 0; for these two the ' +
      'number of digits is known to whoever opens.',
  );
  const { stream } = file;
  const add = (layout: CodeBlockLayout, digits: string): void => {
    const key = stream.tdesKey(stream.pick([16, 24]));
    const fill = layout === 'random-fill' ? stream.hex(7).slice(0, 14 - digits.length) : '';
    const block = sealCodeBlock(key, layout, digits, fill);
    check(openCodeBlock(key, layout, block, digits.length) === digits, 'code block round trip');
    file.add('codeblock.open', '', { key, layout, digits, block });
  };
  for (const layout of ['random-fill', 'F-fill', 'zero-fill'] as const) {
    for (let count = 1; count <= 12; count += 1) add(layout, stream.digits(count));
    for (const digits of ['000', '0000', '120']) add(layout, digits);
  }
  file.write();
}

function amexCsc(): void {
  const file = new VectorFile(
    'csc',
    6,
    'American Express CSC version 1: 5CSC and 4CSC',
    'self',
    'Digits 1 to 5 and 6 to 9 of the two-pass selection from TDES(expiry YYMM, PAN digits 3 to 14). The only ' +
      'published example does not reach letters for these nine digits: cases whose comment says so rest on ' +
      'the CVV rule for letters alone.',
  );
  const { stream } = file;
  for (let i = 0; i < 20; i += 1) {
    const csck = i < 4 ? KNOWN_KEY : stream.tdesKey(16);
    const pan = stream.pan(15, stream.pick(['370000', '340000', '379999']));
    const expiry = stream.expiry();
    const result = csc(csck, pan, expiry);
    file.add('amex.csc5', result.secondPass5 ? 'needs letters' : '', {
      csck,
      pan,
      expiry,
      csc: result.csc5,
    });
    file.add('amex.csc4', result.secondPass4 ? 'needs letters' : '', {
      csck,
      pan,
      expiry,
      csc: result.csc4,
    });
  }
  // One 5CSC that needs letters.
  const csck = stream.tdesKey(16);
  let pan = stream.pan(15, '370000');
  while (!csc(csck, pan, '2906').secondPass5) pan = stream.pan(15, '370000');
  file.add('amex.csc5', 'needs letters', { csck, pan, expiry: '2906', csc: csc(csck, pan, '2906').csc5 });
  file.write();
}

function ibm3624(): void {
  const file = new VectorFile(
    'ibm3624',
    7,
    'IBM 3624 natural PIN and offset: longer PINs, layouts from the right, templates',
    'self',
    'Format of the family ibm3624 with two further kinds of validationRule. layout: start (0-based, from the ' +
      'left or the right of the whole PAN; from the right the slice ends start digits before the right end), ' +
      'digits, padSide, padDigit to 16. payshield-template: 12 characters, N replaced by the last five digits ' +
      'of the twelve-digit account number.',
  );
  const { stream } = file;
  const table = (): string => {
    const rest = [...'0123456789', ...stream.digits(1), ...'24680'];
    let result = '';
    while (rest.length > 0) result += rest.splice(stream.below(rest.length), 1).join('');
    return result;
  };
  const add = (
    pinLength: number,
    pan: string,
    validationRule: Fields,
    validationData: string,
    comment: string,
  ): void => {
    const pvk = stream.tdesKey(16);
    const decimalizationTable = stream.pick(['0123456789012345', '1234567890123456', table()]);
    const natural = naturalPin(pvk, validationData, decimalizationTable, pinLength);
    const pin = stream.below(4) === 0 ? natural : stream.digits(pinLength);
    const offset = offsetOf(pin, natural);
    check(pinFromOffset(natural, offset) === pin, 'offset round trip');
    file.add('ibm3624', comment, {
      pvk,
      pan,
      validationRule,
      validationData,
      decimalizationTable,
      pinLength,
      pin,
      offset,
      naturalPin: natural,
    });
  };
  const addLayout = (pinLength: number, panLength: number, layout: PanLayout): void => {
    const pan = stream.testPan(panLength);
    const { start, from, digits, padSide, padDigit } = layout;
    const rule = { kind: 'layout', start, from, digits, padSide, padDigit };
    add(pinLength, pan, rule, validationDataFromLayout(pan, layout), '');
  };
  const padDigits = ['0', 'F', '1', 'A', '9'];
  for (let pinLength = 4; pinLength <= 12; pinLength += 1) {
    for (const from of ['right', 'left'] as const) {
      for (const padSide of ['left', 'right'] as const) {
        const panLength = 12 + stream.below(8);
        const start = stream.below(4);
        const digits = Math.min(16, panLength - start) - stream.below(4);
        const padDigit = stream.pick(padDigits);
        addLayout(pinLength, panLength, { start, from, digits, padSide, padDigit });
      }
    }
  }
  // The twelve-digit account number after four zeros, and the whole of sixteen digits from either side.
  for (const length of [13, 16, 19]) {
    addLayout(6, length, { start: 1, from: 'right', digits: 12, padSide: 'left', padDigit: '0' });
  }
  for (const from of ['left', 'right'] as const) {
    addLayout(8, 19, { start: 0, from, digits: 16, padSide: 'right', padDigit: 'F' });
  }
  for (let pinLength = 5; pinLength <= 12; pinLength += 1) {
    const pan = stream.testPan(12 + stream.below(8));
    const position = pinLength === 5 ? 0 : pinLength === 6 ? 11 : stream.below(12);
    const alphabet = pinLength % 2 === 0 ? '0123456789' : '0123456789ABCDEF';
    const around = stream.letters(alphabet, 11);
    const template = `${around.slice(0, position)}N${around.slice(position)}`;
    const rule = { kind: 'payshield-template', template };
    add(pinLength, pan, rule, validationDataFromTemplate(pan, template), '');
  }
  file.write();
}

function pinBlock(): void {
  const file = new VectorFile(
    'pinblock',
    8,
    'PIN blocks (ISO 9564-1 formats 0 to 4), clear and encrypted',
    'self',
    'Format of the family pinblock: fill is the random digits of formats 1 and 3 from the left, randomFill ' +
      'the 8 random bytes of format 4; pinblock.encrypted is TDES-ECB of the clear block.',
  );
  const { stream } = file;
  const sample = (
    format: PinBlockFormat,
    pinLength: number,
    turn: number,
  ): Fields & {
    pin: string;
    pan: string;
    fill: string;
  } => {
    const pin = stream.digits(pinLength);
    const pan = stream.testPan(12 + (turn % 8));
    const alphabet = { 'ISO-0': '', 'ISO-1': '0123456789ABCDEF', 'ISO-2': '', 'ISO-3': 'ABCDEF' }[format];
    const fill = alphabet === '' ? '' : stream.letters(alphabet, 14 - pinLength);
    return { pin, pan, fill };
  };
  const panOf = (format: PinBlockFormat, pan: string): Fields =>
    format === 'ISO-0' || format === 'ISO-3' ? { pan } : {};
  const fillOf = (fill: string): Fields => (fill === '' ? {} : { fill });
  let turn = 0;
  for (const format of ['ISO-0', 'ISO-1', 'ISO-2', 'ISO-3'] as const) {
    for (let pinLength = 4; pinLength <= 12; pinLength += 1) {
      turn += 1;
      const { pin, pan, fill } = sample(format, pinLength, turn);
      const block = encodePinBlock(format, pin, pan, fill);
      check(decodePinBlock(format, block, pan) === pin, 'PIN block round trip');
      file.add('pinblock.encode', '', {
        format,
        pin,
        ...panOf(format, pan),
        pinBlock: block,
        ...fillOf(fill),
      });
    }
  }
  for (const format of ['ISO-0', 'ISO-1', 'ISO-2', 'ISO-3'] as const) {
    for (let pinLength = 4; pinLength <= 12; pinLength += 1) {
      turn += 3;
      const { pin, pan, fill } = sample(format, pinLength, turn);
      const block = encodePinBlock(format, pin, pan, fill);
      file.add('pinblock.decode', '', { format, pin, ...panOf(format, pan), pinBlock: block });
    }
  }
  for (const format of ['ISO-0', 'ISO-1', 'ISO-3'] as const) {
    for (const pinLength of [4, 5, 6, 8, 12]) {
      turn += 1;
      const { pin, pan, fill } = sample(format, pinLength, turn);
      const key = stream.tdesKey(stream.pick([16, 24]));
      file.add('pinblock.encrypted', '', {
        format,
        pin,
        ...panOf(format, pan),
        ...fillOf(fill),
        key,
        encryptedPinBlock: encryptPinBlock(key, format, pin, pan, fill),
      });
    }
  }
  for (let i = 0; i < 18; i += 1) {
    const key = stream.hex([16, 24, 32][i % 3] ?? 16);
    const pan = stream.testPan(12 + (i % 8));
    const pin = stream.digits(4 + (i % 9));
    const randomFill = stream.hex(8);
    const block = iso4Encipher(key, pin, pan, randomFill);
    check(iso4Decipher(key, block, pan) === pin, 'format 4 round trip');
    file.add('pinblock.iso4-encipher', '', { key, pan, pin, randomFill, pinBlock: block });
  }
  file.write();
}

function keyBlock(): void {
  const file = new VectorFile(
    'key-block',
    9,
    'Key blocks (TR-31 / ANSI X9.143), versions B and D',
    'self',
    'Format of the family tr31: tr31.wrap gives the complete header (length, optional blocks and padding ' +
      'block PB included) and the padding of the key; the padding is the least possible, or hides the ' +
      'length (TDES keys to 24 bytes, AES keys to 32).',
  );
  const { stream } = file;
  const add = (
    versionId: KeyBlockVersion,
    kbpk: string,
    algorithm: 'T' | 'A',
    key: string,
    hideLength: boolean,
    [keyUsage, modeOfUse]: readonly [string, string],
    optionalBlocks: readonly (readonly [string, string])[],
  ): void => {
    const keyBytes = key.length / 2;
    const blockBytes = versionId === 'B' ? 8 : 16;
    const hiddenBytes = hideLength ? (algorithm === 'T' ? 24 : 32) : keyBytes;
    let paddingBytes = hiddenBytes - keyBytes;
    while ((2 + keyBytes + paddingBytes) % blockBytes !== 0) paddingBytes += 1;
    const randomPadding = stream.hex(paddingBytes);
    const keyVersion = stream.pick(['00', '12', '01']);
    const exportability = stream.pick(['E', 'N', 'S']);
    const header = makeKeyBlockHeader({
      versionId,
      keyUsage,
      algorithm,
      modeOfUse,
      keyVersion,
      exportability,
      optionalBlocks,
      keyBytes,
      paddingBytes,
    });
    const block = wrapKeyBlock(kbpk, header, key, randomPadding);
    const unwrapped = unwrapKeyBlock(kbpk, block);
    check(unwrapped.key === key && unwrapped.randomPadding === randomPadding, 'key block round trip');
    const comment = `${kbpk.length * 4}-bit KBPK, ${key.length * 4}-bit ${algorithm === 'T' ? 'TDES' : 'AES'} key`;
    file.add('tr31.wrap', comment, { kbpk, header, key, randomPadding, keyBlock: block });
    file.add('tr31.unwrap', comment, {
      kbpk,
      keyBlock: block,
      key,
      randomPadding,
      versionId,
      keyUsage,
      algorithm,
      modeOfUse,
      keyVersion,
      exportability,
      optionalBlocks: unwrapped.header.optionalBlocks.length,
    });
  };
  const tdesUses = [
    ['P0', 'E'],
    ['C0', 'C'],
    ['V2', 'G'],
    ['D0', 'B'],
    ['K0', 'D'],
    ['M3', 'V'],
  ] as const;
  const aesUses = [
    ['D0', 'B'],
    ['P0', 'D'],
    ['K1', 'E'],
    ['M6', 'G'],
  ] as const;
  const derivationKey = ['B0', 'X'] as const;
  // A key set identifier of 20, 16 or 14 hex digits: for 16 and 14 a version B header needs a PB block, too.
  const keySet = (characters: number): readonly (readonly [string, string])[] => [
    ['KS', `00${stream.hex(10)}`.slice(0, characters)],
  ];
  for (const [kbpkBytes, keyBytes] of [
    [16, 16],
    [24, 16],
    [24, 24],
  ] as const) {
    const kbpk = stream.tdesKey(kbpkBytes);
    add('B', kbpk, 'T', stream.tdesKey(keyBytes), false, stream.pick(tdesUses), []);
    add('B', kbpk, 'T', stream.tdesKey(keyBytes), true, stream.pick(tdesUses), []);
    add('B', kbpk, 'T', stream.tdesKey(keyBytes), false, derivationKey, keySet(20));
    add('B', kbpk, 'T', stream.tdesKey(keyBytes), true, derivationKey, keySet(16));
  }
  for (const kbpkBytes of [16, 24, 32] as const) {
    const kbpk = stream.hex(kbpkBytes);
    for (const keyBytes of [16, 24] as const) {
      add('D', kbpk, 'T', stream.tdesKey(keyBytes), keyBytes === 16, stream.pick(tdesUses), []);
    }
    add('D', kbpk, 'T', stream.tdesKey(16), false, derivationKey, keySet(20));
    for (const keyBytes of [16, 24, 32] as const) {
      if (keyBytes > kbpkBytes) continue;
      add('D', kbpk, 'A', stream.hex(keyBytes), false, stream.pick(aesUses), []);
      add('D', kbpk, 'A', stream.hex(keyBytes), true, stream.pick(aesUses), []);
    }
    add('D', kbpk, 'A', stream.hex(16), true, derivationKey, keySet(14));
  }
  file.write();
}

function envelope(): void {
  const file = new VectorFile(
    'envelope',
    10,
    'Sealed envelopes, version 1: TDES-CBC-HMAC and AES-256-GCM',
    'own',
    'envelope = 01, algorithm (01 TDES-CBC-HMAC, 02 AES-256-GCM), KCV of the KEK (3 bytes; TDES: a zero block ' +
      'enciphered, AES: CMAC of a zero block), key block in ASCII (version B, 112 characters, under a TDES ' +
      'KEK; version D, 144, under an AES KEK; D0 H X 00 N, no optional blocks) with a secret of 32 bytes and ' +
      'the least padding, IV (8 bytes, 12 for AES), ciphertext, tag. Keys: HKDF-SHA-256(secret, no salt, info ' +
      '"enc" or "mac"). TDES-CBC-HMAC: enc 24 bytes with odd parity, ISO 9797-1 padding method 2, mac 32 ' +
      'bytes, tag = HMAC-SHA-256 over LP(all before the tag, context). AES-256-GCM: enc 32 bytes, the IV as ' +
      'nonce, associated data LP(all before the ciphertext, context), tag 16 bytes. LP writes each part as ' +
      'two-byte big-endian length and bytes.',
  );
  const { stream } = file;
  const add = (
    kekAlgorithm: KekAlgorithm,
    kek: string,
    algorithm: EnvelopeAlgorithm,
    plaintext: string,
    context: string,
  ): void => {
    const random = {
      secret: stream.hex(32),
      keyBlockPadding: stream.hex(kekAlgorithm === 'T' ? 6 : 14),
      iv: stream.hex(algorithm === 'TDES-CBC-HMAC' ? 8 : 12),
    };
    const sealed = sealEnvelope(kek, kekAlgorithm, algorithm, plaintext, context, random);
    const opened = openEnvelope(kek, kekAlgorithm, sealed, context);
    check(opened.algorithm === algorithm && opened.plaintext === plaintext, 'envelope round trip');
    const comment =
      `${kek.length * 4}-bit ${kekAlgorithm === 'T' ? 'TDES' : 'AES'} KEK, ` +
      `bytes of plaintext: ${plaintext.length / 2}, of context: ${context.length / 2}`;
    file.add('envelope.open', comment, {
      kek,
      kekAlgorithm,
      algorithm,
      context,
      plaintext,
      envelope: sealed,
    });
  };
  // Every context length from 5 to 40 comes, and none at all.
  const contextLengths = [0, ...Array.from({ length: 36 }, (_, i) => 5 + i)];
  let turn = 0;
  for (const [kekAlgorithm, kekBytes] of [
    ['T', 16],
    ['T', 24],
    ['A', 16],
    ['A', 24],
    ['A', 32],
  ] as const) {
    for (const algorithm of ['TDES-CBC-HMAC', 'AES-256-GCM'] as const) {
      for (const plaintextBytes of [0, 1, 7, 8, 9, 15, 16, 17, 100]) {
        const kek = kekAlgorithm === 'T' ? stream.tdesKey(kekBytes) : stream.hex(kekBytes);
        const contextBytes = contextLengths[turn % contextLengths.length] ?? 0;
        add(kekAlgorithm, kek, algorithm, stream.hex(plaintextBytes), stream.hex(contextBytes));
        turn += 1;
      }
    }
  }
  file.write();
}

function issuedCode(): void {
  const file = new VectorFile(
    'issued-code',
    11,
    'Dynamic CVV2s that are issued one by one: the tag that is stored',
    'own',
    'tag = HMAC-SHA-256(key, LP(tenant, card, generation, nonce, code)), where LP writes each part as ' +
      'two-byte big-endian length and ASCII bytes, the generation as decimal text and the nonce as its 32 hex ' +
      'digits.',
  );
  const { stream } = file;
  const add = (
    comment: string,
    keyBytes: number,
    tenant: string,
    card: string,
    generation: number,
    code: string,
  ): void => {
    const key = stream.hex(keyBytes);
    const nonce = stream.hex(16);
    const tag = issuedCodeTag(key, { tenant, card, generation, nonce, code });
    file.add('dcvv2.issued', comment, { key, tenant, card, generation, nonce, code, tag });
  };
  const keySizes = [16, 20, 24, 32, 48, 64] as const;
  const card = (): string => stream.pick(['card-', 'ref:', 'C', 'north/card#']) + stream.digits(7);
  for (const digits of [3, 4]) {
    for (const keyBytes of keySizes) {
      add('', keyBytes, stream.tenant(), card(), stream.below(100), stream.digits(digits));
    }
  }
  for (const code of ['000', '0000', '012', '9999']) add('', 32, 'acme', 'card-1', 0, code);
  for (const generation of [9, 10, 4_294_967_296, Number.MAX_SAFE_INTEGER]) {
    add('', 32, 'acme', 'card-1', generation, stream.digits(generation % 2 === 0 ? 3 : 4));
  }
  // The lengths in LP tell these apart.
  add('the parts run together as in the next case', 32, 'acme', '1card', 2, '345');
  add('the parts run together as in the case before', 32, 'acme1', 'card', 2, '345');
  add('tenant and card of one character', 32, 'T', '!', 1, stream.digits(3));
  add('tenant and card of 128 characters', 32, 't'.repeat(128), 'Z'.repeat(128), 1, stream.digits(4));
  file.write();
}

mkdirSync(FOLDER, { recursive: true });
secondPass();
token();
panSequence();
dcvv2();
codeBlock();
amexCsc();
ibm3624();
pinBlock();
keyBlock();
envelope();
issuedCode();
