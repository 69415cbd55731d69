/**
 * What a day's work leaves behind, read byte by byte: the database with its log, the export for the embosser, every
 * audit event. No PAN, PIN, code, track or key is there in clear, whatever it is written as.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { PanToken } from '../../src/brand.ts';
import { defineHsmPolicy } from '../../src/hsm/policy.ts';
import type { MethodName } from '../../src/issuer/card-record.ts';
import type { Issuer } from '../../src/issuer/operations.ts';
import { defineProduct, type Product } from '../../src/issuer/product.ts';
import { exportFileSink } from '../../src/node/export-file.ts';
import { defineIbm3624Method } from '../../src/pin/ibm3624-method.ts';
import { definePinPolicy } from '../../src/pin/weak-pin.ts';
import { createStoreKeyStore } from '../../src/store/key-store.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import { tell, within } from '../support/fault.ts';
import { oddParity } from '../support/oracle/cipher.ts';
import { cvv } from '../support/oracle/cvv.ts';
import { dynamicCode, keyHex } from '../support/shared-stores.ts';
import { databasePath, libsqlClient } from '../support/stores.ts';
import { KEYS, openWorld, POLICY_OF_TESTS, PRODUCTS, type World } from '../support/world.ts';

const folder = mkdtempSync(join(tmpdir(), 'cardwright-scan-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** How digits may be written: as text of one or two bytes, packed, as bytes, as a number. */
function writings(digits: string): { readonly [writing: string]: Buffer } {
  const number = Buffer.alloc(8);
  number.writeBigUInt64BE(BigInt(digits));
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  return {
    ASCII: Buffer.from(digits),
    'UTF-16LE': Buffer.from(digits, 'utf16le'),
    'UTF-16BE': Buffer.from(digits, 'utf16le').swap16(),
    BCD: Buffer.from(even, 'hex'),
    bytes: Buffer.from([...digits].map(Number)),
    'number, big end first': number,
    'number, little end first': Buffer.from(number).reverse(),
    base64: Buffer.from(Buffer.from(digits).toString('base64').slice(0, -4)),
  };
}

/** How the bytes of a key may be written. */
function keyWritings(hex: string): { readonly [writing: string]: Buffer } {
  const bytes = Buffer.from(hex, 'hex');
  const base64 = (skip: number): Buffer => Buffer.from(bytes.subarray(skip).toString('base64').slice(0, 16));
  return {
    bytes,
    'upper-case hex': Buffer.from(hex.toUpperCase()),
    'lower-case hex': Buffer.from(hex.toLowerCase()),
    base64: base64(0),
    'base64, one on': base64(1),
    'base64, two on': base64(2),
  };
}

/** Which of the values stand in the contents. Packed digits are looked for at half bytes too. */
function found(
  contents: Buffer,
  values: ReadonlyMap<string, { readonly [writing: string]: Buffer }>,
): string[] {
  const halves = Buffer.from(contents.toString('hex'));
  const hits: string[] = [];
  for (const [name, forms] of values) {
    for (const [writing, bytes] of Object.entries(forms))
      if (contents.includes(bytes)) hits.push(`${name} ${writing}`);
    const packed = forms['BCD'];
    if (packed !== undefined && halves.includes(packed.toString('hex').replace(/^0/, '')))
      hits.push(`${name} at half bytes`);
  }
  return hits;
}

const { sealed } = PRODUCTS as { readonly sealed: Product };

const TWELVE = defineIbm3624Method({
  dectab: '0123456789012345',
  validationData: { start: 0, from: 'left', digits: 16, padSide: 'right', padDigit: 'F' },
  pinLength: 12,
});

/** PINs so long that none comes about by chance. */
const long = defineProduct({
  id: 'long',
  scheme: 'visa',
  funding: 'debit',
  range: sealed.range,
  sequenceKey: sealed.sequenceKey,
  tokens: sealed.tokens,
  cvk: sealed.cvk,
  serviceCode: sealed.serviceCode,
  validityMonths: 36,
  unblocksPerDay: 5,
  dynamicCvv2: { key: 'dynamic', lifetimeSeconds: 600 },
  pin: {
    method: 'ibm3624',
    table: 'twelve' as MethodName,
    pvk: 'pvk.ibm',
    tagKey: 'pins',
    length: 12,
    tryLimit: 3,
    recoverable: true,
  },
});

