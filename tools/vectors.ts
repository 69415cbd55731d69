/**
 * The keeper of vectors/: `npm run vectors -- check` finds what is out of order in the files, in
 * README.md and in SOURCES.md; `npm run vectors -- table` writes the generated tables of the two.
 */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runCase } from '../src/conformance/run.ts';
import {
  parseVectorFile,
  VectorCase,
  type VectorFile,
  VectorFormatError,
} from '../src/conformance/vector-file.ts';
import type { Verdict } from '../src/conformance/verdict.ts';

/**
 * How good a source is as evidence, best first. `self` pins behaviour and is no evidence; `own` is a
 * construction of this project on which two implementations agree.
 */
const GRADES = ['standard', 'hsm', 'vendor-doc', 'second-impl', 'own', 'self'] as const;
export type Grade = (typeof GRADES)[number];

/**
 * The grade of each published source, by its id. In doubt the lower one: a project's tests are
 * `second-impl`, also where they quote a standard, and so is the output of a calculator.
 */
const PUBLISHED: { readonly [source: string]: Grade } = {
  acvp: 'standard',
  'bancontact-pans': 'vendor-doc',
  'chapa-pans': 'vendor-doc',
  'checkout-frames': 'second-impl',
  'cn-bankcard-spec': 'vendor-doc',
  'cnblogs-cvn': 'second-impl',
  cryptocarver: 'second-impl',
  'cryptocarver-atalla': 'second-impl',
  'cryptocarver-cv': 'second-impl',
  'cryptocarver-dcvv': 'second-impl',
  'cryptocarver-kcv': 'second-impl',
  'cryptocarver-thales': 'second-impl',
  'csdn-pans': 'second-impl',
  'cybersource-pans': 'vendor-doc',
  eftlab: 'vendor-doc',
  forge: 'second-impl',
  'go-cavv': 'second-impl',
  go_hsm: 'second-impl',
  'imohsenb-iso8583': 'second-impl',
  'iso9797-annexB': 'standard',
  jpos: 'second-impl',
  'luhn-jr': 'second-impl',
  'moov-pinblock': 'second-impl',
  nickntg: 'second-impl',
  'nist-cavp': 'standard',
  'openemv-crypto': 'second-impl',
  'openemv-dukpt': 'second-impl',
  'openemv-pinblock': 'second-impl',
  'openemv-tr31': 'second-impl',
  'paypal-test-pans': 'vendor-doc',
  'payshield-manual': 'vendor-doc',
  'pci-redactor-test': 'second-impl',
  psec: 'second-impl',
  pycryptodome: 'second-impl',
  pyemv: 'second-impl',
  pynblock: 'second-impl',
  rfc2202: 'standard',
  rfc4226: 'standard',
  rfc4231: 'standard',
  rfc6238: 'standard',
  rivest: 'second-impl',
  'secondary-amex': 'second-impl',
  'sp800-38b': 'standard',
  'sp800-38g': 'standard',
  'ucm-ibm3624': 'second-impl',
  wycheproof: 'second-impl',
};

/** Path below vectors/ to text. */
export type Texts = ReadonlyMap<string, string>;

type Source = { readonly id: string; readonly title?: unknown; readonly [field: string]: unknown };

/** The sources of a file; the runner does not ask for any, this project does. */
function sourcesOf(file: VectorFile): readonly Source[] {
  const { source } = file as { readonly source?: unknown };
  return Array.isArray(source) ? (source as Source[]) : [];
}

interface Family {
  readonly name: string;
  readonly file: VectorFile;
  /** What the library makes of its cases. */
  readonly verdicts: readonly Verdict[];
}

/** Verdicts by the text of the file: the Monte Carlo cases take their time. */
const known = new Map<string, readonly Verdict[]>();

function verdictsOf(text: string, file: VectorFile): readonly Verdict[] {
  const verdicts = known.get(text) ?? file.cases.map((fields) => runCase(new VectorCase(fields)).verdict);
  known.set(text, verdicts);
  return verdicts;
}

