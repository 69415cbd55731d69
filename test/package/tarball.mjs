/**
 * The package as its users get it: packed, unpacked into an empty project, used both ways.
 *
 * Plain JavaScript, run after the tests (`posttest`), on the build that they made. One line per check;
 * any failure makes the exit code 1. Nothing here touches the network.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const subpaths = Object.keys(manifest.exports).filter((name) => !name.includes('.json'));
const specifierOf = (subpath) => manifest.name + subpath.slice(1);

/** The subpaths that a browser can have. */
const browserSubpaths = subpaths.filter((name) => name !== './node');

/**
 * Bytes of each subpath as a browser bundle, minified, with the two dependencies inside: some 20 %
 * above what it was when the line was last set. Raise a line on purpose, not to make a test pass.
 * Faces that have batches carry the kernel, 29 KB of base64; single calls alone are checked below.
 */
const BUDGET = {
  '.': { minified: 215_000, gzip: 79_000 },
  './pan': { minified: 105_000, gzip: 40_500 },
  './token': { minified: 104_000, gzip: 40_000 },
  './ff1': { minified: 97_000, gzip: 37_000 },
  './pin': { minified: 124_000, gzip: 47_000 },
  './pinblock': { minified: 120_000, gzip: 45_500 },
  './tries': { minified: 3_500, gzip: 1_500 },
  './cvv': { minified: 115_000, gzip: 43_000 },
  './dcvv2': { minified: 65_000, gzip: 24_200 },
  './envelope': { minified: 122_500, gzip: 46_500 },
  './keys': { minified: 59_000, gzip: 22_000 },
  './keys/clear': { minified: 53_000, gzip: 20_000 },
  './hsm': { minified: 215_000, gzip: 80_000 },
  './store': { minified: 21_000, gzip: 8_000 },
  './store/contract': { minified: 18_000, gzip: 6_000 },
  './issuer': { minified: 63_000, gzip: 21_500 },
  './batch': { minified: 127_000, gzip: 48_500 },
};

/** What may be in the tarball. */
const ALLOWED = [
  /^package\.json$/,
  /^(README|CHANGELOG|SECURITY|THREAT-MODEL)\.md$/,
  /^LICENSE$/,
  /^dist\/cli\/LICENSES\.txt$/,
  /^dist\/(?:[a-zA-Z0-9_-]+\/)*[a-zA-Z0-9_-]+\.(?:js|d\.ts)$/,
  /^vectors\/(?:self\/)?[a-z0-9-]+\.json$/,
  /^vectors\/(README|SOURCES)\.md$/,
  /^examples\/[a-z]+\.ts$/,
];

/** What must be in it. */
const REQUIRED = [
  'package.json',
  'README.md',
  'CHANGELOG.md',
  'SECURITY.md',
  'THREAT-MODEL.md',
  'LICENSE',
  'vectors/README.md',
  'vectors/SOURCES.md',
  'examples/fastify.ts',
  'examples/hono.ts',
  ...Object.values(manifest.bin),
  ...subpaths.flatMap((name) => Object.values(manifest.exports[name]).map((path) => path.slice(2))),
];

/** What a user of the types may not write: each line must be an error, the rest of the file none. */
const CONSUMER = `
import { generateCvv, parseExpiry, parsePan, parsePin, parseServiceCode, PaymentCryptoError, type Cvv } from 'cardwright';
import { Key, type Key as KeyType } from 'cardwright/keys';
import { ClearPin } from 'cardwright/pin';
import { Capability } from 'cardwright/keys';
import { importClearKeyHex } from 'cardwright/keys/clear';
${subpaths.map((name, i) => `import * as face${i} from '${specifierOf(name)}';`).join('\n')}
export const faces: readonly object[] = [${subpaths.map((_, i) => `face${i}`).join(', ')}];

const cvk: KeyType<'C0'> = importClearKeyHex({ usage: 'C0', algorithm: 'T', mode: 'C', exportability: 'N' }, '00');
const pek: KeyType<'P0'> = importClearKeyHex({ usage: 'P0', algorithm: 'T', mode: 'B', exportability: 'N' }, '00');
const card = { pan: parsePan('1'), expiry: parseExpiry('1'), serviceCode: parseServiceCode('1') };
export const cvv: Cvv = generateCvv(cvk, card);
// @ts-expect-error another usage
generateCvv(pek, card);
// @ts-expect-error text for a PAN
generateCvv(cvk, { ...card, pan: '4000000000285066' });
// @ts-expect-error a class that is a type only
new Key({ usage: 'C0', algorithm: 'T', mode: 'C', exportability: 'N' }, new Uint8Array(16));
// @ts-expect-error a class that is a type only
new ClearPin(new Uint8Array(4));
// @ts-expect-error a class that is a type only
export const isCapability = (x: unknown): boolean => x instanceof Capability;
export const isError = (x: unknown): boolean => x instanceof PaymentCryptoError;
parsePin('1').destroy();
`;

