import { defineConfig } from 'vitest/config';

const src = new URL('./src/', import.meta.url).pathname;

export default defineConfig({
  // The examples import the package by its name, as its users do.
  resolve: {
    alias: [
      { find: /^cardwright$/, replacement: `${src}index.ts` },
      { find: /^cardwright\/(.+)$/, replacement: `${src}$1/index.ts` },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/postgres-setup.ts'],
    setupFiles: ['test/support/seed-setup.ts'],
    testTimeout: 60_000,
    // By default one core is left idle.
    maxWorkers: '100%',
    // A diff of two secrets would print both.
    diff: { maxDepth: 3, truncateThreshold: 200 },
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: [
        'src/kernel/assembly/**',
        'src/cli/**',
        'src/node/**',
        'src/conformance/**',
        'src/**/index.ts',
        'src/platform.d.ts',
      ],
      reporter: ['text-summary', 'json-summary', 'html'],
      thresholds: { branches: 98 },
    },
  },
});