const isOurs = (name: string): boolean => name.startsWith('self/');
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function familiesOf(texts: Texts): Family[] {
  return [...texts.keys()]
    .filter((name) => name.endsWith('.json'))
    .sort((a, b) => Number(isOurs(a)) - Number(isOurs(b)) || (a < b ? -1 : 1))
    .map((name) => {
      const text = texts.get(name) as string;
      const file = parseVectorFile(text);
      return { name, file, verdicts: verdictsOf(text, file) };
    });
}

function gradeOf(name: string, source: Source): Grade | undefined {
  const said = source['kind'];
  if (isOurs(name)) return said === 'self' || said === 'own' ? said : undefined;
  return PUBLISHED[source.id];
}

/** The grade of each family, by its path without `.json`: that of its best source. */
export function familyGrades(texts: Texts): ReadonlyMap<string, Grade> {
  return new Map(
    familiesOf(texts).map(({ name, file }) => [
      name.replace('.json', ''),
      best(sourcesOf(file).map((source) => gradeOf(name, source))),
    ]),
  );
}

// ---- check --------------------------------------------------------------------------------------------

/** Fields that may hold letters a to f without being hex. */
const PLAIN_TEXT = ['id', 'source', 'op', 'comment', 'alphabet', 'reason', 'merchantName', 'tenant'];

/** The paths of lower-case hex in a value. */
function lowerHex(value: unknown, path: string): string[] {
  if (typeof value === 'string')
    return value.length >= 4 && /^([0-9a-fA-F]{2})+$/.test(value) && /[a-f]/.test(value) ? [path] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => lowerHex(item, `${path}.${name}`));
}

function familyProblems({ name, file, verdicts }: Family, text: string): string[] {
  const bad: string[] = [];
  const ids = sourcesOf(file).map(({ id }) => id);
  const used = new Set<unknown>();
  if (file.cases.length === 0) bad.push(`${name}: no cases`);
  if (textOf(file['notes']) === '') bad.push(`${name}: no notes`);
  if (new Set(ids).size !== ids.length) bad.push(`${name}: a source twice`);
  for (const source of sourcesOf(file)) {
    if (textOf(source.title) === '' || textOf(source['repo_or_doc']) === '')
      bad.push(`${name}: source ${source.id} without title or repo_or_doc`);
    if (gradeOf(name, source) === undefined)
      bad.push(
        isOurs(name)
          ? `${name}: source ${source.id} is not of kind self or own`
          : `${name}: source ${source.id} has no grade in tools/vectors.ts`,
      );
    if (!isOurs(name) && source['kind'] !== undefined && source['kind'] !== PUBLISHED[source.id])
      bad.push(`${name}: source ${source.id} is of another kind than its grade`);
  }
  for (const [i, fields] of file.cases.entries()) {
    const { op } = fields;
    const id = textOf(fields['id']);
    if (!/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/.test(id)) bad.push(`${name}: id ${JSON.stringify(id)}`);
    if (!/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/.test(op)) bad.push(`${name}: ${id}: op ${JSON.stringify(op)}`);
    if (typeof fields['comment'] !== 'string') bad.push(`${name}: ${id}: no comment`);
    if (!ids.includes(textOf(fields['source'])))
      bad.push(`${name}: ${id}: source that the file does not have`);
    used.add(fields['source']);
    // Texts over an alphabet are no hex, even if they look like it.
    const texts = Object.hasOwn(fields, 'alphabet') ? ['plaintext', 'ciphertext'] : [];
    for (const [field, value] of Object.entries(fields))
      if (![...PLAIN_TEXT, ...texts].includes(field))
        bad.push(...lowerHex(value, field).map((path) => `${name}: ${id}: lower-case hex in ${path}`));
    if (isOurs(name) && verdicts[i] !== 'passed')
      bad.push(`${name}: ${id}: ${verdicts[i]}; a case of our own must pass`);
  }
  for (const id of ids) if (!used.has(id)) bad.push(`${name}: no case of source ${id}`);
  if (isOurs(name) && !text.endsWith('\n')) bad.push(`${name}: no line end at the end`);
  return bad;
}

