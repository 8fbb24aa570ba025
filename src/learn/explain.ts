// Why an address is judged as it is: each level with its counts, as people read them.

import type { Table } from '../table/table.ts'
import { readSender } from './address.ts'
import { isTold } from './bake.ts'
import type { Excluded } from './excluded.ts'
import { keyText, LEVELS } from './keys.ts'
import { decibelsOf, type Model, scoreOf } from './model.ts'
import { writePlace } from './place.ts'

/** A level, from all mail to the /24 or /48. */
export interface ExplainedLevel {
  readonly level: 'all' | (typeof LEVELS)[number]
  /** `all`, `US`, `AS14061`, `165.245.128.0/17`. */
  readonly name: string
  /** Decayed to now. */
  readonly spam: number
  readonly ham: number
  /** The share of spam to expect, from 0 to 1. */
  readonly share: number
  /** What is known up to this level, in decibels over all mail. */
  readonly decibels: number
}

/** An address and what was learned of it. */
export interface Explanation {
  readonly address: string
  readonly levels: readonly ExplainedLevel[]
  readonly decibels: number
  /** The answer of the zone; null when nothing is told. */
  readonly score: number | null
  /** Why nothing is told. */
  readonly untold: 'excluded' | 'little' | null
}

/**
 * Explains an address.
 *
 * @returns null when it is none, or the table doesn't know it
 */
export function explain(
  text: string,
  model: Model,
  table: Table,
  now: number,
  excluded: Excluded,
): Explanation | null {
  const sender = readSender(text)
  const keys = new Uint32Array(8)
  if (sender === null || !writePlace(table, sender.words, keys)) return null
  const judgement = model.judge(keys, now)
  const { all, levels: said, decibels } = judgement
  const levels = LEVELS.flatMap((level, at): ExplainedLevel[] => {
    if (keys[at * 2] === 0) return []
    const { spam, ham, share } = said[at]
    const name = keyText(keys[at * 2], keys[at * 2 + 1])
    return [{ level, name, spam, ham, share, decibels: decibelsOf(share, all.share) }]
  })
  const untold = excluded.has(table, sender.words) ? 'excluded' : isTold(judgement) ? null : 'little'
  return {
    address: sender.text,
    levels: [{ level: 'all', name: 'all', ...all, decibels: 0 }, ...levels],
    decibels,
    score: untold === null ? scoreOf(decibels) : null,
    untold,
  }
}
