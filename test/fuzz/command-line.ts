/** Command lines of the program, as far as they are read before anything is done. */
import { readDemo } from '../../src/cli/demo.ts';
import { readBatch, readIssue } from '../../src/cli/issue.ts';
import { readVerify } from '../../src/cli/verify.ts';
import { changeText } from './changes.ts';
import { type Dice, oneIn, pick } from './dice.ts';
import { type Input, law, type Target } from './target.ts';

const ISSUE = ['issue', '--iin', '400000', '--expiry', '2912'] as const;

/** The command, then its arguments. */
const SEEDS: readonly Input[] = [
  ISSUE,
  [...ISSUE, '--count', '3', '--out=cards.jsonl', '--clear', '--json'],
  [
    'issue',
    '--iin=40000012',
    '--length',
    '19',
    '--expiry=3001',
    '--service-code',
    '101',
    '--pvki',
    '6',
    '--keys',
    'k',
  ],
  ['verify', 'cards.csv'],
  ['verify', '--keys', 'keys.json', '--json', '--', '-cards.csv'],
  ['demo', '--count', '10', '--folder', 'out'],
  ['demo', '-h'],
];

const ODD_ARGUMENTS = [
  '-',
  '--',
  '---',
  '--=',
  '--iin',
  '--iin=',
  '--count=-1',
  '--count',
  '1e3',
  '0x10',
  ' 7',
  '１０',
  '1000001',
  '0',
  '--no-clear',
  '--clear=false',
  '-hh',
  '-h=1',
  '--help',
  '--__proto__',
  '--__proto__=1',
  '--constructor',
  '--toString',
  '--hasOwnProperty=1',
  '--json=true',
  '-x',
  '\0',
  '',
  '9'.repeat(400),
  '--expiry=0000',
  '--expiry',
  '2900',
  '--length=12',
  '--length=20',
  '--service-code=000',
  '--service-code=999',
  '--pvki=0',
  '--pvki=7',
  '--out=k',
  '--keys=./cards.csv',
  '💳',
  '\ud800',
] as const;

function change(input: Input, dice: Dice): Input {
  // A command of another name is refused before its arguments are read.
  const [command = '', ...args] = input;
  const at = dice.below(args.length + 1);
  switch (dice.below(7)) {
    case 0:
      return [command, ...args.toSpliced(at, 1)];
    case 1:
      return [command, ...args.toSpliced(at, 0, pick(ODD_ARGUMENTS, dice))];
    case 2:
      return [command, ...args.toSpliced(at, 1, pick(ODD_ARGUMENTS, dice))];
    case 3:
      return [command, ...args.toSpliced(at, 0, ...args.slice(dice.below(args.length + 1)))].slice(0, 40);
    case 4: {
      if (oneIn(3, dice)) return [pick(['issue', 'verify', 'demo'], dice), ...args];
      const arg = args[at] ?? '';
      return [command, ...args.toSpliced(at, 1).toSpliced(dice.below(args.length + 1), 0, arg)];
    }
    default:
      return args.length === 0
        ? input
        : [command, ...args.map((arg, i) => (i === at ? changeText(arg, dice) : arg))];
  }
}

function runIssue(args: readonly string[]): void {
  const read = readIssue(args);
  if (read === undefined) return;
  const { range, batch } = readBatch(read);
  law(
    Number.isInteger(read.count) && read.count >= 1 && read.count <= 1_000_000,
    'a batch of no or too many cards',
  );
  law(range.length === read.length && range.iin === read.iin, 'a range that was not asked for');
  law(batch.expiry === read.expiry && batch.pvki === read.pvki, 'terms that were not asked for');
  const { iin, length, count, expiry, serviceCode, pvki, out, keys, clear, json } = read;
  const options = { iin, length, count, expiry, 'service-code': serviceCode, pvki, out, keys };
  const printed = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  const again = readIssue([...printed, ...(clear ? ['--clear'] : []), ...(json ? ['--json'] : [])]);
  law(
    JSON.stringify(again) === JSON.stringify(read),
    'a command line is read otherwise when it is written again',
  );
}

export const commandLine: Target = {
  name: 'command-line',
  share: 10,
  seeds: SEEDS,
  change,
  run([command, ...args]) {
    if (command === 'issue') return runIssue(args);
    if (command === 'verify') {
      const read = readVerify(args);
      law(read === undefined || args.includes(read.path), 'a file that was not given');
    } else {
      const read = readDemo(args);
      law(
        read === undefined || (read.count >= 1 && read.count <= 1_000_000),
        'a demo of no or too many cards',
      );
    }
  },
};
