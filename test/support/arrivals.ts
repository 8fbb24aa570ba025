// What arrives at its own time: waits until something is found, and looks again with each arrival.

/** Those that wait for something to arrive. */
export class Arrivals {
  readonly #looks = new Set<() => void>()

  /** Looks again for all that is waited for. */
  look(): void {
    for (const look of [...this.#looks]) look()
  }

  /** What a function finds, as soon as it finds something. */
  until<Found>(find: () => Found | undefined): Promise<Found> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = find()
        if (found === undefined) return
        this.#looks.delete(look)
        resolve(found)
      }
      this.#looks.add(look)
      look()
    })
  }
}
