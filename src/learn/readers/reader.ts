// What a reader is: it makes a verdict of a line of a log, or of a whole message.

import { isPublic, readSender } from '../address.ts'
import type { Reading } from '../verdict.ts'

/** What readers may need to know. */
export interface ReaderOptions {
  /** Who says so, unless the line names somebody. */
  readonly reporter: string
  /** Seconds since the epoch, for what has no time of its own. */
  readonly now: number
  /** From which score on a message teaches spam, and up to which ham. */
  readonly spam: number
  readonly ham: number
  /** Symbols of ours, which don't count: names, or what they begin with and a `*`. */
  readonly ownSymbols: readonly string[]
  /** What a person says of a whole message; null where nobody has. */
  readonly verdict: 'spam' | 'ham' | null
  /** Networks of our own hosts, as CIDR: what they pass on comes from somebody else. */
  readonly trusted: readonly string[]
}

/** Reads one format. */
export interface Reader {
  /** Whether a verdict is made of each line, or of all that is read. */
  readonly reads: 'lines' | 'whole'
  /**
   * Who has written a line of a log, by how it begins: the program of the format, another one, or null where that can't be
   * told. None for a format that no program has to itself.
   */
  readonly author?: (line: string, now: number) => 'own' | 'others' | null
  /** A verdict, or why there is none; null for a line that has nothing to do with it, such as an empty one. */
  readonly read: (text: string, options: ReaderOptions) => Reading | null
}

/** The address of a verdict in its one form, or why it teaches nothing. */
export function verdictAddress(text: string): string | { readonly ignored: 'address' | 'private' } {
  const address = readSender(text)
  if (address === null) return { ignored: 'address' }
  return isPublic(address.words) ? address.text : { ignored: 'private' }
}
