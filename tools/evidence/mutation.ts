/** The last report on mutants, which is kept in the repository since it takes hours to make. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mutation } from './evidence.ts';
import { ROOT } from './run-step.ts';

/** Where the report is kept. */
export const MUTATION_FILE: string = join(ROOT, 'tools', 'mutation', 'report.json');

/** The report; null where there is none. */
export function readMutation(path: string = MUTATION_FILE): Mutation | null {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Mutation) : null;
}
