/** What the package is made of, under which licences, and that packing it twice gives the same bytes. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Licensed, SupplyChain } from './evidence.ts';
import { ROOT } from './run-step.ts';
import { sha256 } from './subject.ts';

const json = <T>(...path: readonly string[]): T => JSON.parse(readFileSync(join(ROOT, ...path), 'utf8')) as T;

function npm(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('npm', args, {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`npm ${args[0]} ended with ${status}\n${stderr.slice(-2000)}`);
  return stdout;
}

/** Builds and packs into a folder: the tarball's bytes, and how many files are in it. */
export function pack(folder: string): {
  readonly sha512: string;
  readonly bytes: number;
  readonly files: number;
} {
  mkdirSync(folder, { recursive: true });
  npm('run', '--silent', 'build');
  const [packed] = JSON.parse(npm('pack', '--ignore-scripts', '--json', '--pack-destination', folder)) as [
    { readonly filename: string; readonly files: readonly unknown[] },
  ];
  const tarball = readFileSync(join(folder, packed.filename));
  return {
    sha512: createHash('sha512').update(tarball).digest('hex'),
    bytes: tarball.length,
    files: packed.files.length,
  };
}

/** Without what differs from one listing of the same packages to the next. */
export function comparable(text: string): string {
  const bill = JSON.parse(text) as Record<string, unknown> & {
    metadata?: Record<string, unknown>;
    creationInfo?: Record<string, unknown>;
  };
  delete bill['serialNumber'];
  delete bill['documentNamespace'];
  delete bill.metadata?.['timestamp'];
  delete bill.creationInfo?.['created'];
  return JSON.stringify(bill);
}

/** Writes a bill of materials of what the package runs on. */
function bill(format: 'cyclonedx' | 'spdx', folder: string): string {
  const text = npm('sbom', '--sbom-format', format, '--sbom-type', 'library', '--omit', 'dev');
  writeFileSync(join(folder, `sbom.${format}.json`), text);
  return sha256(comparable(text));
}

interface Lockfile {
  readonly packages: { readonly [path: string]: { readonly dev?: boolean; readonly license?: string } };
}

/** Licence → packages of the lockfile that are for development. */
export function developmentLicences(lockfile: Lockfile): { [licence: string]: number } {
  const counts: { [licence: string]: number } = {};
  for (const { dev, license = 'not said' } of Object.values(lockfile.packages))
    if (dev === true) counts[license] = (counts[license] ?? 0) + 1;
  return Object.fromEntries(Object.entries(counts).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
}

/** The libraries that the notices of the program list. */
export function carriedIn(notices: string): readonly Licensed[] {
  return [...notices.matchAll(/^(\S+) (\d\S*) \((.+)\)$/gm)].map(
    ([, name = '', version = '', licence = '']) => ({
      name,
      version,
      licence,
    }),
  );
}

/** Scripts that npm would run at whoever installs the package, or when it is packed. */
const LIFECYCLE = [
  'preinstall',
  'install',
  'postinstall',
  'prepublish',
  'prepublishOnly',
  'prepare',
  'prepack',
  'postpack',
  'preuninstall',
  'uninstall',
  'postuninstall',
];

/** Looks at all of it; the bills of materials are left in the folder. */
export function supplyChain(folder: string): SupplyChain {
  const manifest = json<{
    readonly dependencies: { readonly [name: string]: string };
    readonly scripts: { readonly [name: string]: string };
    readonly files: readonly string[];
  }>('package.json');
  const first = pack(join(folder, 'packed'));
  const second = pack(join(folder, 'packed-again'));
  return {
    tarball: { ...first, again: second.sha512 },
    dependencies: Object.keys(manifest.dependencies)
      .sort()
      .map((name) => {
        const { version, license } = json<{ version: string; license: string }>(
          'node_modules',
          name,
          'package.json',
        );
        return { name, version, licence: license };
      }),
    carried: carriedIn(readFileSync(join(ROOT, 'dist', 'cli', 'LICENSES.txt'), 'utf8')),
    development: developmentLicences(json<Lockfile>('package-lock.json')),
    sbom: { cyclonedx: bill('cyclonedx', folder), spdx: bill('spdx', folder) },
    lifecycleScripts: Object.keys(manifest.scripts).filter((name) => LIFECYCLE.includes(name)),
    allowedFiles: manifest.files,
  };
}
