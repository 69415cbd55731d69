/** Whole batches in the emulated HSM: a chunk of new cards in one call, over columns. */
import type { Pan, PanToken, SealedEnvelope } from '../brand.ts';
import type { DigitColumn } from '../bytes/digit-column.ts';
import { bytesToHex } from '../bytes/hex.ts';
import { asciiToBytes } from '../bytes/length-prefixed.ts';
import { digitTexts, numberTexts } from '../bytes/text-column.ts';
import { generateCvvSetColumns } from '../cvv/columns.ts';
import { generateCsc } from '../cvv/csc.ts';
import { requireOneOf, requireWhole } from '../input.ts';
import { panRanges } from '../pan/range.ts';
import { panColumnFromSequence } from '../pan/sequence-column.ts';
import { type ClearPins, pinsColumn, randomPins } from '../pin/clear-pins.ts';
import { encryptPinBlockColumn } from '../pinblock/columns.ts';
import { encipherDigits } from '../pinblock/encrypt.ts';
import { tokenizePanColumn } from '../token/columns.ts';
import { tokenizePan } from '../token/tokenize.ts';
import { readMethod } from './bound-pin.ts';
import { bindPins } from './bound-pins.ts';
import { sealUnder } from './envelope.ts';
import type { BatchFunctions, BoundPin, CardBatchChunk, CardBatchRequest, Embosser } from './functions.ts';
import { type Inside, operate, requireContext } from './inside.ts';
import { drawn, panIndexers } from './token.ts';

/** Most cards of one call. */
const MOST_CARDS = 1000;

/** Most bytes of rows in one envelope. */
const MOST_ROW_BYTES = 64_000;

/** The PANs of a chunk, as a column and as text. */
interface Pans {
  readonly column: DigitColumn;
  readonly texts: readonly Pan[];
}

/** The batch functions over one HSM. */
export function batchFunctions(inside: Inside): BatchFunctions {
  return {
    issueCards: (request) =>
      operate(
        inside,
        'issueCards',
        request,
        ({ cvk, method, sequence, embosser }) => [cvk, method?.pvk, sequence?.key, embosser?.kek],
        (asked) => issueCards(inside, asked),
      ),
  };
}

async function issueCards(inside: Inside, request: CardBatchRequest): Promise<CardBatchChunk> {
  const { sequence, domain, embosser } = request;
  const count = requireWhole(request.count, 'count', 1, MOST_CARDS);
  const method = request.method === undefined ? undefined : readMethod(inside, request.method);
  const indexers = await panIndexers(inside, request.indexKeys);
  const { range } = sequence;
  panRanges.require(range, 'range');

  const data = new Uint8Array(range.length * count);
  const column: DigitColumn = { data, digits: range.length, encoding: 'ascii' };
  const key = await inside.vault.use(sequence.key, 'panFromSequence', 'sequence.key');
  const next = panColumnFromSequence(key, range, request.first, column, inside.backend);
  const pans: Pans = { column, texts: digitTexts(column) as Pan[] };
  const tokens = await tokensOf(inside, domain, pans);
  const cards = tokens.map((token, i) => {
    const pan = pans.texts[i] as Pan;
    return drawn(
      pan,
      token,
      range.iin,
      indexers.map((indexOf) => indexOf(pan)),
    );
  });

  const clear =
    method === undefined
      ? undefined
      : randomPins(inside.policy.pins, method.pinLength, count, { random: inside.random });
  try {
    const pins: readonly (BoundPin | undefined)[] =
      method === undefined || clear === undefined
        ? cards.map(() => undefined)
        : await bindPins(inside, pans, method, clear);
    const emboss = embosser === undefined ? [] : await sealRows(inside, request, embosser, pans, clear);
    return { cards, pins, next, emboss };
  } finally {
    clear?.destroy();
    data.fill(0);
  }
}

