// What is kept for a thread that reads it where it lies, by the numbers of the orders that brought it there.

/** Loans to one thread, which carries out its orders one after the other and reads only what the last one has brought. */
export class Loans<Thing> {
  #lent: { readonly order: number; readonly thing: Thing }[] = []

  /** Keeps something from now on. */
  add(order: number, thing: Thing): void {
    this.#lent.push({ order, thing })
  }

  /** The thread has carried out all orders up to this one: what it read before the newest of them is kept no longer. */
  carriedOut(order: number): void {
    const reading = this.#lent.findLastIndex((loan) => loan.order <= order)
    if (reading > 0) this.#lent = this.#lent.slice(reading)
  }

  /** The thread has ended. */
  end(): void {
    this.#lent = []
  }

  /** What is kept, the oldest first. */
  get kept(): readonly Thing[] {
    return this.#lent.map(({ thing }) => thing)
  }
}
