// What of the decisions goes into the history.

import type { Decision } from '../policy/decision.ts'
import type { JudgedRequest, PolicyEvent } from './store.ts'

/** Refusals are events, those of a block apart from the first: it may be asked a thousand times. */
export function isEvent({ action, would, rule }: Decision): boolean {
  return rule !== 'blocked' && ((would ?? action) === 'reject' || (would ?? action) === 'defer')
}

/** The event that a decision is. */
export function eventOf(
  { user, client, now, source }: JudgedRequest,
  { action, would, rule }: Decision,
): Omit<PolicyEvent, 'id' | 'host'> {
  const { address, country, asn } = client
  const what = would === null ? action : `would ${would}`
  return { time: now, user, address: address.text, country, asn, rule: rule ?? '', action: what, source }
}
