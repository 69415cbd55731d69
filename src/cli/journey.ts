/** The journey of a card from its batch to its end, on an SQLite file, as `cardwright demo` shows it. */
import type { CustomerId, Pan, PanToken, Pvki, SealedEnvelope } from '../brand.ts';
import { base64ToBytes } from '../bytes/base64.ts';
import { hexToBytes } from '../bytes/hex.ts';
import { asciiToBytes } from '../bytes/length-prefixed.ts';
import { openCode } from '../envelope/code-block.ts';
import { openEnvelope } from '../envelope/envelope.ts';
import type { CardCodes } from '../hsm/functions.ts';
import { createSoftHsm } from '../hsm/soft-hsm.ts';
import { createIssuer } from '../issuer/issuer.ts';
import type { Issuer } from '../issuer/operations.ts';
import { defineProduct, type Product } from '../issuer/product.ts';
import { type CapabilityAuthority, createCapabilityAuthority } from '../keys/capability.ts';
import { randomKey } from '../keys/random-key.ts';
import { type AuditFile, openAuditFile } from '../node/audit-file.ts';
import { exportFileSink, readExportFile } from '../node/export-file.ts';
import { parseServiceCode } from '../pan/card-data.ts';
import { definePanRange } from '../pan/range.ts';
import { parsePin } from '../pin/clear-pin.ts';
import { encryptPinBlock } from '../pinblock/encrypt.ts';
import type { EncryptedPinBlock } from '../pinblock/format.ts';
import { createStoreKeyStore } from '../store/key-store.ts';
import { createSqliteStore } from '../store/sqlite.ts';
import { defineTokenProfile } from '../token/profile.ts';
import type { AttemptOutcome } from '../tries/attempt.ts';
import { type ClientHands, makeKeys, systemClock } from './journey-keys.ts';
import { openSqlite, type SqliteConnection } from './sqlite.ts';

/** The product of the journey. */
export function journeyProduct(): Product {
  return defineProduct({
    id: 'classic',
    scheme: 'visa',
    funding: 'debit',
    range: definePanRange({ iin: '400000', length: 16 }),
    sequenceKey: 'sequence',
    tokens: { key: 'tokens', profile: defineTokenProfile({ kind: 'alphanumeric' }), tenant: 'demo' },
    cvk: 'cvk',
    serviceCode: parseServiceCode('201'),
    validityMonths: 48,
    pin: {
      method: 'pvv',
      pvk: 'pvk',
      pvki: '1' as Pvki,
      tagKey: 'pin-tags',
      length: 4,
      tryLimit: 3,
      recoverable: false,
    },
    dynamicCvv2: { key: 'dynamic', lifetimeSeconds: 900 },
  });
}

/** Where the journey's files are. */
export interface JourneyFiles {
  readonly database: string;
  readonly exported: string;
  readonly audit: string;
}

/** An issuer on the files, and who may do what. */
export interface Opened {
  readonly issuer: Issuer;
  readonly authority: CapabilityAuthority;
  /** What the client got, where the keys were made now. */
  readonly hands: ClientHands | undefined;
  close(): Promise<void>;
}

/** What keys rest under: made for the journey, and gone with it. */
export const journeyStorageKey = (): ReturnType<typeof randomKey<'K1'>> =>
  randomKey({ usage: 'K1', algorithm: 'A', mode: 'B', exportability: 'N' }, 32);

/** Opens the issuer on its files; makes keys where there are none. */
export async function openIssuer(
  files: JourneyFiles,
  storageKey: ReturnType<typeof journeyStorageKey>,
): Promise<Opened> {
  const audit = await openAuditFile(files.audit);
  let client: SqliteConnection | undefined;
  const close = async (): Promise<void> => {
    client?.close();
    await audit.close();
  };
  try {
    client = await openSqlite(files.database);
    return { ...(await issuerOn(client, audit, storageKey)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The issuer on an open database. */
async function issuerOn(
  client: SqliteConnection,
  audit: AuditFile,
  storageKey: ReturnType<typeof journeyStorageKey>,
): Promise<Omit<Opened, 'close'>> {
  const store = createSqliteStore(client);
  const keyStore = createStoreKeyStore(store);
  const authority = createCapabilityAuthority(systemClock);
  const hsm = createSoftHsm({ storageKey, keyStore, authority, clock: systemClock, audit: audit.hook });
  const hands = (await hsm.listKeys()).length === 0 ? await makeKeys(hsm, authority) : undefined;
  const issuer = await createIssuer({
    hsm,
    store,
    keys: { records: 'records', panIndex: ['pan-index'] },
    products: [journeyProduct()],
    clients: { ATM: { pek: 'client.pek', codes: 'client.codes', kek: 'client.kek' } },
    clock: systemClock,
    audit: audit.hook,
  });
  return { issuer, authority, hands };
}

/** A batch into the database and the embosser's file. */
export async function runBatch(
  { issuer, authority }: Opened,
  files: JourneyFiles,
  quantity: number,
  step: (done: number) => void,
): Promise<{ readonly done: number; readonly inStock: number }> {
  const request = {
    batchId: 'stock-1',
    product: 'classic',
    quantity,
    embosser: {
      client: 'ATM',
      pinBlockFormat: 'ISO-0',
      sink: exportFileSink(files.exported),
      permit: () => authority.grant('emboss', 60),
    },
  } as const;
  let report = { done: 0, inStock: 0 };
  for await (const progress of issuer.issueBatch(request)) {
    step(progress.done);
    report = progress.report ?? report;
  }
  return report;
}

/** Number and PIN block of the first card of the batch, as its embosser reads them. */
export async function firstOfBatch(
  files: JourneyFiles,
  { kek }: ClientHands,
): Promise<{ readonly pan: Pan; readonly pinBlock: EncryptedPinBlock }> {
  for await (const { envelopes } of readExportFile(files.exported)) {
    const sealed = base64ToBytes(envelopes[0], 100_000) as Uint8Array;
    const rows = openEnvelope(kek, sealed, asciiToBytes('batch/stock-1', 'context'));
    const [, row = ''] = new TextDecoder().decode(rows).split('\n');
    const cells = row.split(',');
    return { pan: cells[0] as Pan, pinBlock: { format: 'ISO-0', block: cells.at(-1) as string } };
  }
  throw new Error('an export without rows');
}

/** A PIN in a block, as a cash machine makes it. */
export function blockOf({ pek }: ClientHands, pan: Pan, pin: string): EncryptedPinBlock {
  return encryptPinBlock(pek, parsePin(pin), pan, 'ISO-3');
}

/** A code out of its block, as the client reads it. */
export function codeOf({ codes }: ClientHands, block: string): string {
  return openCode(codes, hexToBytes(block), 'random-fill');
}

/** The CVV2 among the codes of a card. */
export function cvv2Of(hands: ClientHands, codes: CardCodes): string {
  return codeOf(hands, codes.kind === 'cvv' ? codes.cvv2 : codes.csc4);
}

/** The outcome of an attempt in words. */
export function told(outcome: AttemptOutcome): string {
  return outcome.outcome === 'rejected' ? `rejected, ${outcome.triesLeft} left` : outcome.outcome;
}

/** A PAN in an envelope of the client, opened. */
export function panOf({ kek }: ClientHands, token: PanToken, envelope: SealedEnvelope): Pan {
  const sealed = base64ToBytes(envelope, 1000) as Uint8Array;
  const pan = openEnvelope(kek, sealed, asciiToBytes(`pan/${token}`, 'context'));
  return new TextDecoder().decode(pan) as Pan;
}

/** The customer of the journey. */
export const CUSTOMER = 'customer-1' as CustomerId;