const PINS = ['604193857126', '918273465061', '275916408352'] as const;

/** Every operation of an issuer, several times over: the cards that were made. */
async function dayOfWork(world: World, path: string): Promise<{ tokens: PanToken[]; asked: Set<string> }> {
  const asked = new Set<string>();
  const issuer = new Proxy(world.issuer, {
    get(target, name: keyof Issuer) {
      asked.add(name);
      return target[name];
    },
  });
  const tokens: PanToken[] = [];
  const { customer, account } = await world.account('day');
  const other = await world.account('another');
  const emboss = () => world.permit('emboss');
  for (let i = 0; i < 8; i++) {
    const embossing = { client: 'EMB', name: 'HOLDER/A', delivery: '1 Road', permit: emboss() } as const;
    const added = await issuer.addCard({ requestId: `add.${i}`, product: 'long', account, embossing });
    const { token } = added.card;
    tokens.push(token);
    const card = { token };
    await issuer.acknowledgeReceipt({ token, proof: { panDigits: (await world.panOf(token)).slice(8, -4) } });
    await issuer.blockCard(card);
    await issuer.unblockCard(card);
    const block = (pin: string) => world.block(token, pin);
    const set = () => world.permit('set-pin');
    const reveal = () => ({ client: 'ATM', permit: world.permit('reveal-pin') });
    await issuer.assignPin({ token, client: 'ATM', block: await block(PINS[0]), permit: set() });
    for (const pin of [PINS[0], PINS[1]])
      await issuer.validatePin({ token, client: 'ATM', block: await block(pin) });
    await issuer.changePin({
      token,
      client: 'ATM',
      current: await block(PINS[0]),
      requested: await block(PINS[2]),
    });
    await issuer.pinTries(card);
    await issuer.blockPin(card);
    await issuer.unblockPin({ token, permit: world.permit('unblock-pin'), reveal: reveal() });
    await issuer.revealPin({ token, ...reveal() });
    await issuer.securityCodes({ token, channel: 'A', client: 'ATM', permit: world.permit('reveal-pin') });
    for (let wrong = 0; wrong < 5; wrong++) await issuer.validateCvv2({ token, candidate: 'none' });
    await issuer.unblockCodes({ token, permit: world.permit('unblock-pin') });
    await issuer.validateCvv2({ token, candidate: '123' });
    asked.add('dynamicCvv2');
    await issuer.validateCvv2({ token, candidate: await dynamicCode(world, token) });
    await issuer.setCardLimit({ token, limit: 1000 + i });
    await issuer.cardLimit(card);
    await issuer.panForToken({ token, client: 'ATM', permit: world.permit('reveal-pan') });
    const { pan } = await issuer.revealPan({ token, permit: world.permit('reveal-pan') });
    await issuer.tokenForPan({ pan, permit: world.permit('find-token') });
    await issuer.revealCvv2({ token, permit: world.permit('reveal-cvv2') });
    await issuer.transferCard({ token, account: other.account });
    await issuer.cardStatus(card);
    const permit = world.permit('issuance');
    const again = { requestId: `again.${i}`, embossing } as const;
    if (i % 2 === 0) {
      await issuer.reissueCard({ token, ...again, reason: 'damaged', pin: 'kept' });
      await issuer.activateCard(card);
      await issuer.renewPin({ token, permit: set(), reveal: reveal() });
      await issuer.assignPin({ token, client: 'ATM', block: await block(PINS[1]), permit: set() });
      await issuer.cancelCard(card);
    } else {
      const made = await issuer.reissueCard({ token, ...again, reason: 'stolen', pin: 'kept', permit });
      tokens.push(made.card.token);
    }
  }
  const instant = { requestId: 'instant', product: 'long', customer, account: 'instant-account' };
  tokens.push((await issuer.issueInstantCard(instant)).card.token);
  const sink = exportFileSink(path);
  const embosser = { client: 'EMB', pinBlockFormat: 'ISO-0', sink, permit: emboss } as const;
  for await (const _ of issuer.issueBatch({
    batchId: 'day',
    product: 'classic',
    quantity: 50,
    chunk: 20,
    embosser,
  }));
  await issuer.batchReport({ batchId: 'day' });
  await issuer.reindexCards({});
  expect(issuer.accounts).toBe(world.issuer.accounts);
  for (let line = 1; line <= 50; line++) {
    const [record] = await world.store.find({ unique: `line/day/${line}` });
    tokens.push(record?.id as PanToken);
  }
  return { tokens, asked };
}

