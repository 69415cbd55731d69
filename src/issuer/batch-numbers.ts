/**
 * Where the numbers of a batch come from: the counter of the range itself, moved on with each chunk; and once others
 * were faster there, numbers that were reserved beforehand.
 *
 *   counted    one commit: cards, batch, counter       none is lost; a chunk that others overtake is drawn again
 *   reserved   the counter alone, then cards and batch  nobody overtakes; what dies in between is lost, never repeated
 */
import { fail } from '../error.ts';
import { type Desk, MOST_ROUNDS } from './desk.ts';
import { type RangeCounter, rangeCounter, rangeEntry } from './new-card.ts';
import type { Product } from './product.ts';

/** Numbers of a range to draw a chunk from: from `next` on, before `end`. */
export interface Numbers {
  readonly next: number;
  readonly end: number;
  /** What is moved on with the chunk; `undefined` where it was moved on before. */
  readonly counter: RangeCounter | undefined;
}

/** The numbers of one batch. */
export class BatchNumbers {
  readonly #desk: Desk;
  readonly #product: Product;
  #isContended = false;
  #reserved: Numbers | undefined;

  constructor(desk: Desk, product: Product) {
    this.#desk = desk;
    this.#product = product;
  }

  /** Numbers for so many cards, or for fewer. @throws ERR_PAN_SPACE none is left */
  async take(cards: number): Promise<Numbers> {
    if (!this.#isContended) {
      const counter = await rangeCounter(this.#desk, this.#product);
      return { next: counter.next, end: Number.POSITIVE_INFINITY, counter };
    }
    if (this.#reserved === undefined || this.#reserved.next >= this.#reserved.end)
      this.#reserved = await reserve(this.#desk, this.#product, cards);
    return this.#reserved;
  }

  /** Others are faster at the counter: from now on numbers are reserved. */
  contended(): void {
    this.#isContended = true;
  }

  /** Numbers before `next` are used. */
  used(next: number): void {
    if (this.#reserved !== undefined) this.#reserved = { ...this.#reserved, next };
  }

  /** Passes over numbers that are another card's; the counter may be moved on by others meanwhile. */
  async passOver({ counter }: Numbers, next: number): Promise<void> {
    this.used(next);
    if (counter !== undefined) await this.#desk.ledger.commit([rangeEntry(counter, next)]);
  }
}

/** Moves the counter on, and nothing with it: too short for others to be faster again and again. */
async function reserve(desk: Desk, product: Product, cards: number): Promise<Numbers> {
  const { capacity, available } = product.range;
  // Where numbers are left out, as many as so many cards take on average.
  const wanted = Math.ceil((cards * capacity) / available);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const counter = await rangeCounter(desk, product);
    const { next } = counter;
    if (next >= capacity) fail('ERR_PAN_SPACE', 'range', 'a range that is not used up');
    const end = Math.min(next + wanted, capacity);
    if ((await desk.ledger.commit([rangeEntry(counter, end)])) === 'done')
      return { next, end, counter: undefined };
  }
  return fail('ERR_CONFLICT', 'range', 'a range that others leave alone', `${MOST_ROUNDS} rounds`);
}
