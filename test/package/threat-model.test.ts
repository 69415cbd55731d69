/** THREAT-MODEL.md and the catalogue of attacks are one: every number, and every folder that is named. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ATTACKS } from '../attack/catalogue.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(`${ROOT}THREAT-MODEL.md`, 'utf8');

/** Numbers as they are written, true or not. */
const NUMBER = /\b(?:PIN|KM|CV|TK|EN|CT|ST|JS)-\d+\b/g;

/** One row of a table of threats. */
interface Row {
  readonly threat: string;
  readonly who: string;
  readonly guard: string;
  readonly attacks: readonly string[];
  readonly where: readonly string[];
}

/** The rows of the tables that have the columns of threats. */
function threatsOf(text: string): Row[] {
  const tables = text.split('| threat | who | guard | attacks | where |\n|---|---|---|---|---|\n').slice(1);
  return tables.flatMap((table) =>
    (/^(?:\|.*\|\n?)+/.exec(table)?.[0] ?? '').split('\n').flatMap((line) => {
      if (line === '') return [];
      const [, threat = '', who = '', guard = '', attacks = '', where = ''] = line.split(/ ?\| ?/);
      return [
        {
          threat,
          who,
          guard,
          attacks: attacks.match(NUMBER) ?? [],
          where: [...where.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
        },
      ];
    }),
  );
}

/** What a page has too much or too little of the catalogue. */
function differences(text: string): { readonly unknown: string[]; readonly missing: string[] } {
  const known = new Set(ATTACKS.map(({ id }) => id));
  const inTables = new Set(threatsOf(text).flatMap(({ attacks }) => attacks));
  return {
    unknown: (text.match(NUMBER) ?? []).filter((id) => !known.has(id)),
    missing: [...known].filter((id) => !inTables.has(id)),
  };
}

describe('THREAT-MODEL.md', () => {
  const rows = threatsOf(page);

  it('has a table for each letter of STRIDE', () => {
    const headings = [...page.matchAll(/^### (\w)/gm)].map(([, letter]) => letter);
    expect(headings.join('')).toBe('STRIDE');
    expect(page.split('| threat | who | guard | attacks | where |').length - 1).toBe(6);
    expect(rows.length).toBeGreaterThan(25);
  });

  it('has every number of the catalogue in a row, and no other number', () => {
    expect(differences(page)).toEqual({ unknown: [], missing: [] });
  });

  it('says of each threat who, what stands against it, and where', () => {
    const actors = [...page.matchAll(/^\| (A\d) \|/gm)].map(([, actor]) => actor);
    const folders = [...readdirSync(`${ROOT}src`), 'package.json'];
    for (const { threat, who, guard, attacks, where } of rows) {
      expect(guard.length, threat).toBeGreaterThan(30);
      expect(attacks.length > 0 || /no number/.test(guard), threat).toBe(true);
      for (const actor of who.split(' ')) expect(actors, threat).toContain(actor);
      expect(where.length, threat).toBeGreaterThan(0);
      for (const folder of where) expect(folders, threat).toContain(folder);
    }
  });

  it('names every actor in some threat', () => {
    const named = new Set(rows.flatMap(({ who }) => who.split(' ')));
    for (const [, actor] of page.matchAll(/^\| (A\d) \|/gm)) expect([...named]).toContain(actor);
  });

  it('has a diagram of which each flow is in the table below it', () => {
    const [, diagram = ''] = /^```mermaid\n(.*?)^```$/ms.exec(page) ?? [];
    const drawn = [...diagram.matchAll(/-- "(\d+) /g)].map(([, flow]) => Number(flow));
    const told = [...page.matchAll(/^\| ([\d, ]+) \|/gm)].flatMap(([, flows = '']) =>
      flows.split(', ').map(Number),
    );
    expect(drawn.length).toBeGreaterThan(8);
    expect(told).toEqual(drawn);
  });
});

describe('the test itself', () => {
  it('finds a number too many, one that is gone, and one that is in the text only', () => {
    expect(differences(page.replace('PIN-15', 'PIN-95')).unknown).toEqual(['PIN-95']);
    expect(differences(page.replace('PIN-15 ', '')).missing).toEqual(['PIN-15']);
    expect(differences(`${page.replace('PIN-15 ', '')}\nPIN-15\n`).missing).toEqual(['PIN-15']);
  });
});
