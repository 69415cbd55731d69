/** Files of cards, as CSV and as JSON lines: read, each row verified, written and read again. */

import { bytesToHex } from '../../src/bytes/hex.ts';
import { profileFor, verifyRow } from '../../src/cli/card.ts';
import { generateCvv, generateCvv2, generateIcvv } from '../../src/cvv/cvv.ts';
import { sealCode } from '../../src/envelope/code-block.ts';
import {
  CARD_COLUMNS,
  type CardRow,
  CLEAR_COLUMNS,
  formatCards,
  parseCards,
} from '../../src/node/card-file.ts';
import { parseExpiry, parseServiceCode } from '../../src/pan/card-data.ts';
import { maskPan } from '../../src/pan/pan.ts';
import { sealPin } from '../../src/pin/pin-code-block.ts';
import { generatePvv, parsePvki } from '../../src/pin/pvv.ts';
import { tokenizePan } from '../../src/token/tokenize.ts';
import { panFrom, pinOf, seededRandom } from '../support/arbitraries.ts';
import { changeText } from './changes.ts';
import { type Dice, oneIn, pick } from './dice.ts';
import { changeJson } from './json.ts';
import { type Input, law, type Target } from './target.ts';
import { TEST_KEYS } from './test-keys.ts';

/** A card as `cardwright issue` writes it, with nothing left to chance. */
function rowOf(payload: string, clear: boolean): CardRow {
  const pan = panFrom(payload);
  const [expiry, serviceCode] = [parseExpiry('2912'), parseServiceCode('201')];
  const random = seededRandom(61);
  const cvv = generateCvv(TEST_KEYS.cvk, { pan, expiry, serviceCode });
  const cvv2 = generateCvv2(TEST_KEYS.cvk, { pan, expiry });
  const icvv = generateIcvv(TEST_KEYS.cvk, { pan, expiry });
  const { pvki, pvv } = generatePvv(TEST_KEYS.pvk, pinOf('1234'), pan, parsePvki('1'));
  const seal = (code: string): string =>
    bytesToHex(sealCode(TEST_KEYS.codeKey, code, 'random-fill', { random }));
  return {
    token: tokenizePan(TEST_KEYS.tokenKey, pan, profileFor(pan.length), 'cardwright-cli'),
    maskedPan: maskPan(pan),
    expiry,
    serviceCode,
    pvki,
    pvv,
    cvvBlock: seal(cvv),
    cvv2Block: seal(cvv2),
    icvvBlock: seal(icvv),
    pinBlock: bytesToHex(sealPin(TEST_KEYS.codeKey, pinOf('1234'), { random })),
    ...(clear ? { pan, cvv, cvv2, icvv, pin: '1234' } : {}),
  };
}

/** The name of a file, then its text. */
const SEEDS: readonly Input[] = [false, true].flatMap((clear) => {
  const rows = ['400000123456789', '400000000001', '400000123456789012'].map((payload) =>
    rowOf(payload, clear),
  );
  return ['cards.csv', 'cards.jsonl'].flatMap((path) => [
    [path, formatCards(path, rows.slice(0, 1), { clear })],
    [path, formatCards(path, rows, { clear })],
  ]);
});

const COLUMNS = [...CARD_COLUMNS, ...CLEAR_COLUMNS];
const ODD_CELLS = [
  '',
  '"',
  '""',
  '"a\nb"',
  '0',
  '000',
  'constructor',
  '__proto__',
  ' 123',
  '=1+1',
  '9'.repeat(20),
  '\ufeff',
] as const;

function changeCsv(text: string, dice: Dice): string {
  const lines = text.split('\n').map((line) => line.split(','));
  const row = dice.below(lines.length);
  const cells = lines[row] ?? [];
  const at = dice.below(cells.length);
  const changed =
    row === 0 && oneIn(2, dice)
      ? cells.with(at, pick([...COLUMNS, '__proto__', 'constructor', ''], dice))
      : pick(
          [
            () => cells.with(at, pick(ODD_CELLS, dice)),
            () => cells.with(at, changeText(cells[at] ?? '', dice)),
            () => cells.toSpliced(at, 1),
            () => cells.toSpliced(at, 0, cells[dice.below(cells.length)] ?? ''),
          ],
          dice,
        )();
  const table = lines.with(row, changed);
  const more = oneIn(10, dice) ? table.toSpliced(row, 0, cells) : table;
  return more.map((line) => line.join(',')).join(oneIn(20, dice) ? '\r\n' : '\n');
}

function changeJsonLines(text: string, dice: Dice): string {
  const lines = text.split('\n');
  const at = dice.below(lines.length);
  return lines.with(at, changeJson(lines[at] ?? '', COLUMNS, dice)).join('\n');
}

function change([path = '', text = '']: Input, dice: Dice): Input {
  if (oneIn(20, dice)) return [pick(['cards.csv', 'cards.jsonl', 'cards'], dice), text];
  if (oneIn(6, dice)) return [path, changeText(text, dice)];
  return [path, path.endsWith('.jsonl') ? changeJsonLines(text, dice) : changeCsv(text, dice)];
}

/** Rows whose columns are all of the file's, which a row may leave out: what is read is what is written. */
const sameRows = (rows: readonly CardRow[], others: readonly CardRow[]): boolean =>
  JSON.stringify(rows, COLUMNS) === JSON.stringify(others, COLUMNS);

export const cardFile: Target = {
  name: 'card-file',
  share: 10,
  seeds: SEEDS,
  change,
  run([path = '', text = '']) {
    const rows = parseCards(path, text);
    for (const row of rows) {
      const wrong = verifyRow(TEST_KEYS, row);
      law(
        wrong.every((columns) => /^[a-zA-Z0-9, ]+$/.test(columns)),
        'columns have other names',
      );
    }
    if (rows.length === 0) return;
    const clear = rows.some((row) => CLEAR_COLUMNS.some((column) => row[column] !== undefined));
    const lines = 'again.jsonl';
    law(sameRows(parseCards(lines, formatCards(lines, rows, { clear })), rows), 'rows are read otherwise');
    const whole = rows.every((row) => !clear || CLEAR_COLUMNS.every((column) => row[column] !== undefined));
    const table = 'again.csv';
    if (whole)
      law(
        sameRows(parseCards(table, formatCards(table, rows, { clear })), rows),
        'a table is read otherwise',
      );
  },
};
