/** The part of the report about packages: what is inside, what it is packed from, and that packing repeats. */
import { facts, html, type Markup, table } from '../../src/cli/page.ts';
import type { Evidence, Licensed } from './evidence.ts';

type Value = (evidence: Evidence, ...path: readonly (string | number)[]) => Markup;

const packages = (title: string, list: readonly Licensed[]): Markup =>
  html`<h3>${title}</h3>
${table(
  ['package', 'version', 'licence'],
  list.map(({ name, version, licence }) => [name, version, licence]),
)}` as Markup;

/** The body of the section. */
export function supplySection(evidence: Evidence, value: Value, yes: (is: boolean) => Markup): Markup {
  if (evidence.supplyChain === null) return html`<p>It could not be looked at.</p>` as Markup;
  const { tarball, dependencies, carried, development, sbom, lifecycleScripts, allowedFiles } =
    evidence.supplyChain;
  return html`${facts([
    [
      'package',
      html`${value(evidence, 'supplyChain', 'tarball', 'files')} files, ${value(evidence, 'supplyChain', 'tarball', 'bytes')} bytes` as Markup,
    ],
    ['SHA-512', html`<code>${tarball.sha512}</code>` as Markup],
    ['built and packed again: the same', yes(tarball.sha512 === tarball.again)],
    [
      'scripts run when it is installed or packed',
      lifecycleScripts.length === 0 ? 'none' : lifecycleScripts.join(', '),
    ],
    ['what may be in it', allowedFiles.join(', ')],
    [
      'bill of materials, CycloneDX',
      html`sbom.cyclonedx.json, <code>${sbom.cyclonedx}</code> (SHA-256 without serial number and time)` as Markup,
    ],
    ['bill of materials, SPDX', html`sbom.spdx.json, <code>${sbom.spdx}</code>` as Markup],
  ])}
${packages('What it runs on', dependencies)}
${packages('What the program carries inside', carried)}
<h3>Licences of what it is developed with</h3>
${table(
  ['licence', 'packages'],
  Object.keys(development).map((licence) => [licence, development[licence] ?? 0]),
)}` as Markup;
}
