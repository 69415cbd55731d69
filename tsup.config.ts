import { defineConfig } from 'tsup';

/** Public entry points: `cardwright` and one subpath per folder of the domain. */
export const ENTRIES: { readonly [name: string]: string } = {
  index: 'src/index.ts',
  pan: 'src/pan/index.ts',
  token: 'src/token/index.ts',
  ff1: 'src/ff1/index.ts',
  pin: 'src/pin/index.ts',
  pinblock: 'src/pinblock/index.ts',
  tries: 'src/tries/index.ts',
  cvv: 'src/cvv/index.ts',
  dcvv2: 'src/dcvv2/index.ts',
  envelope: 'src/envelope/index.ts',
  keys: 'src/keys/index.ts',
  'keys/clear': 'src/keys/clear-face.ts',
  batch: 'src/batch/index.ts',
  hsm: 'src/hsm/index.ts',
  store: 'src/store/index.ts',
  'store/contract': 'src/store/contract-face.ts',
  issuer: 'src/issuer/index.ts',
};

/** Entry points that need Node, and the program of a pool's threads. */
export const NODE_ENTRIES: { readonly [name: string]: string } = {
  node: 'src/node/index.ts',
  'node/worker': 'src/node/worker.ts',
};

export default defineConfig([
  {
    // One build of all entries with shared chunks: there must be one class Key.
    entry: { ...ENTRIES, ...NODE_ENTRIES },
    external: [/^node:/],
    removeNodeProtocol: false,
    format: 'esm',
    target: 'es2023',
    platform: 'neutral',
    splitting: true,
    treeshake: true,
    tsconfig: 'tsconfig.json',
    outDir: 'dist',
  },
  {
    // The program carries its libraries with it, so that the package depends on none of them.
    entry: { 'cli/main': 'src/cli/main.ts' },
    format: 'esm',
    target: 'node20',
    platform: 'node',
    splitting: false,
    banner: {
      js: "import { createRequire as cardwrightRequire } from 'node:module'; const require = cardwrightRequire(import.meta.url);",
    },
    tsconfig: 'tsconfig.node.json',
    metafile: true,
    outDir: 'dist',
  },
]);
