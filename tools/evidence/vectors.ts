/** Every file of vectors/: run, counted, with its hash, its sources and their grade. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { reportOn } from '../../src/conformance/report.ts';
import { parseVectorFile } from '../../src/conformance/vector-file.ts';
import { familyGrades, readVectors } from '../vectors.ts';
import type { VectorRow } from './evidence.ts';
import { ROOT } from './run-step.ts';
import { sha256 } from './subject.ts';

/** A row for each file. */
export function vectorRows(): readonly VectorRow[] {
  const files = readVectors();
  const grades = familyGrades(files);
  return [...files.keys()]
    .filter((name) => name.endsWith('.json') && !name.endsWith('.schema.json'))
    .sort()
    .map((name) => {
      const bytes = readFileSync(join(ROOT, 'vectors', name));
      const report = reportOn(name, sha256(bytes), parseVectorFile(bytes.toString('utf8')));
      return { ...report, grade: grades.get(name.replace(/\.json$/, '')) ?? '' };
    });
}
