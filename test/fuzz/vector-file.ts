/** Files of test vectors: whatever a case holds, it passes, fails with a reason, or is told to be unknown. */
import { readdirSync, readFileSync } from 'node:fs';
import { runFile, supportsOperation } from '../../src/conformance/run.ts';
import { parseVectorFile } from '../../src/conformance/vector-file.ts';
import { changeJson } from './json.ts';
import { type Input, law, type Target } from './target.ts';

type Case = ReturnType<typeof parseVectorFile>['cases'][number];

/** Operations that are long by what they do: ten thousand encryptions for each row. */
const LONG = ['tdes.mct'];

/** Where the project's vectors are, seen from test/fuzz and from out/fuzz. */
const VECTORS = new URL('../../vectors/', import.meta.url);

/** The shortest cases of each operation. */
function shortest(): readonly Case[] {
  const files = readdirSync(VECTORS, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.json'),
  );
  const cases = files
    .sort()
    .flatMap((name) => parseVectorFile(readFileSync(new URL(name, VECTORS), 'utf8')).cases);
  const known = new Map<string, Case[]>();
  const size = (one: Case): number => JSON.stringify(one).length;
  for (const one of cases.filter(({ op }) => supportsOperation(op) && !LONG.includes(op)))
    known.set(one.op, [...(known.get(one.op) ?? []), one]);
  return [...known.values()].flatMap((ofOne) => ofOne.sort((a, b) => size(a) - size(b)).slice(0, 2));
}

const CASES = shortest();
const NAMES = [...new Set(CASES.flatMap((one) => Object.keys(one)))];

const SEEDS: readonly Input[] = [
  ...CASES.map((one) => [JSON.stringify({ algorithm: 'one', cases: [one] })]),
  ...CASES.flatMap((one, place) =>
    place % 10 === 0
      ? [[JSON.stringify({ algorithm: 'two', source: [], cases: [one, CASES[place + 1]] })]]
      : [],
  ),
];

const VERDICTS = ['passed', 'refused', 'failed', 'unsupported'];

export const vectorFile: Target = {
  name: 'vector-file',
  share: 15,
  seeds: SEEDS,
  change: ([text = ''], dice) => [changeJson(text, NAMES, dice)],
  run([text = '']) {
    const file = parseVectorFile(text);
    if (file.cases.some(({ op }) => LONG.includes(op))) return;
    const { results } = runFile(file);
    law(results.length === file.cases.length, 'a file has another number of results than of cases');
    for (const { op, verdict, reason = '' } of results) {
      law(VERDICTS.includes(verdict), 'a case has no verdict');
      law(!/ERR_INTERNAL/.test(reason), `${op}: an internal error`);
      law(!/without a code/.test(reason), `${op}: an error without a code`);
      law(
        (reason !== '') === (verdict === 'failed' || verdict === 'unsupported'),
        `${op}: a verdict without reason`,
      );
    }
  },
};
