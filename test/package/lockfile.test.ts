/** The lockfile works on every system and for everybody: all optional binaries named, no addresses. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Entry {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lock = JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8')) as {
  readonly packages: Readonly<Record<string, Entry>>;
};

/** What an entry asks for and the lockfile does not have: looked up as Node does, from inside out. */
function missing(packages: Readonly<Record<string, Entry>>): string[] {
  const out: string[] = [];
  for (const [path, entry] of Object.entries(packages)) {
    for (const name of Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })) {
      let folder = path;
      let found = false;
      for (;;) {
        found = Object.hasOwn(packages, `${folder === '' ? '' : `${folder}/`}node_modules/${name}`);
        if (found || folder === '') break;
        const up = folder.lastIndexOf('/node_modules/');
        folder = up < 0 ? '' : folder.slice(0, up);
      }
      if (!found) out.push(`${path || 'the project'} → ${name}`);
    }
  }
  return out;
}

describe('the lockfile', () => {
  it('names every package that another asks for, binaries of other systems among them', () => {
    expect(missing(lock.packages)).toEqual([]);
    expect(Object.keys(lock.packages).length).toBeGreaterThan(150);
  });

  it('would be found out if a binary were missing', () => {
    const { 'node_modules/@esbuild/darwin-arm64': gone, ...rest } = lock.packages;
    expect(gone).toBeDefined();
    expect(missing(rest)).not.toEqual([]);
  });

  it('has a hash for each package and records no address', () => {
    const packages = Object.entries(lock.packages).filter(([path]) => path !== '');
    expect(packages.filter(([, entry]) => entry.resolved !== undefined).map(([path]) => path)).toEqual([]);
    expect(packages.filter(([, entry]) => entry.integrity === undefined).map(([path]) => path)).toEqual([]);
  });
});