let failures = 0;
let checks = 0;

/** Runs a check and prints its line; a check fails by throwing. */
async function check(name, run) {
  const started = performance.now();
  checks += 1;
  try {
    const remark = await run();
    const ms = Math.round(performance.now() - started);
    console.log(`ok    ${name}${remark ? `: ${remark}` : ''} (${ms} ms)`);
  } catch (error) {
    failures += 1;
    console.log(`FAIL  ${name}: ${error.message}`);
  }
}

function demand(condition, message) {
  if (!condition) throw new Error(message);
}

/** Runs a program to its end; its output, or an error with the end of what it said. */
function run(command, args, options = {}) {
  const { status = 0, ...spawn } = options;
  const result = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 26, ...spawn });
  if (result.error) throw result.error;
  if (result.status !== status) {
    const said = `${result.stdout}\n${result.stderr}`.trim();
    throw new Error(`${command} ${args[0] ?? ''} ended with ${result.status}\n${said.slice(-3000)}`);
  }
  return result.stdout;
}

const node = (args, options) => run(process.execPath, args, options);
const tool = (name) =>
  join(root, 'node_modules', '.bin', process.platform === 'win32' ? `${name}.cmd` : name);
const npm = (args, options) =>
  process.env.npm_execpath?.endsWith('.js')
    ? node([process.env.npm_execpath, ...args], options)
    : run('npm', args, { shell: process.platform === 'win32', ...options });

const work = mkdtempSync(join(tmpdir(), 'cardwright-package-'));
const project = join(work, 'project');
const installed = join(project, 'node_modules', manifest.name);
let tarball = '';

function filesBelow(folder, prefix = '') {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory()
      ? filesBelow(join(folder, entry.name), `${prefix}${entry.name}/`)
      : [`${prefix}${entry.name}`],
  );
}

/** A browser bundle of some source text; the project resolves what it imports. */
async function bundle(source, options = {}) {
  const { outputFiles, metafile, warnings } = await build({
    stdin: { contents: source, resolveDir: project, loader: 'js' },
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    logLevel: 'silent',
    ...options,
  });
  demand(warnings.length === 0, `the bundler warns: ${warnings[0]?.text}`);
  return { code: outputFiles[0].contents, text: outputFiles[0].text, metafile };
}

/** A CVV under the usual test key, and what else a user does first; the same text for import and require. */
const USE = `
  const attributes = { usage: 'C0', algorithm: 'T', mode: 'C', exportability: 'N' };
  const cvk = clear.importClearKeyHex(attributes, '0123456789ABCDEFFEDCBA9876543210', { expectedKcv: '08D7B4' });
  const card = { pan: pan.parsePan('4000000000285066'), expiry: pan.parseExpiry('2812'), serviceCode: pan.parseServiceCode('201') };
  const value = cvv.generateCvv(cvk, card);
  if (value !== '352') throw new Error('CVV ' + value);
`;