it(
  'ST-10 nothing that a day leaves behind shows a PAN, a PIN, a code or a key',
  async () => {
    const path = databasePath();
    const client = libsqlClient(path);
    const store = createSqliteStore(client);
    const world = await openWorld({
      store,
      keyStore: createStoreKeyStore(store),
      products: [...Object.values(PRODUCTS), long],
      policy: defineHsmPolicy({
        pins: definePinPolicy({ maxLength: 12 }),
        ibm3624Methods: { ...POLICY_OF_TESTS.ibm3624Methods, twelve: TWELVE },
      }),
    });
    const exported = join(folder, 'export');
    const { tokens, asked } = await dayOfWork(world, exported);
    expect(Object.keys(world.issuer).filter((name) => !asked.has(name))).toEqual([]);

    const pans = await Promise.all(tokens.map((token) => world.panOf(token)));
    const values = new Map(pans.map((pan, i) => [`PAN ${i}`, writings(pan)]));
    for (const [i, pin] of PINS.entries()) values.set(`PIN ${i}`, writings(pin));
    for (const [label, [{ algorithm }, keyBytes]] of [
      ...Object.entries(KEYS),
      ['storage', [{ algorithm: 'A' }, 32]] as const,
    ]) {
      const hex = keyHex(label, keyBytes);
      values.set(`key ${label}`, keyWritings(algorithm === 'T' ? oddParity(hex) : hex));
    }

    const files = ['', '-wal', '-shm'].map((end) => path + end).filter((file) => existsSync(file));
    expect(files.length).toBe(3);
    const places: { readonly [name: string]: Buffer } = {
      ...Object.fromEntries(
        files.map((file, i) => [['database', 'log', 'index of the log'][i], readFileSync(file)]),
      ),
      export: readFileSync(exported),
      audit: Buffer.from(JSON.stringify([world.events, world.hsmEvents])),
    };
    let bytes = 0;
    for (const [place, contents] of Object.entries(places)) {
      expect(found(contents, values), place).toEqual([]);
      bytes += contents.length;
    }

    // Values of three and four digits come about by chance anywhere; in the record of their card they stand alone nowhere.
    const cvk = oddParity(keyHex('cvk', 16));
    let codes = 0;
    for (const [i, token] of tokens.entries()) {
      const { body, unique } = (await store.get('card', token)) as NonNullable<
        Awaited<ReturnType<typeof store.get>>
      >;
      const { expiry, serviceCode } = await world.issuer.cardStatus({ token });
      const words = new Set(`${body} ${unique.join(' ')}`.split(/[^0-9A-Za-z]+/));
      for (const code of [serviceCode, '000', '999'].map(
        (service) => cvv(cvk, pans[i] as string, expiry, service).cvv,
      )) {
        if (code === serviceCode) continue;
        expect(words.has(code)).toBe(false);
        codes++;
      }
    }
    client.close();

    // The same look finds each value where it is planted, in each writing, at even and odd places.
    let planted = 0;
    for (const [name, forms] of values)
      for (const [writing, form] of Object.entries(forms)) {
        const noise = Buffer.alloc(1001 + (planted % 2), 0xa7);
        form.copy(noise, 500);
        expect(found(noise, new Map([[name, forms]]))).toContain(`${name} ${writing}`);
        planted++;
      }
    const half = Buffer.from(`a7${pans[0]}7`.padEnd(40, 'a'), 'hex');
    const shifted = Buffer.from(`a${half.toString('hex').slice(2)}`.padEnd(40, 'a'), 'hex');
    expect(found(shifted, new Map([['PAN 0', writings(pans[0] as string)]]))).toContain(
      'PAN 0 at half bytes',
    );

    tell(
      'scan',
      {
        operations: asked.size,
        cards: tokens.length,
        values: values.size,
        codes,
        events: world.events.length + world.hsmEvents.length,
        found: 0,
        planted,
      },
      { bytes },
    );
    expect(bytes).toBeGreaterThan(100_000);
    expect(codes).toBeGreaterThan(150);
  },
  within(60),
);
