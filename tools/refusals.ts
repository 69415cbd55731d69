/** Writes test/behaviour/refusals.json: what every public function says when it refuses. `npm run refusals`. */
import { writeFileSync } from 'node:fs';
import { FUNCTIONS, type Refusals, refusalsOf } from '../test/behaviour/refusals.ts';
import { makeFixture } from '../test/support/public-calls.ts';

const f = makeFixture();
const found: { [name: string]: Refusals[string] } = {};
for (const name of FUNCTIONS) found[name] = await refusalsOf(name, f);
writeFileSync(
  new URL('../test/behaviour/refusals.json', import.meta.url),
  `${JSON.stringify(found, undefined, 2)}\n`,
);