/** A source id means one thing in all published files. */
function sourceProblems(families: readonly Family[]): string[] {
  const bad: string[] = [];
  const known = new Map<string, string>();
  for (const { name, file } of families.filter((family) => !isOurs(family.name)))
    for (const { id, title, repo_or_doc, version } of sourcesOf(file)) {
      const said = JSON.stringify([title, repo_or_doc, version]);
      if ((known.get(id) ?? said) !== said) bad.push(`${name}: source ${id} is another one elsewhere`);
      known.set(id, said);
    }
  for (const id of Object.keys(PUBLISHED))
    if (!known.has(id)) bad.push(`tools/vectors.ts: no file has the source ${id}`);
  return bad;
}

/** Whatever is out of order; empty when all is well. */
export function problems(texts: Texts): string[] {
  const bad: string[] = [];
  for (const name of texts.keys())
    if (!/^(?:README\.md|SOURCES\.md|(?:self\/)?[a-z0-9]+(?:-[a-z0-9]+)*\.json)$/.test(name))
      bad.push(`${name}: not a file for this folder`);
  let families: Family[];
  try {
    families = familiesOf(texts);
  } catch (error) {
    if (!(error instanceof VectorFormatError)) throw error;
    for (const [name, text] of texts) {
      if (!name.endsWith('.json')) continue;
      try {
        parseVectorFile(text);
      } catch (cause) {
        bad.push(`${name}: ${(cause as Error).message}`);
      }
    }
    return bad;
  }
  const seen = new Map<string, string>();
  for (const family of families) {
    bad.push(...familyProblems(family, texts.get(family.name) as string));
    for (const fields of family.file.cases) {
      const id = textOf(fields['id']);
      const other = seen.get(id);
      if (other !== undefined) bad.push(`${family.name}: id ${id} is in ${other} too`);
      seen.set(id, family.name);
    }
  }
  bad.push(...sourceProblems(families));
  for (const [name, tables] of Object.entries(TABLES)) {
    const text = texts.get(name);
    if (text === undefined) bad.push(`${name}: missing`);
    else if (withTables(text, tables(families)) !== text)
      bad.push(`${name}: its tables are out of step: npm run vectors -- table`);
  }
  return bad;
}

// ---- tables -------------------------------------------------------------------------------------------

/** A table as the formatter leaves it: columns of one width. */
function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [head, ...rows].map((cellsOfRow) =>
    cellsOfRow.map((cell) => String(cell).replaceAll('|', '\\|')),
  );
  const widths = head.map((_, column) => Math.max(3, ...cells.map((line) => (line[column] ?? '').length)));
  const lines = cells.map(
    (line) => `| ${line.map((cell, i) => cell.padEnd(widths[i] as number)).join(' | ')} |`,
  );
  return [lines[0], `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...lines.slice(1)].join(
    '\n',
  );
}

function best(grades: readonly (Grade | undefined)[]): Grade {
  return GRADES.find((grade) => grades.includes(grade)) ?? 'self';
}

function familyTable(families: readonly Family[]): string {
  const counts = (part: readonly Family[]): number =>
    part.reduce((sum, { file }) => sum + file.cases.length, 0);
  const published = families.filter(({ name }) => !isOurs(name));
  const ours = families.filter(({ name }) => isOurs(name));
  const rows = families.map(({ name, file, verdicts }) => {
    const here = verdicts.filter((verdict) => verdict === 'passed' || verdict === 'refused').length;
    return [
      `[${name}](${name})`,
      file.algorithm,
      file.cases.length,
      here,
      sourcesOf(file)
        .map(({ id }) => id)
        .join(', '),
      best(sourcesOf(file).map((source) => gradeOf(name, source))),
    ];
  });
  return [
    `${counts(published)} published cases in ${published.length} files, ${counts(ours)} of our own in ${ours.length}.`,
    '',
    table(['file', 'what', 'cases', 'run here', 'sources', 'grade'], rows),
  ].join('\n');
}

function operationTable(families: readonly Family[]): string {
  const rows = new Map<string, { cases: number; here: number; readonly fields: Set<string> }>();
  for (const { file, verdicts } of families)
    for (const [i, fields] of file.cases.entries()) {
      const entry = rows.get(fields.op) ?? { cases: 0, here: 0, fields: new Set<string>() };
      entry.cases += 1;
      if (verdicts[i] === 'passed' || verdicts[i] === 'refused') entry.here += 1;
      for (const name of Object.keys(fields))
        if (!['id', 'source', 'op', 'comment'].includes(name)) entry.fields.add(name);
      rows.set(fields.op, entry);
    }
  return table(
    ['op', 'cases', 'run here', 'fields'],
    [...rows]
      .filter(([, { here }]) => here > 0)
      .map(([op, { cases, here, fields }]) => [`\`${op}\``, cases, here, [...fields].join(', ')]),
  );
}

