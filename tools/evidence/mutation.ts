/** The last report on mutants, which is kept in the repository since it takes hours to make. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { GUARDS } from '../mutation/groups.ts';
import { type FileRow, readReport } from '../mutation/report.ts';
import type { Mutation, MutationRow } from './evidence.ts';
import { ROOT } from './run-step.ts';

/** Where the report is kept. */
export const MUTATION_FILE: string = join(ROOT, 'tools', 'mutation', 'report.json');

function rowOf(folder: string, files: readonly FileRow[]): MutationRow {
  const sum = (of: 'mutants' | 'killed' | 'survived'): number =>
    files.reduce((total, file) => total + file[of], 0);
  const commits = [...new Set(files.map(({ commit }) => commit.slice(0, 10)))].sort().join(', ');
  return { folder, commits, mutants: sum('mutants'), killed: sum('killed'), survived: sum('survived') };
}

const folderOf = ({ file }: FileRow): string => (file.includes('/') ? (file.split('/')[0] as string) : 'src');

/** The report by folder; null where there is none. */
export function readMutation(path: string = MUTATION_FILE): Mutation | null {
  if (!existsSync(path)) return null;
  const { stryker, files, survivors } = readReport(path);
  return {
    stryker,
    folders: [...new Set(files.map(folderOf))].map((folder) =>
      rowOf(
        folder,
        files.filter((file) => folderOf(file) === folder),
      ),
    ),
    all: rowOf('all', files),
    guards: rowOf(
      'guards',
      files.filter(({ file }) => GUARDS.includes(file)),
    ),
    survivors,
  };
}
