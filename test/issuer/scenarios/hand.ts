/** What scenarios are written with: cards in every condition, clients that open what they get, and the records. */
import type { AccountId, CodeBlock, Pan, PanToken, Pvki, SealedEnvelope } from '../../../src/brand.ts';
import { base64ToBytes } from '../../../src/bytes/base64.ts';
import { hexToBytes } from '../../../src/bytes/hex.ts';
import { asciiToBytes } from '../../../src/bytes/length-prefixed.ts';
import { generateCsc } from '../../../src/cvv/csc.ts';
import { generateCvv, generateCvv2, generateIcvv } from '../../../src/cvv/cvv.ts';
import { openCode } from '../../../src/envelope/code-block.ts';
import { openEnvelope } from '../../../src/envelope/envelope.ts';
import type { AddCardRequest } from '../../../src/issuer/add-card.ts';
import type { BatchSegment, BatchSink } from '../../../src/issuer/batch-sink.ts';
import type { CardRecord } from '../../../src/issuer/card-record.ts';
import type { BatchProgress } from '../../../src/issuer/issue-batch.ts';
import { Ledger } from '../../../src/issuer/ledger.ts';
import { parseCard } from '../../../src/issuer/parse-card.ts';
import type { Product } from '../../../src/issuer/product.ts';
import type { Key } from '../../../src/keys/key.ts';
import { parseExpiry, parseServiceCode } from '../../../src/pan/card-data.ts';
import { panFromSequence } from '../../../src/pan/sequence.ts';
import { parsePin } from '../../../src/pin/clear-pin.ts';
import { generatePvv } from '../../../src/pin/pvv.ts';
import { encryptPinBlock } from '../../../src/pinblock/encrypt.ts';
import type { EncryptedPinBlock } from '../../../src/pinblock/format.ts';
import type { Store, StoreRecord } from '../../../src/store/port.ts';
import { keyOf, PRODUCTS, START, type World } from '../../support/world.ts';
import type { Refusal, Refusals } from './scenario.ts';

/** PINs of holders, none of them too easy. */
export const PIN = '1357';
export const OTHER_PIN = '8024';
export const WRONG_PIN = '9081';

/** A token that no card has. */
export const NO_TOKEN = '0000000000000000000' as PanToken;

export const DAY = 86_400;

/** An expiry that is over a month from now, and a moment when it is. */
export const SOON = '2606';
export const AFTER_SOON = START + 30 * DAY;

let requests = 0;

/** The identifier of a request that nobody made yet. */
export function requestId(): string {
  return `request-${++requests}`;
}

/** A request with the capability that its embosser needs, unless it has one. */
export function permitted<T extends object>(world: World, request: T): T {
  const { embossing } = request as { embossing?: unknown };
  if (typeof embossing !== 'object' || embossing === null) return request;
  return { ...request, embossing: { permit: world.permit('emboss'), ...embossing } };
}

/** A card that is not active yet. */
export async function newCard(
  world: World,
  product = 'classic',
  more: Partial<AddCardRequest> = {},
): Promise<PanToken> {
  const account = more.account ?? (await world.account()).account;
  const { card } = await world.issuer.addCard({ requestId: requestId(), product, account, ...more });
  return card.token;
}

/** A card in use. */
export async function activeCard(
  world: World,
  product = 'classic',
  more: Partial<AddCardRequest> = {},
): Promise<PanToken> {
  const token = await newCard(world, product, more);
  await world.issuer.activateCard({ token });
  return token;
}

/** A card in use whose PIN is known. None was drawn before: it might have been the same. */
export async function cardWithPin(world: World, product = 'classic', pin = PIN): Promise<PanToken> {
  const token = await activeCard(world, product, { pinSuppressed: true });
  const block = await world.block(token, pin);
  await world.issuer.assignPin({ token, client: 'ATM', block, permit: world.permit('set-pin') });
  return token;
}

/** A card in use without a PIN, of a product whose cards have one. */
export function cardWithoutPin(world: World): Promise<PanToken> {
  return activeCard(world, 'classic', { pinSuppressed: true });
}

/** A card that its issuer blocked. */
export async function blockedCard(world: World, product = 'classic'): Promise<PanToken> {
  const token = await activeCard(world, product);
  await world.issuer.blockCard({ token });
  return token;
}

/** A card that was in use until its month was over. */
export async function expiredCard(world: World, product = 'classic'): Promise<PanToken> {
  const token = await activeCard(world, product, { expiry: SOON });
  world.clock.at = AFTER_SOON;
  return token;
}

/** A card that was cancelled. */
export async function cancelledCard(world: World, product = 'classic'): Promise<PanToken> {
  const token = await activeCard(world, product);
  await world.issuer.cancelCard({ token });
  return token;
}

/** A PIN tried at a cash machine. */
export async function tryPin(world: World, token: PanToken, pin: string) {
  const block = await world.block(token, pin);
  return world.issuer.validatePin({ token, client: 'ATM', block });
}

/** Uses up all tries of a PIN. */
export async function useUpTries(world: World, token: PanToken): Promise<void> {
  for (let i = 0; i < 3; i++) await tryPin(world, token, WRONG_PIN);
}

/** A PIN in a block under AES. */
export async function aesBlock(world: World, token: PanToken, pin: string): Promise<EncryptedPinBlock> {
  return encryptPinBlock(keyOf<Key<'P0'>>('aes.pek'), parsePin(pin), await world.panOf(token), 'ISO-4');
}

/** A block that deciphers to no PIN. */
export async function brokenBlock(world: World, token: PanToken): Promise<EncryptedPinBlock> {
  const { format, block } = await world.block(token, PIN);
  return { format, block: (block.startsWith('0') ? '1' : '0') + block.slice(1) } as EncryptedPinBlock;
}

