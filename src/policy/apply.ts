// A state after a decision, for stores that keep states as they are.

import type { Changes } from './decision.ts'
import { type Entry, KINDS, type SubjectState } from './state.ts'

/** The state that changes lead to; the old one is left as it is. */
export function apply(state: SubjectState, { entries, removed, block, place }: Changes): SubjectState {
  const of = KINDS.map((kind) => {
    const next = new Map<string, Entry>(state.entries[kind])
    for (const it of removed) if (it.kind === kind) next.delete(it.value)
    for (const it of entries) if (it.kind === kind) next.set(it.value, it.entry)
    return next
  })
  return {
    entries: [of[0], of[1], of[2]],
    block: block ?? state.block,
    place: place ?? state.place,
  }
}
