/** README.md lists the operations as the scenarios have them. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { operationsTable, withOperations } from '../../tools/operations.ts';
import { SCENARIOS } from './scenarios/index.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

it('README.md has the table that the scenarios give: npm run operations', () => {
  expect(readme === withOperations(readme)).toBe(true);
});

it('a table that is out of step is found', () => {
  expect(withOperations(readme.replace('`addCard` |', '`addCards` |'))).toBe(withOperations(readme));
  expect(() => withOperations('no table')).toThrow('operations:begin');
});

it('every operation has a line of its own', () => {
  const lines = operationsTable()
    .split('\n')
    .filter((line) => line.startsWith('| '));
  expect(lines).toHaveLength(SCENARIOS.length + 1);
});
