/** Code blocks of clients, in the emulated HSM. */
import type { CodeBlock } from '../brand.ts';
import { bytesToHex } from '../bytes/hex.ts';
import { sealCode } from '../envelope/code-block.ts';
import type { Inside } from './inside.ts';

/** Puts digits in code blocks of a client. */
export async function codeSealer(inside: Inside, under: string): Promise<(digits: string) => CodeBlock> {
  const key = await inside.vault.use(under, 'sealCode', 'under');
  return (digits) => bytesToHex(sealCode(key, digits, 'random-fill', { random: inside.random })) as CodeBlock;
}
