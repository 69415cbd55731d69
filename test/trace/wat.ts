/** The text form of WebAssembly, as binaryen prints it: every operand inside its instruction. */
import binaryen from 'assemblyscript/binaryen';

/** An instruction, or whatever else stands in brackets: its head, and the words and brackets behind it. */
export interface Form {
  readonly head: string;
  readonly words: readonly string[];
  readonly parts: readonly Form[];
}

/** The forms of a binary: types, globals, functions, exports. */
export function formsOfBinary(binary: Uint8Array): readonly Form[] {
  const module = binaryen.readBinary(binary);
  try {
    return formOf(module.emitText()).parts;
  } finally {
    module.dispose();
  }
}

/** The binary of a text, for samples. */
export function binaryOfText(text: string): Uint8Array {
  const module = binaryen.parseText(text);
  try {
    module.setFeatures(binaryen.Features.All);
    if (module.validate() !== 1) throw new Error('no valid module');
    return module.emitBinary();
  } finally {
    module.dispose();
  }
}

/** Brackets and words; comments and space between them. */
const TOKEN = /;;[^\n]*|\(|\)|"(?:[^"\\]|\\.)*"|[^\s()"]+/g;

function formOf(text: string): Form {
  const tokens = (text.match(TOKEN) ?? []).filter((token) => !token.startsWith(';;'));
  let at = 0;
  const read = (): Form => {
    const head = tokens[++at] ?? '';
    const words: string[] = [];
    const parts: Form[] = [];
    for (at++; tokens[at] !== ')'; at++) {
      const token = tokens[at];
      if (token === undefined) throw new Error('a bracket that is not closed');
      if (token === '(') parts.push(read());
      else words.push(token);
    }
    return { head, words, parts };
  };
  return read();
}
