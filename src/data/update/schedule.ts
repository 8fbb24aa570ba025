// When fetched data have to be asked for again.

import { isAhead } from '../sources/date.ts'
import { type DataPlan, fetchedParts } from '../sources/plan.ts'
import { keyOfUrl } from '../sources/source-url.ts'
import type { Manifest } from '../sources/store.ts'

/** After a failure the next attempt comes sooner than the next day would. */
const FIRST_RETRY_MS = 600_000

/** Part of the interval that chance adds, so that a fleet does not ask all at once. */
const JITTER = 0.1

/** The URLs of a plan that have to be asked for at a time, as they are refreshed and were last looked at. */
export function dueUrls(plan: DataPlan, manifest: Manifest, now: number): ReadonlySet<string> {
  const due = fetchedParts(plan).filter(({ url, source: { refresh } }) => {
    return refresh !== null && lastChecked(manifest, url, now) + refresh <= now
  })
  return new Set(due.map(({ url }) => url))
}

/**
 * Milliseconds until something has to be asked for; null when nothing ever has.
 *
 * @param failures how many updates have failed since the last that did not
 * @param chance a number from 0 to 1
 */
export function waitOf(
  plan: DataPlan,
  manifest: Manifest,
  now: number,
  failures: number,
  chance: number,
): number | null {
  let wait: number | null = null
  for (const { url, source } of fetchedParts(plan)) {
    const { refresh } = source
    if (refresh === null) continue
    const checked = lastChecked(manifest, url, now)
    const until = Math.max(0, checked + refresh - now)
    const retry = failures === 0 ? 0 : Math.min(refresh, FIRST_RETRY_MS * 2 ** (failures - 1))
    // What was never fetched is fetched at once.
    const jitter = failures === 0 && checked === Number.NEGATIVE_INFINITY ? 0 : refresh * JITTER * chance
    const next = Math.max(until, retry) + jitter
    wait = wait === null ? next : Math.min(wait, next)
  }
  return wait
}

function lastChecked(manifest: Manifest, url: string, now: number): number {
  const file = manifest.get(keyOfUrl(url))
  if (file === undefined) return Number.NEGATIVE_INFINITY
  // By a clock that was ahead then it would not be due for years.
  return isAhead(file.checked, now) ? 0 : Date.parse(file.checked)
}
