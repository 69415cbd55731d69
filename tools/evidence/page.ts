/**
 * The report that a reviewer reads, made of `evidence.json` and nothing else. Each count names the place in the JSON
 * that it is from (`data-json`), so that a test can compare the two.
 */

import { type BarPart, bar, facts, html, type Markup, page, table } from '../../src/cli/page.ts';
import { fileSections } from '../../src/cli/vectors-page.ts';
import { stackedBars } from './charts.ts';
import type { Evidence, Outcome } from './evidence.ts';
import { figure, section, TITLES, value, yes } from './page-parts.ts';
import { coverage, fuzz, mutation, told } from './page-quality.ts';
import { supplySection } from './page-supply.ts';

function subject(evidence: Evidence): Markup {
  const { subject: of, profile, seed, measured } = evidence;
  const seconds = Object.values(measured.seconds).reduce((sum, step) => sum + step, 0);
  return section(
    'subject',
    facts([
      ['cardwright', of.version],
      [
        'commit',
        html`<code>${of.commit}</code>${of.changed ? ', with changes that are not committed' : ''}` as Markup,
      ],
      ['package-lock.json', html`<code>${of.lockfile}</code> (SHA-256)` as Markup],
      ['Node', `${of.node}, V8 ${of.v8}, OpenSSL ${of.openssl}, npm ${of.npm}`],
      ['platform', of.platform],
      ['profile', profile],
      ['seed', value(evidence, 'seed')],
      ['machine', measured.machine],
      ['from', html`<time>${measured.started}</time>` as Markup],
      ['to', html`<time>${measured.ended}</time>, ${Math.round(seconds)} seconds of work` as Markup],
      ['again', html`<code>npm run evidence -- --profile ${profile} --seed ${seed}</code>` as Markup],
    ]),
  );
}

function suites(evidence: Evidence): Markup {
  const rows = evidence.suites.map(({ suite, about }, place) => [
    html`<code>test/${suite}</code>` as Markup,
    about,
    ...(['files', 'tests', 'passed', 'failed', 'skipped'] as const).map((name) =>
      value(evidence, 'suites', place, name),
    ),
  ]);
  const total = (['files', 'tests', 'passed', 'failed', 'skipped'] as const).map((name) =>
    value(evidence, 'total', name),
  );
  const names = (title: string, list: readonly string[]): Markup | string =>
    list.length === 0
      ? ''
      : (html`<p>${title}</p><ul>${list.map((name) => html`<li>${name}</li>`)}</ul>` as Markup);
  return section(
    'suites',
    html`${table(
      ['folder', 'what it holds', 'files', 'tests', 'passed', 'failed', 'skipped'],
      [...rows, ['together', '', ...total]],
    )}
<p>The packed package, used as its users use it: ${value(evidence, 'packageChecks', 'passed')} checks passed,
${value(evidence, 'packageChecks', 'failed')} failed.</p>
${names('Failed:', evidence.failures)}${names('Skipped:', evidence.skipped)}` as Markup,
  );
}

function vectors(evidence: Evidence): Markup {
  const shown = evidence.vectors.filter(({ passed, refused, failed }) => passed + refused + failed > 0);
  const chart = stackedBars(
    shown.map(({ file }) => file.replace('.json', '')),
    [
      { name: 'passed', colour: 'good', values: shown.map(({ passed }) => passed) },
      { name: 'refused as asked', colour: 'fair', values: shown.map(({ refused }) => refused) },
      { name: 'failed', colour: 'bad', values: shown.map(({ failed }) => failed) },
      { name: 'unsupported', colour: 'none', values: shown.map(({ unsupported }) => unsupported) },
    ],
  );
  const counts = (...path: readonly (string | number)[]): Markup[] =>
    (['passed', 'refused', 'failed', 'unsupported'] as const).map((name) => value(evidence, ...path, name));
  return section(
    'vectors',
    html`<p>Cases of others and of the project, run by their operation. A refusal that a case asks for counts as passed. What is
unsupported was not run; the reasons stand with <a href="#files">each file</a>. <em>standard</em> is a value of the standard or its
body, <em>vendor-doc</em> of a maker's documents, <em>second-impl</em> of another implementation, <em>own</em> a construction of the
project on which two implementations agree, <em>self</em> pins behaviour and is no evidence.</p>
${figure(chart, 'Cases by file, where any is run')}
${table(
  ['file', 'what', 'best source', 'passed', 'refused', 'failed', 'unsupported'],
  [
    ...evidence.vectors.map(({ file, algorithm, grade }, place) => [
      html`<a href="#file-${place + 1}">${file}</a>` as Markup,
      algorithm,
      grade,
      ...counts('vectors', place),
    ]),
    ['together', '', '', ...counts('vectorTotal')],
  ],
)}` as Markup,
  );
}

const STATUS = { supported: 'supported', caller: 'caller’s duty', 'out-of-scope': 'out of scope' } as const;