/** The digits of a code block of the client ATM: a code, or a PIN. */
export function digitsIn(block: CodeBlock | undefined): string {
  return openCode(keyOf<Key<'D0'>>('atm.codes'), hexToBytes(block ?? ''), 'random-fill');
}

/** The text in an envelope, as its receiver opens it. */
export function textIn(envelope: SealedEnvelope | undefined, kek: string, context: string): string {
  const bytes = base64ToBytes(envelope ?? '', 100_000) ?? new Uint8Array();
  const opened = openEnvelope(keyOf<Key<'K1'>>(kek), bytes, asciiToBytes(context, 'context'));
  return new TextDecoder().decode(opened);
}

/** What an embosser gets of a card. */
export function embossedIn(
  envelope: SealedEnvelope | undefined,
  token: PanToken,
  generation = 0,
): { readonly [name: string]: string } {
  return JSON.parse(textIn(envelope, 'emb.kek', `emboss/${token}/${generation}`));
}

/** The codes that a card must bear, worked out without issuer and HSM. */
export function codesOf(pan: Pan, expiry: string, order: 'YYMM' | 'MMYY' = 'YYMM') {
  const cvk = keyOf<Key<'C0'>>('cvk');
  const card = { pan, expiry: parseExpiry(expiry) };
  return {
    cvv: generateCvv(cvk, { ...card, serviceCode: parseServiceCode('201') }) as string,
    cvv2: generateCvv2(cvk, card, { expiryOrder: order }) as string,
    icvv: generateIcvv(cvk, card) as string,
  };
}

/** The codes of an American Express card. */
export function cscsOf(pan: Pan, expiry: string) {
  const csck = keyOf<Key<'C0'>>('csck');
  const card = { pan, expiry: parseExpiry(expiry) };
  return {
    csc5: generateCsc(csck, card, { digits: 5 }) as string,
    csc4: generateCsc(csck, card, { digits: 4 }) as string,
  };
}

/** The PVV that belongs to a PIN. */
export function pvvOf(pan: Pan, pin: string): string {
  return generatePvv(keyOf<Key<'V2'>>('pvk'), parsePin(pin), pan, '1' as Pvki).pvv;
}

/** A code other than the given one. */
export function otherThan(code: string): string {
  return code.replace(/.$/, (last) => String((Number(last) + 1) % 10));
}

/** The record of a card as the store has it. */
export async function recordOf(world: World, token: PanToken): Promise<CardRecord> {
  return parseCard((await world.store.get('card', token)) as StoreRecord);
}

/** Everything that a store has of an issuer. */
export async function recordsOf(store: Store): Promise<readonly StoreRecord[]> {
  const all: StoreRecord[] = [];
  for (const kind of ['account', 'batch', 'card', 'customer', 'range', 'stock'])
    for (let after = ''; ; after = all.at(-1)?.id ?? '') {
      const some = await store.find({ kind, after, limit: 1000 });
      all.push(...some);
      if (some.length < 1000) break;
    }
  return all;
}

/** The records of a world, to be written by hand: what stands there has its code. */
export function ledgerOf(world: World): Ledger {
  return new Ledger(world.store, world.hsm, 'records', undefined);
}

/** Leaves the range of the product `small` so many numbers. */
export async function leaveNumbers(world: World, left: number): Promise<void> {
  const { range } = PRODUCTS['small'] as Product;
  const key = keyOf<Key<'D0'>>('sequence.small');
  let next = range.capacity;
  for (let found = 0; found < left; ) if (panFromSequence(key, range, --next) !== undefined) found++;
  await ledgerOf(world).commit([
    { kind: 'range', id: '40000099.15.sequence.small', expected: 0, unique: [], body: String(next) },
  ]);
}

/** A sink in memory; `fails` makes it refuse whatever it is asked. */
export interface MemorySink extends BatchSink {
  readonly segments: BatchSegment[];
  readonly calls: string[];
  fails: boolean;
}

export function memorySink(): MemorySink {
  const segments: BatchSegment[] = [];
  const calls: string[] = [];
  const say = (sink: MemorySink, call: string): void => {
    calls.push(call);
    if (sink.fails) throw new Error('the disk is full');
  };
  return {
    segments,
    calls,
    fails: false,
    async resume(_, lines) {
      say(this, `resume ${lines}`);
      while ((segments.at(-1)?.firstLine ?? 0) > lines) segments.pop();
    },
    async write(segment) {
      say(this, `write ${segment.firstLine}`);
      segments.push(segment);
    },
    async finish() {
      say(this, 'finish');
    },
    async close() {
      calls.push('close');
    },
  };
}

/** Runs a batch to its end, or until `most` chunks are done. */
export async function runBatch(
  batch: AsyncGenerator<BatchProgress, void, undefined>,
  most = Number.POSITIVE_INFINITY,
): Promise<readonly BatchProgress[]> {
  const steps: BatchProgress[] = [];
  for await (const step of batch) {
    steps.push(step);
    if (steps.length >= most) break;
  }
  return steps;
}

/** Every operation on a card refuses what is no token, and a token of no card. */
export function noCard(call: (world: World, token: PanToken) => Promise<unknown>): {
  readonly ERR_TOKEN: Refusals;
  readonly NOT_FOUND: Refusal;
} {
  return {
    ERR_TOKEN: { 'what is no token': async (world) => () => call(world, 'no token' as PanToken) },
    NOT_FOUND: async (world) => () => call(world, NO_TOKEN),
  };
}

/** An account by its name. */
export function accountOf(name: string): AccountId {
  return name as AccountId;
}