async function tokensOf(
  inside: Inside,
  domain: CardBatchRequest['domain'],
  { column, texts }: Pans,
): Promise<PanToken[]> {
  const key = await inside.vault.use(domain.key, 'tokenizePan', 'domain.key');
  const { profile, tenant } = domain;
  if (profile.kind === 'alphanumeric') return texts.map((pan) => tokenizePan(key, pan, profile, tenant));
  const out: DigitColumn = { ...column, data: new Uint8Array(column.data.length) };
  tokenizePanColumn(key, column, profile, tenant, out, inside.backend);
  return digitTexts(out) as PanToken[];
}

/** The codes of each card, in the order of the header line. */
async function codesOf(
  inside: Inside,
  { kind, cvk: label, expiry, serviceCode, expiryOrder }: CardBatchRequest,
  { column, texts }: Pans,
): Promise<{ readonly names: readonly string[]; readonly columns: readonly (readonly string[])[] }> {
  requireOneOf(kind, 'kind', ['cvv', 'csc'] as const);
  const cvk = await inside.vault.use(label, 'generateCvv', 'cvk');
  if (kind === 'csc') {
    const codes = ([5, 4] as const).map((digits) =>
      texts.map((pan) => generateCsc(cvk, { pan, expiry }, { digits })),
    );
    return { names: ['csc5', 'csc4'], columns: codes };
  }
  const count = texts.length;
  const set = { cvv: new Uint16Array(count), cvv2: new Uint16Array(count), icvv: new Uint16Array(count) };
  generateCvvSetColumns(cvk, { pan: column, expiry, serviceCode }, set, { expiryOrder });
  const columns = [set.cvv, set.cvv2, set.icvv].map((codes) => numberTexts(codes, 3));
  for (const codes of Object.values(set)) codes.fill(0);
  return { names: ['cvv', 'cvv2', 'icvv'], columns };
}

/** The PIN block of each card. */
async function blocksOf(
  inside: Inside,
  { pek: label, pinBlockFormat }: Embosser,
  { column, texts }: Pans,
  pins: ClearPins,
): Promise<readonly string[]> {
  const pek = await inside.vault.use(label, 'encryptPinBlock', 'embosser.pek');
  const format = requireOneOf(pinBlockFormat, 'pinBlockFormat', ['ISO-0', 'ISO-3', 'ISO-4'] as const);
  if (format !== 'ISO-4') {
    const blocks = new Uint8Array(8 * texts.length);
    encryptPinBlockColumn(pek, pins, column, format, blocks, { random: inside.random });
    return texts.map((_, i) => bytesToHex(blocks.subarray(8 * i, 8 * i + 8)));
  }
  const digits = pinsColumn(pins);
  return texts.map((pan, i) => {
    const own = digits.data.subarray(digits.digits * i, digits.digits * (i + 1));
    return encipherDigits(pek, own, pan, format, inside.random).block;
  });
}

/** The rows for an embosser in envelopes: a header line, then one line for each card. */
async function sealRows(
  inside: Inside,
  request: CardBatchRequest,
  embosser: Embosser,
  pans: Pans,
  pins: ClearPins | undefined,
): Promise<readonly SealedEnvelope[]> {
  const { names, columns } = await codesOf(inside, request, pans);
  const blocks = pins === undefined ? undefined : await blocksOf(inside, embosser, pans, pins);
  const context = requireContext(embosser.context);
  const header = ['pan', 'expiry', 'serviceCode', ...names, 'pinBlock'].join(',');
  const envelopes: SealedEnvelope[] = [];
  let rows = header;
  const seal = async (): Promise<void> => {
    const plaintext = asciiToBytes(`${rows}\n`, 'rows');
    envelopes.push(await sealUnder(inside, embosser.kek, plaintext, context));
    plaintext.fill(0);
    rows = header;
  };
  for (let i = 0; i < pans.texts.length; i++) {
    const codes = columns.map((column) => column[i] as string);
    const row = [pans.texts[i], request.expiry, request.serviceCode, ...codes, blocks?.[i] ?? ''].join(',');
    if (rows.length + row.length + 2 > MOST_ROW_BYTES) await seal();
    rows += `\n${row}`;
  }
  await seal();
  return envelopes;
}
