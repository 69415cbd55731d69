/**
 * After the program was bundled: the licence texts of the libraries that it carries, beside it.
 * Their names come from the bundler's own list of inputs.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const list = join(root, 'dist', 'metafile-esm.json');
const inputs = Object.keys(JSON.parse(readFileSync(list, 'utf8')).inputs);
rmSync(list);

const packages = new Set();
for (const input of inputs) {
  const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
  if (found !== null) packages.add(found[1]);
}
const texts = [...packages].sort().map((path) => {
  const folder = join(root, path);
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const text =
    file !== undefined && existsSync(join(folder, file))
      ? readFileSync(join(folder, file), 'utf8').trim()
      : '';
  return `${name} ${version} (${license})\n\n${text}\n`;
});
writeFileSync(
  join(root, 'dist', 'cli', 'LICENSES.txt'),
  `The program carries these libraries.\n\n${texts.join('\n----------------------------------------\n\n')}`,
);
