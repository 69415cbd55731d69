/** Alphabets: text over any set of symbols as numerals, and back. */
import { fail, kindOf } from '../error.ts';

/** The symbols of a text cipher in the order of their values; each is one code point. */
export class Alphabet {
  readonly radix: number;
  readonly #symbols: readonly string[];
  readonly #values: ReadonlyMap<string, number>;

  constructor(symbols: string) {
    if (typeof symbols !== 'string') fail('ERR_INPUT', 'alphabet', 'a string', kindOf(symbols));
    if (symbols.length > 2 * 65536) fail('ERR_INPUT', 'alphabet', '2 to 65536 symbols', kindOf(symbols));
    // Half a surrogate pair could join another half in a text and be read as one symbol.
    if (/\p{Surrogate}/u.test(symbols))
      fail('ERR_INPUT', 'alphabet', 'whole characters', 'half a surrogate pair');
    this.#symbols = Array.from(symbols);
    this.radix = this.#symbols.length;
    if (this.radix < 2 || this.radix > 65536)
      fail('ERR_INPUT', 'alphabet', '2 to 65536 symbols', kindOf(symbols));
    this.#values = new Map(this.#symbols.map((symbol, value) => [symbol, value]));
    if (this.#values.size !== this.radix) fail('ERR_INPUT', 'alphabet', 'each symbol once', 'a repeated one');
  }

  /** The numerals of `text`; a symbol from outside is refused. */
  toNumerals(text: string): number[] {
    if (typeof text !== 'string') fail('ERR_INPUT', 'text', 'a string over the alphabet', kindOf(text));
    return Array.from(text, (symbol) => {
      const value = this.#values.get(symbol);
      if (value === undefined) fail('ERR_INPUT', 'text', 'symbols of the alphabet only', 'another symbol');
      return value;
    });
  }

  /** The text of the numerals, each below the radix. */
  toText(numerals: ArrayLike<number>): string {
    let text = '';
    for (let i = 0; i < numerals.length; i++) text += this.#symbols[numerals[i] as number] as string;
    return text;
  }
}