try {
  await check('npm pack', () => {
    const [packed] = JSON.parse(
      npm(['pack', '--ignore-scripts', '--json', '--pack-destination', work], { cwd: root }),
    );
    tarball = join(work, packed.filename);
    mkdirSync(installed, { recursive: true });
    run('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']);
    // As npm would have installed it, without asking anyone for the two dependencies.
    mkdirSync(join(project, 'node_modules', '@noble'));
    for (const name of Object.keys(manifest.dependencies))
      symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name), 'junction');
    mkdirSync(join(project, 'node_modules', '.bin'));
    for (const [name, path] of Object.entries(manifest.bin))
      symlinkSync(join(installed, path), join(project, 'node_modules', '.bin', name));
    writeFileSync(join(project, 'package.json'), '{ "private": true }\n');
    return `${packed.filename}, ${Math.round(packed.size / 1024)} KiB packed`;
  });

  await check('the tarball holds what it should and nothing else', () => {
    const files = filesBelow(installed);
    const foreign = files.filter((file) => !ALLOWED.some((pattern) => pattern.test(file)));
    demand(foreign.length === 0, `not on the list: ${foreign.join(', ')}`);
    const missing = REQUIRED.filter((file) => !files.includes(file));
    demand(missing.length === 0, `missing: ${missing.join(', ')}`);
    return `${files.length} files`;
  });

  await check('no key files, no path of this machine, no install scripts', () => {
    for (const file of filesBelow(installed)) {
      demand(!/keys?\.(?:json|pem|txt)$|\.(?:pem|key|env)$/i.test(file), `${file} looks like a key file`);
      const text = readFileSync(join(installed, file), 'utf8');
      demand(!text.includes(root.replace(/[\\/]$/, '')), `${file} names a path of this machine`);
      if (file.endsWith('.json'))
        demand(!String(JSON.parse(text).format).startsWith('cardwright-test-keys'), `${file} is a key file`);
    }
    const { scripts = {} } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
    for (const hook of ['preinstall', 'install', 'postinstall', 'prepare'])
      demand(scripts[hook] === undefined, `package.json has ${hook}`);
  });

  await check('every subpath by import', () => {
    const list = JSON.stringify(subpaths.map(specifierOf));
    writeFileSync(
      join(project, 'import.mjs'),
      `const names = ${list};
       const all = await Promise.all(names.map((name) => import(name)));
       all.forEach((face, i) => { if (Object.keys(face).length === 0) throw new Error(names[i] + ' is empty'); });
       const [clear, pan, cvv] = await Promise.all(['keys/clear', 'pan', 'cvv'].map((name) => import('cardwright/' + name)));
       ${USE}
       const own = await import('cardwright/package.json', { with: { type: 'json' } });
       const vectors = await import('cardwright/vectors/cvv.json', { with: { type: 'json' } });
       if (vectors.default.cases.length === 0) throw new Error('no vectors');
       console.log(all.length, value, own.default.version);`,
    );
    const said = node(['import.mjs'], { cwd: project }).trim();
    demand(said === `${subpaths.length} 352 ${manifest.version}`, said);
    return `${subpaths.length} faces, CVV 352`;
  });

  await check('every subpath by require', () => {
    const list = JSON.stringify(subpaths.map(specifierOf));
    writeFileSync(
      join(project, 'require.cjs'),
      `const names = ${list};
       const all = names.map((name) => require(name));
       all.forEach((face, i) => { if (Object.keys(face).length === 0) throw new Error(names[i] + ' is empty'); });
       const [clear, pan, cvv] = ['keys/clear', 'pan', 'cvv'].map((name) => require('cardwright/' + name));
       ${USE}
       if (require('cardwright/vectors/cvv.json').cases.length === 0) throw new Error('no vectors');
       console.log(all.length, value, require('cardwright/package.json').version);`,
    );
    const said = node(['require.cjs'], { cwd: project }).trim();
    demand(said === `${subpaths.length} 352 ${manifest.version}`, said);
    return `${subpaths.length} faces, CVV 352`;
  });

  await check('import and require see one class Key', () => {
    writeFileSync(
      join(project, 'both.mjs'),
      `import { createRequire } from 'node:module';
       import * as clear from 'cardwright/keys/clear';
       import * as cvv from 'cardwright/cvv';
       import * as keys from 'cardwright/keys';
       const require = createRequire(import.meta.url);
       const pan = require('cardwright/pan');
       ${USE}
       const other = require('cardwright/keys/clear').importClearKeyHex(attributes, '0123456789ABCDEFFEDCBA9876543210');
       if (other.constructor !== cvk.constructor) throw new Error('two classes Key');
       if (keys.requireUsage(other, 'C0') !== other) throw new Error('a key of require is refused by import');
       if (require('cardwright/cvv').generateCvv(cvk, card) !== '352') throw new Error('a key of import is refused by require');
       if (require('cardwright').generateCvv !== cvv.generateCvv) throw new Error('two copies');
       console.log('one');`,
    );
    demand(node(['both.mjs'], { cwd: project }).trim() === 'one', 'no answer');
  });

  await check('nothing but the faces can be imported', () => {
    for (const path of ['dist/index.js', 'dist/keys/clear.js', 'keys/key', 'src/index.ts', 'bytes', 'des']) {
      const source = `import('cardwright/${path}').then(() => process.exit(3), (e) => process.exit(e.code === 'ERR_PACKAGE_PATH_NOT_EXPORTED' ? 0 : 4));`;
      node(['--input-type=module', '--eval', source], { cwd: project });
    }
  });

  await check('the program: --version, vectors, a batch issued and verified', () => {
    const bin = join(project, 'node_modules', '.bin', 'cardwright');
    const cli = (args, options) =>
      process.platform === 'win32'
        ? node([join(installed, manifest.bin.cardwright), ...args], { cwd: project, ...options })
        : run(bin, args, { cwd: project, ...options });
    demand(cli(['--version']).trim() === manifest.version, 'another version');
    const result = JSON.parse(cli(['vectors', '--json']));
    demand(
      Object.keys(result).join() === 'families,passed,failed,unsupported' && result.failed === 0,
      'vectors --json has another shape, or failures',
    );
    const onDisk = filesBelow(join(installed, 'vectors')).filter((file) => file.endsWith('.json')).length;
    demand(result.families.length === onDisk, `${result.families.length} families of ${onDisk} files`);
    cli(['issue', '--iin', '400000', '--expiry', '2912', '--count', '100', '--out', 'cards.csv']);
    const verified = JSON.parse(cli(['verify', 'cards.csv', '--json']));
    demand(verified.verified === 100 && verified.failed === 0, 'the batch does not verify');
    cli(['issue', '--iin', '4'], { status: 2 });
    return `${result.passed} vectors passed, ${result.unsupported} unsupported; 100 cards`;
  });

  await check('declarations for a user: strict, without skipLibCheck, node16 and bundler', () => {
    writeFileSync(join(project, 'consumer.mts'), CONSUMER);
    for (const [module, moduleResolution] of [
      ['node16', 'node16'],
      ['esnext', 'bundler'],
    ]) {
      const config = `tsconfig.${moduleResolution}.json`;
      const compilerOptions = {
        strict: true,
        skipLibCheck: false,
        noEmit: true,
        target: 'es2022',
        lib: ['es2022'],
        types: [],
        module,
        moduleResolution,
      };
      writeFileSync(join(project, config), JSON.stringify({ compilerOptions, files: ['consumer.mts'] }));
      node([join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', config], { cwd: project });
    }
  });

  await check('publint, strict', () => {
    const said = run(tool('publint'), ['run', tarball, '--strict'], { shell: process.platform === 'win32' });
    demand(/All good!/.test(said), said);
  });

  await check('attw', () => {
    // Nothing older than node16 resolution is served (`exports` only). The package is ESM only on
    // purpose: that `require` finds an ES module is no defect on Node 20.19 and later, which load it.
    const flags = [
      '--profile',
      'node16',
      '--ignore-rules',
      'cjs-resolves-to-esm',
      '--format',
      'ascii',
      '--no-color',
    ];
    run(tool('attw'), [tarball, ...flags], { shell: process.platform === 'win32' });
  });

  const sizes = [];
  await check('every subpath bundles for a browser, without anything of Node', async () => {
    for (const subpath of browserSubpaths) {
      const { code, text, metafile } = await bundle(`export * from '${specifierOf(subpath)}';`);
      const foreign = Object.keys(metafile.inputs).filter(
        (path) =>
          path !== '<stdin>' && !/node_modules\/(?:cardwright|@noble\/(?:ciphers|hashes))\//.test(path),
      );
      demand(foreign.length === 0, `${subpath} draws in ${foreign.join(', ')}`);
      const output = Object.values(metafile.outputs)[0];
      demand(
        output.imports.length === 0,
        `${subpath} imports ${output.imports.map(({ path }) => path).join(', ')}`,
      );
      demand(!/["'`]node:|\bprocess\.|\bBuffer\b/.test(text), `${subpath} names something of Node`);
      sizes.push({ subpath, minified: code.length, gzip: gzipSync(code, { level: 9 }).length });
    }
  });

  await check('the bundle needs nothing but crypto.getRandomValues, batches included', async () => {
    const { text } = await bundle(
      `import * as all from 'cardwright';
       import * as clear from 'cardwright/keys/clear';
       export function use() {
         const pan = all, cvv = all;
         ${USE}
         const pin = all.randomPin(all.definePinPolicy(), 4);
         const d0 = { usage: 'D0', algorithm: 'A', mode: 'B', exportability: 'N' };
         const range = all.definePanRange({ iin: '400000', length: 16 });
         const token = all.tokenizePan(all.randomKey(d0, 32), all.panFromSequence(all.randomKey(d0, 16), range, 7), all.defineTokenProfile({ kind: 'alphanumeric' }), 'x');
         const kek = all.randomKey({ usage: 'K1', algorithm: 'A', mode: 'B', exportability: 'N' }, 32);
         const sealed = all.sealEnvelope(kek, Uint8Array.of(1, 2, 3), new Uint8Array(0), { algorithm: 'AES-256-GCM' });
         const opened = all.openEnvelope(kek, sealed, new Uint8Array(0));
         const many = all.generateCvvMany(cvk, Array.from({ length: 40 }, () => card));
         if (many.some((one) => one !== value)) throw new Error('a batch without WebAssembly');
         return [value, String(pin), token.length, opened.length, all.randomPan(range).length].join();
       }`,
      { format: 'iife', globalName: 'cardwright' },
    );
    // The language alone, without what is ambient in it, and one function.
    let drawn = 0;
    const context = vm.createContext(Object.create(null), {
      codeGeneration: { strings: false, wasm: false },
    });
    vm.runInContext(
      'delete globalThis.Date; delete globalThis.console; delete globalThis.WebAssembly; delete Math.random; delete globalThis.SharedArrayBuffer; delete globalThis.Atomics;',
      context,
    );
    context.crypto = {
      getRandomValues(out) {
        drawn += out.length;
        return crypto.getRandomValues(out);
      },
    };
    vm.runInContext(`${text};globalThis.result = cardwright.use();`, context);
    demand(context.result === '352,ClearPin(4),19,3,16', String(context.result));
    demand(drawn > 0, 'no random byte was drawn from the platform');
    return `${drawn} random bytes drawn`;
  });

  await check('whoever imports one function ships little else', async () => {
    const { text, code } = await bundle(`export { generateCvv } from 'cardwright/cvv';`);
    // The kernel's binary begins so in base64.
    demand(!text.includes('AGFzbQ'), 'a CVV user ships the kernel');
    const whole = sizes.find(({ subpath }) => subpath === '.')?.minified ?? 0;
    demand(code.length < whole / 2, `generateCvv alone takes ${code.length} of ${whole} bytes`);
    demand(!/pan-token|dcvv2\/totp/.test(text), 'a CVV user ships tokens or dynamic codes');
    const luhn = await bundle(`export { isLuhnValid } from 'cardwright';`);
    demand(luhn.code.length < 1000, `isLuhnValid from the root takes ${luhn.code.length} bytes`);
    return `generateCvv ${code.length} bytes, isLuhnValid ${luhn.code.length}`;
  });

  await check('the sizes are within the budget', () => {
    const listed = Object.keys(BUDGET).sort().join();
    console.log(
      `      ${'subpath'.padEnd(14)}${'minified'.padStart(10)}${'gzip'.padStart(10)}${'budget'.padStart(20)}`,
    );
    const over = [];
    for (const { subpath, minified, gzip } of sizes) {
      const budget = BUDGET[subpath] ?? { minified: 0, gzip: 0 };
      console.log(
        `      ${subpath.padEnd(14)}${String(minified).padStart(10)}${String(gzip).padStart(10)}${`${budget.minified} / ${budget.gzip}`.padStart(20)}`,
      );
      if (minified > budget.minified || gzip > budget.gzip) over.push(subpath);
    }
    demand(listed === [...browserSubpaths].sort().join(), `the budget names ${listed}`);
    demand(over.length === 0, `over budget: ${over.join(', ')}`);
  });

  await check('the tarball itself is not too big', () => {
    const bytes = statSync(tarball).size;
    demand(bytes < 700_000, `${bytes} bytes`);
    return `${bytes} bytes`;
  });
} finally {
  if (existsSync(work)) rmSync(work, { recursive: true, force: true });
}

console.log(failures === 0 ? `${checks} passed, 0 failed` : `${failures} of ${checks} checks FAILED`);
process.exitCode = failures === 0 ? 0 : 1;
