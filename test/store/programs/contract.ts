/** The contract under `node --test`, as README.md has it. */
import { test } from 'node:test';
import { storeContract } from '../../../src/store/contract-face.ts';
import { createMemoryStore } from '../../../src/store/memory.ts';

const cases = storeContract({
  open: async () => createMemoryStore(),
  again: async (opened) => opened,
  close: async () => undefined,
});
for (const { name, run } of cases) test(name, run);
