/** What steps leave in files. A file that is not there holds nothing: that its step failed is told by the step. */
import { existsSync, readFileSync } from 'node:fs';
import type { Agreed } from '../../test/differential/accumulated.ts';
import type { Told } from '../../test/support/figures.ts';
import type { Evidence, FuzzRow } from './evidence.ts';

const textOf = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');

/** The lines that checks of the packed package print. */
export function packageChecksIn(log: string): Evidence['packageChecks'] {
  const lines = textOf(log).split('\n');
  return {
    passed: lines.filter((line) => line.startsWith('ok ')).length,
    failed: lines.filter((line) => line.startsWith('FAIL')).length,
  };
}

/** What tests told, in an order that does not depend on which file ended first. */
export function figuresIn(path: string): readonly Told[] {
  const lines = textOf(path)
    .split('\n')
    .filter((line) => line !== '');
  const key = ({ group, name, figures }: Told): string => `${group} ${name} ${JSON.stringify(figures)}`;
  return lines.map((line) => JSON.parse(line) as Told).sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** The hashes over so many cases on which both sides agreed. */
export function hashesIn(path: string, cases: number): readonly Told[] {
  const text = textOf(path);
  if (text === '') return [];
  return Object.entries((JSON.parse(text) as Agreed).families).flatMap(([name, { other, hashes }]) => {
    const hash = hashes[cases];
    if (hash === undefined) return [];
    const figures = { cases, hash: hash.slice(0, 16), other, 'cases of the other': cases };
    return [{ group: 'hash', name, figures, measured: {} }];
  });
}

/** The targets of the fuzzer. */
export function fuzzIn(path: string): readonly FuzzRow[] {
  const text = textOf(path);
  if (text === '') return [];
  const { targets } = JSON.parse(text) as {
    readonly targets: readonly (Omit<FuzzRow, 'findings'> & { readonly findings: readonly unknown[] })[];
  };
  return targets.map(({ name, cases, accepted, refused, findings }) => ({
    name,
    cases,
    accepted,
    refused,
    findings: findings.length,
  }));
}
