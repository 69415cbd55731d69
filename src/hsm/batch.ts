/** Whole batches in the emulated HSM: a chunk of new cards in one call, over columns. */
import type { Pan, PanToken, SealedEnvelope } from '../brand.ts';
import type { DigitColumn } from '../bytes/digit-column.ts';
import { bytesToHex } from '../bytes/hex.ts';
import { asciiToBytes } from '../bytes/length-prefixed.ts';
import { digitTexts, numberTexts } from '../bytes/text-column.ts';
import { generateCvvSetColumns } from '../cvv/columns.ts';
import { generateCsc } from '../cvv/csc.ts';
import { requireObject, requireOneOf, requireWhole } from '../input.ts';
import { requireCapability } from '../keys/capability.ts';
import type { Key } from '../keys/key.ts';
import { panRanges } from '../pan/range.ts';
import { panColumnFromSequence } from '../pan/sequence-column.ts';
import { type ClearPins, pinsColumn, randomPins } from '../pin/clear-pins.ts';
import { encryptPinBlockColumn } from '../pinblock/columns.ts';
import { encipherDigits, requireFit } from '../pinblock/encrypt.ts';
import { tokenizePanColumn } from '../token/columns.ts';
import { tokenProfiles } from '../token/profile.ts';
import { tokenizePan } from '../token/tokenize.ts';
import { readMethod } from './bound-pin.ts';
import { type Pans, pinsBinder } from './bound-pins.ts';
import { requireTerms } from './card.ts';
import { envelopeSealer } from './envelope.ts';
import type { BatchFunctions, CardBatchChunk, CardBatchRequest, Embosser, TokenDomain } from './functions.ts';
import { type Inside, operate } from './inside.ts';
import { drawn, MOST_SKIPS, panIndexers } from './token.ts';

/** Most cards of one call. */
const MOST_CARDS = 1000;

/** Most bytes of rows in one envelope. */
const MOST_ROW_BYTES = 64_000;

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
  tokenProfiles.require((requireObject(domain, 'domain') as TokenDomain).profile, 'profile');
  const { range } = requireObject(sequence, 'sequence') as CardBatchRequest['sequence'];
  panRanges.require(range, 'range');
  requireTerms(request);
  const count = requireWhole(request.count, 'count', 1, MOST_CARDS);
  const method = request.method === undefined ? undefined : readMethod(inside, request.method);
  const bind = method === undefined ? undefined : await pinsBinder(inside, method);
  const indexers = await panIndexers(inside, request.indexKeys);
  if (embosser !== undefined) {
    requireObject(embosser, 'embosser');
    requireCapability(embosser.permit, 'emboss', inside.authority);
  }
  const emboss = embosser === undefined ? undefined : await rowSealer(inside, request, embosser);

  const data = new Uint8Array(range.length * count);
  const column: DigitColumn = { data, digits: range.length, encoding: 'ascii' };
  const key = await inside.vault.use(sequence.key, 'panFromSequence', 'sequence.key');
  await inside.vault.requireLive(domain.key, 'domain.key');
  const next = panColumnFromSequence(key, range, request.first, column, {
    ...inside.backend,
    mostSkips: MOST_SKIPS,
  });
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
  // Nothing is drawn before the codes are there: whatever is refused, is refused by now.
  const rows = emboss?.(pans);
  const clear =
    method === undefined
      ? undefined
      : randomPins(inside.policy.pins, method.pinLength, count, { random: inside.random });
  try {
    const pins = clear === undefined ? undefined : bind?.(pans, clear);
    return { cards, pins: pins ?? cards.map(() => undefined), next, emboss: rows?.(clear) ?? [] };
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
interface Codes {
  readonly names: readonly string[];
  readonly columns: readonly (readonly string[])[];
}

function codesOf(
  cvk: Key<'C0'>,
  { kind, expiry, serviceCode, expiryOrder }: CardBatchRequest,
  { column, texts }: Pans,
): Codes {
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

/** Makes the PIN block of each card. */
async function blockMaker(
  inside: Inside,
  { pek: label, pinBlockFormat }: Embosser,
): Promise<(pans: Pans, pins: ClearPins) => readonly string[]> {
  const format = requireOneOf(pinBlockFormat, 'pinBlockFormat', ['ISO-0', 'ISO-3', 'ISO-4'] as const);
  const pek = await inside.vault.use(label, 'encryptPinBlock', 'embosser.pek');
  requireFit(pek, format);
  if (format !== 'ISO-4')
    return ({ column, texts }, pins) => {
      const blocks = new Uint8Array(8 * texts.length);
      encryptPinBlockColumn(pek, pins, column, format, blocks, { random: inside.random });
      return texts.map((_, i) => bytesToHex(blocks.subarray(8 * i, 8 * i + 8)));
    };
  return ({ texts }, pins) => {
    const digits = pinsColumn(pins);
    return texts.map((pan, i) => {
      const own = digits.data.subarray(digits.digits * i, digits.digits * (i + 1));
      return encipherDigits(pek, own, pan, format, inside.random).block;
    });
  };
}

/**
 * Writes the rows for an embosser: a header line, then one line for each card. In two steps, the codes first; what
 * is drawn, the PIN blocks and the envelopes, comes with the second.
 */
async function rowSealer(
  inside: Inside,
  request: CardBatchRequest,
  embosser: Embosser,
): Promise<(pans: Pans) => (pins: ClearPins | undefined) => readonly SealedEnvelope[]> {
  const seal = await envelopeSealer(inside, embosser.kek, embosser.context);
  const cvk = await inside.vault.use(request.cvk, 'generateCvv', 'cvk');
  const blocksOf = request.method === undefined ? undefined : await blockMaker(inside, embosser);
  return (pans) => {
    const codes = codesOf(cvk, request, pans);
    return (pins) => {
      const blocks = pins === undefined ? undefined : blocksOf?.(pans, pins);
      return rowsOf(request, pans, codes, blocks).map((rows) => {
        const plaintext = asciiToBytes(rows, 'rows');
        const sealed = seal(plaintext);
        plaintext.fill(0);
        return sealed;
      });
    };
  };
}

/** The rows, in as many texts as envelopes are needed. */
function rowsOf(
  { expiry, serviceCode }: CardBatchRequest,
  { texts }: Pans,
  { names, columns }: Codes,
  blocks: readonly string[] | undefined,
): readonly string[] {
  const header = ['pan', 'expiry', 'serviceCode', ...names, 'pinBlock'].join(',');
  const out: string[] = [];
  let rows = header;
  texts.forEach((pan, i) => {
    const codes = columns.map((column) => column[i] as string);
    const row = [pan, expiry, serviceCode, ...codes, blocks?.[i] ?? ''].join(',');
    if (rows.length + row.length + 2 > MOST_ROW_BYTES) {
      out.push(`${rows}\n`);
      rows = header;
    }
    rows += `\n${row}`;
  });
  out.push(`${rows}\n`);
  return out;
}
