/**
 * The table of the issuer's operations in README.md, from the scenarios that test them: `npm run operations`
 * writes it, and `npm run operations -- check` says whether it is in step.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SCENARIOS } from '../test/issuer/scenarios/index.ts';

const README = new URL('../README.md', import.meta.url);
const [BEGIN, END] = ['<!-- operations:begin -->', '<!-- operations:end -->'];

/** What nearly every operation is refused with is said once. */
const COMMON = ['ERR_INPUT', 'ERR_TOKEN', 'ERR_NOT_FOUND'];

/** The table, and what is said of all rows. */
export function operationsTable(): string {
  const rows = SCENARIOS.map(({ function: name, does, errors }) => {
    const codes = Object.keys(errors).filter((code) => !COMMON.includes(code));
    const refused = codes.map((code) => `\`${code}\``).join(' ') || '–';
    return `| ${does.replaceAll('|', '\\|')} | \`${name}\` | ${refused} |`;
  });
  return [
    `Every operation is refused with ${COMMON.map((code) => `\`${code}\``).join(', ')} where it is asked for something`,
    'malformed, for what is no token, and for a card, client, product or batch that is not there. Each line, and each way',
    'to be refused, is a scenario in `test/issuer/scenarios` that runs on every store.',
    '',
    '| operation | function | refused with |',
    '|---|---|---|',
    ...rows,
  ].join('\n');
}

/** A text with a fresh table between its markers. */
export function withOperations(text: string): string {
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`README.md: no ${BEGIN} … ${END}`);
  return `${text.slice(0, from)}${BEGIN}\n\n${operationsTable()}\n\n${text.slice(to)}`;
}

function main(command: string | undefined): number {
  const text = readFileSync(README, 'utf8');
  const fresh = withOperations(text);
  if (command === 'check') {
    console.log(
      fresh === text
        ? 'operations: in order'
        : 'README.md: its operations are out of step: npm run operations',
    );
    return fresh === text ? 0 : 1;
  }
  writeFileSync(README, fresh);
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv[2]);
