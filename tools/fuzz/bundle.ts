/** Fuzzers as plain modules for Node, without loader and hooks: they run in threads, and faster. */
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Bundles a file of test/fuzz to out/fuzz, which is as deep; gives the path of the module. */
export async function bundleFuzzer(
  name: string,
  { plugins = [], banner = '' }: { readonly plugins?: Plugin[]; readonly banner?: string } = {},
): Promise<string> {
  const outfile = `${ROOT}out/fuzz/${name}.mjs`;
  await build({
    absWorkingDir: ROOT,
    entryPoints: [`test/fuzz/${name}.ts`],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
    banner: { js: banner },
    plugins,
  });
  return outfile;
}
