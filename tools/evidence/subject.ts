/** What is examined: the commit, the lockfile, and the versions of everything that runs it. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { Subject } from './evidence.ts';
import { ROOT } from './run-step.ts';

function output(command: string, ...args: readonly string[]): string {
  const { stdout, status } = spawnSync(command, args, {
    cwd: ROOT,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  return status === 0 ? stdout.trim() : '';
}

/** SHA-256 in hex. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** The commit that is checked out; "unknown" outside of a repository. */
export function commitNow(): string {
  return output('git', 'rev-parse', 'HEAD') || 'unknown';
}

/** What is examined. */
export function subjectNow(): Subject {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const { node, v8, openssl } = process.versions;
  return {
    version,
    commit: commitNow(),
    changed: output('git', 'status', '--porcelain', '--untracked-files=no') !== '',
    lockfile: sha256(readFileSync(join(ROOT, 'package-lock.json'))),
    node,
    v8: v8 ?? '',
    openssl: openssl ?? '',
    npm: output('npm', '--version'),
    platform: `${process.platform} ${process.arch}`,
  };
}

/** The machine, which is no part of what is compared. */
export function machineNow(): string {
  const all = cpus();
  return `${all[0]?.model ?? 'unknown'}, ${all.length} threads`;
}
