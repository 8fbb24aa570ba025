// What rspamd's score of a message teaches, without what asnzone itself has added to it.

/** What decides. */
export interface Thresholds {
  readonly spam: number
  readonly ham: number
  readonly ownSymbols: readonly string[]
}

/** A symbol and what it has added to the score. */
export interface ScoredSymbol {
  readonly name: string
  readonly score: number
}

/** Actions of a message that may be ham: others were decided by something that the score does not tell. */
const MAY_BE_HAM: readonly string[] = ['no action', 'greylist']

/** What comes again, and is learned then. */
const COMES_AGAIN = 'soft reject'

/**
 * Whether a message is spam.
 *
 * @param score without symbols of ours
 * @returns null where it teaches nothing
 */
export function isSpam(action: string, score: number, { spam, ham }: Thresholds): boolean | null {
  if (action === COMES_AGAIN) return null
  if (score >= spam) return true
  return score <= ham && MAY_BE_HAM.includes(action) ? false : null
}

/** What symbols of ours have added. What one has learned from that would be what one knew already. */
export function ownScore(symbols: readonly ScoredSymbol[], own: readonly string[]): number {
  return symbols.reduce((sum, { name, score }) => (isOwn(name, own) ? sum + score : sum), 0)
}

/** Whether a symbol is one of ours. */
export function isOwn(name: string, own: readonly string[]): boolean {
  return own.some((pattern) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
  )
}
