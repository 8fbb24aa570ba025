// Files that are made when the first client asks, are the same for all who ask while somebody reads them, and are kept
// for a moment for those who come next: one of them, that was asked for last.
//
// One is made at a time, and those who ask for others wait: neither memory nor time is had by asking for many.

import { collectGarbage } from '../system/collect-garbage.ts'
import { FileText } from './file-text.ts'

/** Milliseconds for which a file is kept that nobody has asked for again. */
const KEPT_MS = 10_000

/** Octets of texts that aren't kept any more for which a collection is worth its milliseconds. */
const COLLECTED_OCTETS = 4 << 20

/** What the shortest text weighs: no more than 64 wait for a collection. */
const MIN_WEIGHT = COLLECTED_OCTETS / 64

/** Files that may wait to be made. */
const MOST_WAITING = 16

/** A file of one table. */
interface Copy {
  /** The ETag. Nothing here points to the table, which goes when it is replaced. */
  readonly tag: string
  /** The text while it is made and kept; null after that. */
  kept: Promise<FileText> | null
  /** What may still be read of a text that isn't kept any more; null while it is made. */
  read: WeakRef<FileText> | null
  timer: NodeJS.Timeout | undefined
}

/** The files of an application, or of several. */
export class SharedTexts {
  /** By path. */
  readonly #copies = new Map<string, Copy>()
  readonly #collect: () => void
  /** What those weigh that texts of newer data have taken the place of since the last collection. */
  #replaced = 0
  #waiting = 0
  /** Resolves when what is being made now is made, and all that waits. */
  #last: Promise<unknown> = Promise.resolve()

  /** @param collect collects garbage */
  constructor(collect: () => void = collectGarbage) {
    this.#collect = collect
  }

  /**
   * The text of a file: the one that there is, or one that is made; null when too many wait to be made.
   *
   * @param tag tells texts of one path apart
   * @param linesOf what it is made of
   */
  get(path: string, tag: string, linesOf: () => Iterable<string>): Promise<FileText> | null {
    this.#forgetRead()
    let copy = this.#copies.get(path)
    if (copy === undefined || copy.tag !== tag) {
      if (this.#waiting >= MOST_WAITING) return null
      clearTimeout(copy?.timer)
      this.#replaced += weightOf(copy)
      copy = { tag, kept: null, read: null, timer: undefined }
      this.#copies.set(path, copy)
    }
    const read = copy.read?.deref()
    if (read !== undefined) copy.kept ??= Promise.resolve(read)
    copy.kept ??= this.#make(linesOf, copy)
    this.#forgetOthers(copy)
    this.#forgetLater(copy)
    return copy.kept
  }

  async #make(linesOf: () => Iterable<string>, copy: Copy): Promise<FileText> {
    this.#waiting++
    const before = this.#last
    const making = before.then(() => FileText.of(linesOf()))
    this.#last = making.catch(() => {})
    try {
      const text = await making
      copy.read = new WeakRef(text)
      this.#collectUnkept()
      return text
    } catch (error) {
      // The next who asks tries again.
      copy.kept = null
      throw error
    } finally {
      this.#waiting--
    }
  }

  /** Those that read them go on. */
  #forgetOthers(copy: Copy): void {
    for (const other of this.#copies.values()) {
      // What is still being made has no reader yet, and is one for all who wait.
      if (other !== copy && other.read !== null) other.kept = null
    }
  }

  #forgetLater(copy: Copy): void {
    clearTimeout(copy.timer)
    copy.timer = setTimeout(() => {
      copy.kept = null
      this.#collectUnkept()
    }, KEPT_MS).unref()
  }

  /** Texts are outside the heap, which has no reason of its own to let go of them. */
  #collectUnkept(): void {
    const unkept = [...this.#copies.values()].filter(({ kept }) => kept === null)
    if (unkept.reduce((sum, copy) => sum + weightOf(copy), this.#replaced) < COLLECTED_OCTETS) return
    this.#replaced = 0
    setImmediate(this.#collect)
  }

  /** Files that nobody reads any more, so that there are never more than readers. */
  #forgetRead(): void {
    for (const [path, { kept, read, timer }] of this.#copies) {
      if (kept !== null || read?.deref() !== undefined) continue
      clearTimeout(timer)
      this.#copies.delete(path)
    }
  }
}

/** Of a text that is in memory still, or is until the next collection. */
function weightOf(copy: Copy | undefined): number {
  const text = copy?.read?.deref()
  return text === undefined ? 0 : Math.max(text.octets, MIN_WEIGHT)
}
