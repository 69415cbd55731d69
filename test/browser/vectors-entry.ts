/** What a page loads: the vector runner over the source, so that each value is computed by the browser's engine. */
import { reportOn } from '../../src/conformance/report.ts';
import { parseVectorFile } from '../../src/conformance/vector-file.ts';
import { loadKernel } from '../../src/kernel/kernel.ts';

/** Whether the kernel is at work, and what came of each file. */
export async function runVectors(files: readonly { readonly name: string; readonly text: string }[]) {
  const kernel = await loadKernel();
  return { kernel, reports: files.map(({ name, text }) => reportOn(name, '', parseVectorFile(text))) };
}
