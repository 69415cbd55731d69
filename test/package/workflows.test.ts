/** The workflows: actions by commit, as few rights as they need, and a release that leaves a provenance. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const FOLDER = fileURLToPath(new URL('../../.github/workflows/', import.meta.url));
const workflows = readdirSync(FOLDER).map((name) => [name, readFileSync(FOLDER + name, 'utf8')] as const);
const release = readFileSync(`${FOLDER}release.yml`, 'utf8');

/** What an action is used by, without the remark after it. */
const usesOf = (text: string): string[] => [...text.matchAll(/uses: (\S+)/g)].map(([, uses = '']) => uses);

describe('workflows', () => {
  it.each(workflows)('%s names every action by its commit, and the version beside it', (_, text) => {
    const uses = usesOf(text);
    expect(uses.length).toBeGreaterThan(0);
    expect(uses.filter((one) => !/@[0-9a-f]{40}$/.test(one))).toEqual([]);
    expect(text.match(/uses: \S+@[0-9a-f]{40}(?! # v\d+\.\d+\.\d+\n)/g)).toBeNull();
  });

  it('use one commit of each action', () => {
    const all = new Set(workflows.flatMap(([, text]) => usesOf(text)));
    const names = [...all].map((uses) => uses.split('@')[0]);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(workflows)('%s may read, and no more unless a job says so', (_, text) => {
    expect(text).toMatch(/^permissions:\n {2}contents: read\n/m);
    expect(text.match(/: write/g)?.length ?? 0).toBe(text === release ? 1 : 0);
  });

  it.each(workflows)('%s has no secret', (_, text) => {
    expect(text).not.toMatch(/secrets\.|_TOKEN|_authToken/);
  });

  it('the release publishes with provenance, from an environment that is approved, what the report was made of', () => {
    expect(release).toMatch(/npm publish \S+ --ignore-scripts --provenance/);
    expect(release).toContain('environment: release');
    expect(release).toContain('id-token: write');
    expect(release).toMatch(/needs: evidence/);
    expect(release).toContain('npm run evidence');
    expect(release).toContain('npm audit signatures');
  });

  it.each(workflows.filter(([, text]) => text.includes('npm run evidence')))(
    '%s makes no report from which a database or a browser is missing',
    (_, text) => {
      expect(text).toContain('CARDWRIGHT_REQUIRE_POSTGRES: "1"');
      expect(text).toContain('CARDWRIGHT_REQUIRE_CHROMIUM: "1"');
    },
  );

  it('run scripts that exist', () => {
    const { scripts } = JSON.parse(
      readFileSync(fileURLToPath(new URL('../../package.json', import.meta.url)), 'utf8'),
    ) as { scripts: Record<string, string> };
    const named = workflows.flatMap(([, text]) =>
      [...text.matchAll(/npm run (?:--silent )?([\w:]+)/g)].map(([, name = '']) => name),
    );
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });
});
