/**
 * JS-13 in the kernel: no branch, no address and no size of it depends on what it computes with, by the instructions
 * of the binary that is shipped.
 */
import { describe, expect, it } from 'vitest';
import { kernelBinary } from '../../src/kernel/kernel.ts';
import { LAYOUTS, TABLE } from '../../src/kernel/memory.ts';
import { tellFigures } from '../support/figures.ts';
import type { PublicRegion } from './flow-facts.ts';
import { type Finding, flowOfSecrets } from './kernel-flow.ts';
import { binaryOfText, formsOfBinary } from './wat.ts';

/** What of the kernel's memory is no secret. */
const REGIONS: readonly PublicRegion[] = [
  {
    from: LAYOUTS,
    to: TABLE,
    why: 'layouts: which digit of which column goes where, and how columns are written',
  },
  {
    from: TABLE + 16,
    to: TABLE + 28,
    why: 'where the column lies that digits are taken from, and how it is written',
  },
];

/** What depends on a secret all the same. */
const EXCEPTIONS: readonly (Finding & { readonly why: string })[] = [
  {
    where: 'ff1',
    sink: 'division',
    instruction: 'i64.rem_u',
    why: 'FF1 reduces modulo a power of the radix',
  },
  { where: 'ff1Many', sink: 'division', instruction: 'i64.rem_u', why: 'the same' },
  { where: 'ff1Step', sink: 'division', instruction: 'i64.rem_u', why: 'the same' },
  { where: 'writeHalves', sink: 'division', instruction: 'i32.div_u', why: 'digits of a half, by ten' },
  { where: 'writeHalves', sink: 'division', instruction: 'i32.div_u', why: 'of the other half' },
];

const inOrder = (findings: readonly Finding[]): string[] =>
  findings.map(({ where, sink, instruction }) => `${where}: ${sink} of ${instruction}`).sort();

describe('JS-13 the kernel', () => {
  const forms = formsOfBinary(kernelBinary());

  it('has no branch, address or size that depends on a secret, and the divisions that are named', () => {
    const { functions, looked, findings } = flowOfSecrets(forms, REGIONS);
    expect(inOrder(findings)).toEqual(inOrder(EXCEPTIONS));
    // Nothing of it was passed over.
    expect(functions).toBe(forms.filter(({ head }) => head === 'func').length);
    expect(looked.branch).toBeGreaterThan(50);
    expect(looked.address).toBeGreaterThan(500);
    tellFigures('trace', 'the kernel, flow of secrets', {
      functions,
      branches: looked.branch,
      addresses: looked.address,
      sizes: looked.size,
      secretBranches: findings.filter(({ sink }) => sink === 'branch').length,
      secretAddresses: findings.filter(({ sink }) => sink === 'address').length,
      secretSizes: findings.filter(({ sink }) => sink === 'size').length,
      secretDivisions: findings.filter(({ sink }) => sink === 'division').length,
    });
  });

  it.each(REGIONS)('needs the region that is named as public: $why', (region) => {
    const { findings } = flowOfSecrets(
      forms,
      REGIONS.filter((other) => other !== region),
    );
    expect(findings.filter(({ sink }) => sink !== 'division').length).toBeGreaterThan(0);
  });
});

/** A module with one exported function of one parameter, beside what else it has. */
const moduleOf = (body: string, others = ''): string =>
  `(module (memory (export "m") 1) ${others} (func (export "f") (param $p i32) (result i32) (local $x i32) ${body}))`;

const SECRET = '(i32.load (i32.const 0))';

