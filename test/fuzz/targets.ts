/** Every target. */
import { cardFile } from './card-file.ts';
import { commandLine } from './command-line.ts';
import { envelopes } from './envelope.ts';
import { keyBlock } from './key-block.ts';
import { keyFile } from './key-file.ts';
import { lineFile } from './line-file.ts';
import { pinBlock } from './pin-block.ts';
import { record } from './record.ts';
import type { Target } from './target.ts';
import { vectorFile } from './vector-file.ts';

export const TARGETS: readonly Target[] = [
  keyBlock,
  pinBlock,
  envelopes,
  vectorFile,
  commandLine,
  cardFile,
  keyFile,
  lineFile,
  record,
];

/** The target of a name. */
export function targetNamed(name: string): Target {
  const found = TARGETS.find((target) => target.name === name);
  if (found === undefined) throw new Error(`no target ${name}: ${TARGETS.map((one) => one.name).join(', ')}`);
  return found;
}