function sourceTable(families: readonly Family[]): string {
  const rows = new Map<
    string,
    { readonly source: Source; readonly grades: Set<Grade>; readonly files: Set<string> }
  >();
  let cases: Record<string, number> = {};
  for (const { name, file } of families) {
    for (const source of sourcesOf(file)) {
      const entry = rows.get(source.id) ?? { source, grades: new Set<Grade>(), files: new Set<string>() };
      const grade = gradeOf(name, source);
      if (grade !== undefined) entry.grades.add(grade);
      entry.files.add(name.replace('.json', ''));
      rows.set(source.id, entry);
    }
    for (const fields of file.cases) {
      const id = textOf(fields['source']);
      cases = { ...cases, [id]: (cases[id] ?? 0) + 1 };
    }
  }
  return table(
    ['id', 'title', 'where', 'version', 'cases', 'grade', 'in', 'licence'],
    [...rows]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, { source, grades, files }]) => [
        id,
        textOf(source.title),
        textOf(source['repo_or_doc']),
        textOf(source['version']) || '–',
        cases[id] ?? 0,
        [...grades].join(', '),
        [...files].join(', '),
        id === 'self' ? 'MIT, this project' : 'facts (numbers) only',
      ]),
  );
}

/** The generated parts of each page, by the name of their marker. */
const TABLES: {
  readonly [file: string]: (families: readonly Family[]) => { readonly [marker: string]: string };
} = {
  'README.md': (families) => ({ families: familyTable(families), operations: operationTable(families) }),
  'SOURCES.md': (families) => ({ sources: sourceTable(families) }),
};

/** The text with what stands between its markers replaced; a marker that is missing shows as a change. */
function withTables(text: string, tables: { readonly [marker: string]: string }): string {
  let out = text;
  for (const [marker, content] of Object.entries(tables)) {
    const [begin, end] = [`<!-- ${marker}: generated -->`, `<!-- ${marker}: end -->`];
    const from = out.indexOf(begin);
    const to = out.indexOf(end);
    out =
      from < 0 || to < from
        ? `${out.trimEnd()}\n\n${begin}\n\n${content}\n\n${end}\n`
        : `${out.slice(0, from)}${begin}\n\n${content}\n\n${out.slice(to)}`;
  }
  return out;
}

/** The pages with fresh tables. */
export function withFreshTables(texts: Texts): Texts {
  const families = familiesOf(texts);
  return new Map(
    Object.entries(TABLES).map(([name, tables]) => [
      name,
      withTables(texts.get(name) ?? '', tables(families)),
    ]),
  );
}

// ---- the program --------------------------------------------------------------------------------------

const FOLDER = new URL('../vectors/', import.meta.url);

/** Everything below vectors/. */
export function readVectors(): Texts {
  const names = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(new URL(name, FOLDER)).isFile())
    .map((name) => name.replaceAll('\\', '/'));
  return new Map(names.sort().map((name) => [name, readFileSync(new URL(name, FOLDER), 'utf8')]));
}

function main(command: string | undefined): number {
  if (command !== 'check' && command !== 'table') {
    console.error('npm run vectors -- check | table');
    return 2;
  }
  if (command === 'table') {
    for (const [name, text] of withFreshTables(readVectors())) {
      const path = new URL(name, FOLDER);
      if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
      writeFileSync(path, text);
      console.log(`wrote vectors/${name}`);
    }
    return 0;
  }
  const bad = problems(readVectors());
  for (const line of bad) console.error(`vectors/${line}`);
  if (bad.length === 0) console.log('vectors: in order');
  return bad.length === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv[2]);
