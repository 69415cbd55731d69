/** Branches that the tests went through, by folder of src: read from the summary that vitest writes. */
import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { CoverageRow } from './evidence.ts';
import { ROOT } from './run-step.ts';

interface Branches {
  readonly branches: { readonly total: number; readonly covered: number };
}

/** A row for each folder; files that stand in src itself are "src". None where there is no summary. */
export function coverageRows(summary: string): readonly CoverageRow[] {
  if (!existsSync(summary)) return [];
  const files = JSON.parse(readFileSync(summary, 'utf8')) as { readonly [path: string]: Branches };
  const rows = new Map<string, { branches: number; covered: number }>();
  for (const [path, { branches }] of Object.entries(files)) {
    if (path === 'total') continue;
    const [, second = '', third] = relative(ROOT, path).replaceAll('\\', '/').split('/');
    const folder = third === undefined ? 'src' : second;
    const row = rows.get(folder) ?? { branches: 0, covered: 0 };
    rows.set(folder, { branches: row.branches + branches.total, covered: row.covered + branches.covered });
  }
  return [...rows]
    .map(([folder, { branches, covered }]) => ({ folder, branches, measured: { covered } }))
    .filter(({ branches }) => branches > 0)
    .sort((a, b) => (a.folder < b.folder ? -1 : 1));
}
