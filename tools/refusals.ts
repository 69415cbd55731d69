/**
 * `npm run refusals`: writes test/behaviour/refusals.json, what every public function says when it refuses, and
 * tables.json beside it, what the exported tables say.
 */
import { writeFileSync } from 'node:fs';
import { FUNCTIONS, type Refusals, refusalsOf } from '../test/behaviour/refusals.ts';
import { TABLES } from '../test/behaviour/tables.ts';
import { makeFixture } from '../test/support/public-calls.ts';

const f = makeFixture();
const found: { [name: string]: Refusals[string] } = {};
for (const name of FUNCTIONS) found[name] = await refusalsOf(name, f);

function write(name: string, value: unknown): void {
  const path = new URL(`../test/behaviour/${name}`, import.meta.url);
  writeFileSync(path, `${JSON.stringify(value, undefined, 2)}\n`);
}
write('refusals.json', found);
write('tables.json', TABLES);