const OUTCOME: { readonly [outcome in Outcome]: Markup } = {
  passed: html`<span class="yes">passed</span>` as Markup,
  failed: html`<span class="no">failed</span>` as Markup,
  skipped: html`<span>skipped</span>` as Markup,
  missing: html`<span class="no">not run</span>` as Markup,
};

function clauses(evidence: Evidence): Markup {
  const standards = [...new Set(evidence.clauses.map(({ standard }) => standard))];
  const share = (standard: string): Markup => {
    const of = (status: keyof typeof STATUS): number =>
      evidence.clauses.filter((row) => row.standard === standard && row.status === status).length;
    return bar([
      { kind: 'good', label: STATUS.supported, value: of('supported') },
      { kind: 'fair', label: STATUS.caller, value: of('caller') },
      { kind: 'none', label: STATUS['out-of-scope'], value: of('out-of-scope') },
    ] satisfies BarPart[]);
  };
  return section(
    'clauses',
    html`<p>Each clause has a status: the library does it and tests show it (<em>supported</em>), whoever runs it has to
(<em>caller’s duty</em>), or it is about devices, premises, people or what is not built (<em>out of scope</em>). The words are
ours. Clauses marked ° are cited from general knowledge: read the text before you quote them.</p>
${standards.map(
  (standard) => html`<h3>${standard}</h3>${share(standard)}
${table(
  ['clause', 'asks', 'status', 'how', 'tests'],
  evidence.clauses
    .filter((row) => row.standard === standard)
    .map(({ clause, about, known, status, how, tests }) => [
      `${clause}${known === 'general' ? ' °' : ''}`,
      about,
      STATUS[status],
      how,
      html`${tests.map(({ name, outcome }) => html`<div>${name}: ${OUTCOME[outcome]}</div>`)}` as Markup,
    ]),
)}`,
)}` as Markup,
  );
}

const STAND = {
  guard: 'a guard',
  law: 'so by law',
  absent: 'absent',
  caller: 'caller’s duty',
  'not-built': 'not built',
} as const;

function attacks(evidence: Evidence): Markup {
  return section(
    'attacks',
    html`<p>Every known attack by number. <em>teeth</em> counts the tests that cut the guard out of the source and saw the attack
succeed. Where there is no guard to cut out, the reason stands here. THREAT-MODEL.md says who the attackers are.</p>
${table(
  ['attack', 'what', 'stands against it', 'passed', 'failed', 'skipped', 'teeth'],
  evidence.attacks.map(({ id, attack, stand, why }, place) => [
    html`<span id="attack-${id}">${id}</span>` as Markup,
    attack,
    why === undefined ? STAND[stand] : `${STAND[stand]}: ${why}`,
    ...(['passed', 'failed', 'skipped', 'teeth'] as const).map((name) =>
      value(evidence, 'attacks', place, name),
    ),
  ]),
)}` as Markup,
  );
}

/** The page. */
export function evidencePage(evidence: Evidence): string {
  const { verdict, total, claims } = evidence;
  const body = html`<header><h1>cardwright: evidence</h1>
<p>${verdict.passed ? html`<span class="yes">Nothing failed.</span>` : html`<span class="no">Something failed.</span>`}
${value(evidence, 'total', 'passed')} of ${value(evidence, 'total', 'tests')} tests passed in ${total.files} files,
${value(evidence, 'total', 'skipped')} were skipped; of the published values ${value(evidence, 'vectorTotal', 'passed')} passed,
${value(evidence, 'vectorTotal', 'refused')} were refused as they ask, ${value(evidence, 'vectorTotal', 'failed')} failed.</p>
${verdict.problems.length === 0 ? '' : html`<ul>${verdict.problems.map((problem) => html`<li class="no">${problem}</li>`)}</ul>`}
<p class="claim">This is a report of software on itself. cardwright is an emulator and a library, not a certified HSM; it has not been
evaluated by a laboratory and not been audited. <a href="#claims">What is not claimed</a></p>
<nav aria-label="Contents"><ol>${Object.entries(TITLES).map(
    ([id, title]) => html`<li><a href="#${id}">${title}</a></li>`,
  )}</ol></nav></header>
<main>
${subject(evidence)}
${suites(evidence)}
${vectors(evidence)}
${clauses(evidence)}
${attacks(evidence)}
${section('stores', told(evidence, 'fault'))}
${section('inputs', told(evidence, 'input'))}
${fuzz(evidence)}
${section('hashes', told(evidence, 'hash'))}
${section('traces', told(evidence, 'trace'))}
${section('browser', told(evidence, 'browser'))}
${coverage(evidence)}
${mutation(evidence)}
${section('supply', supplySection(evidence, value, yes))}
${section('files', html`${fileSections(evidence.vectors)}` as Markup)}
${section('claims', html`<ul>${claims.map((claim) => html`<li>${claim}</li>`)}</ul>` as Markup)}
</main>`;
  return page('cardwright: evidence', body as Markup);
}