/** Modules in which something depends on a secret, and where. */
const LEAKS: {
  readonly [name: string]: readonly [text: string, sink: Finding['sink'], instruction: string];
} = {
  'a table that is looked up at a secret place': [
    moduleOf(`(i32.load8_u offset=1024 ${SECRET})`),
    'address',
    'i32.load8_u',
  ],
  'a store at a secret place': [
    moduleOf(`(i32.store8 ${SECRET} (i32.const 1)) (i32.const 0)`),
    'address',
    'i32.store8',
  ],
  'a secret condition': [
    moduleOf(`(if (result i32) ${SECRET} (then (i32.const 1)) (else (i32.const 2)))`),
    'branch',
    'if',
  ],
  'an early end': [
    moduleOf(`(block $end (br_if $end ${SECRET}) (local.set $x (i32.const 1))) (local.get $x)`),
    'branch',
    'br_if',
  ],
  'a place that a secret condition chose': [
    moduleOf(
      `(if ${SECRET} (then (local.set $x (i32.const 64)))) (drop (v128.load (local.get $x))) (i32.const 0)`,
    ),
    'address',
    'v128.load',
  ],
  'what runs only where a secret did not leave': [
    moduleOf(
      `(block $end (br_if $end ${SECRET}) (local.set $x (i32.const 64))) (drop (v128.load (local.get $x))) (i32.const 0)`,
    ),
    'address',
    'v128.load',
  ],
  'a lane of a vector': [
    moduleOf('(i32.load (i32x4.extract_lane 1 (v128.load (i32.const 0))))'),
    'address',
    'i32.load',
  ],
  'a place that grows in a loop': [
    moduleOf(
      `(loop $again (drop (v128.load (local.get $x))) (local.set $x (i32.add (local.get $x) ${SECRET}))
        (br_if $again (local.get $p))) (i32.const 0)`,
    ),
    'address',
    'v128.load',
  ],
  'a parameter of one of two calls': [
    moduleOf(
      `(drop (call $g (local.get $p))) (call $g ${SECRET})`,
      '(func $g (param $q i32) (result i32) (i32.load offset=4 (local.get $q)))',
    ),
    'address',
    'i32.load',
  ],
  'what a function gives back': [
    moduleOf('(if (call $g) (then (nop))) (i32.const 0)', `(func $g (result i32) ${SECRET})`),
    'branch',
    'if',
  ],
  'a global': [
    moduleOf(
      `(global.set $s ${SECRET}) (if (global.get $s) (then (nop))) (i32.const 0)`,
      '(global $s (mut i32) (i32.const 0))',
    ),
    'branch',
    'if',
  ],
  'a size': [
    moduleOf(`(memory.fill (i32.const 0) (i32.const 0) ${SECRET}) (i32.const 0)`),
    'size',
    'memory.fill',
  ],
  'a division': [moduleOf(`(i32.div_u ${SECRET} (local.get $p))`), 'division', 'i32.div_u'],
  'a secret in a place that counts as public': [
    moduleOf(`(i32.store (i32.const 32) ${SECRET}) (i32.load (i32.load (i32.const 32)))`),
    'public region',
    'i32.store',
  ],
};

/** Modules of the same instructions in which nothing does. */
const SOUND: { readonly [name: string]: string } = {
  'places by parameters and counters': moduleOf(
    '(loop $again (drop (v128.load (local.get $x))) (local.set $x (i32.add (local.get $x) (local.get $p))) (br_if $again (local.get $p))) (i32.const 0)',
  ),
  'a secret that is stored': moduleOf(`(i32.store (local.get $p) ${SECRET}) (i32.const 0)`),
  'a choice between two values': moduleOf(`(select (i32.const 1) (i32.const 2) ${SECRET})`),
  'a place that a public description says': moduleOf('(i32.load (i32.load (i32.const 32)))'),
  'a local that held a secret before': moduleOf(
    `(local.set $x ${SECRET}) (local.set $x (local.get $p)) (i32.load (local.get $x))`,
  ),
};

const SAMPLE_REGIONS = [{ from: 32, to: 36, why: 'of the samples' }] as const;

describe('JS-13 the analysis of the kernel', () => {
  it.each(Object.entries(LEAKS))('finds %s', (_name, [text, sink, instruction]) => {
    const { findings } = flowOfSecrets(formsOfBinary(binaryOfText(text)), SAMPLE_REGIONS);
    expect(findings.map((finding) => [finding.sink, finding.instruction])).toContainEqual([
      sink,
      instruction,
    ]);
  });

  it.each(Object.entries(SOUND))('finds nothing in %s', (_name, text) => {
    expect(flowOfSecrets(formsOfBinary(binaryOfText(text)), SAMPLE_REGIONS).findings).toEqual([]);
  });
});
