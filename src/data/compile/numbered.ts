// Numbers for texts, so that tables of numbers can stand for them.

import { tooMany } from './limits.ts'

/** Texts with numbers from 1 on, each text once. */
export class Numbered {
  readonly #numbers = new Map<string, number>()
  readonly #texts: string[] = ['']
  #allowed = Number.POSITIVE_INFINITY
  #max = Number.POSITIVE_INFINITY

  /** Lets so many texts come from now on. */
  allow(max: number): void {
    this.#allowed = this.#texts.length + max
    this.#max = max
  }

  /**
   * The number of a text; a new text gets the next one.
   *
   * @throws {RangeError} when too many have come.
   */
  numberOf(text: string): number {
    let number = this.#numbers.get(text)
    if (number === undefined) {
      if (this.#texts.length >= this.#allowed) throw tooMany(this.#max, 'different names', 'max-names')
      number = this.#texts.push(text) - 1
      this.#numbers.set(text, number)
    }
    return number
  }

  /** The text of a number; '' for 0. */
  text(number: number): string {
    return this.#texts[number]
  }

  /** All texts, the one with the number 1 first. */
  texts(): readonly string[] {
    return this.#texts.slice(1)
  }
}
