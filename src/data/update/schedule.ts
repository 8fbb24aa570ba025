// When fetched data has to be asked for again.

import { isAhead } from '../sources/date.ts'
import { type DataPlan, fetchedParts } from '../sources/plan.ts'
import { keyOfUrl } from '../sources/source-url.ts'
import type { Manifest } from '../sources/store.ts'
import type { Retries } from './failing.ts'

/** Part of the interval that chance adds, so that a fleet does not ask all at once. */
const JITTER = 0.1

/**
 * The URLs of a plan that have to be asked for at a time, as they are refreshed and were last looked at.
 *
 * @param retries when those are tried again that fail, by the key of their URL
 */
export function dueUrls(
  plan: DataPlan,
  manifest: Manifest,
  now: number,
  retries: Retries,
): ReadonlySet<string> {
  const due = fetchedParts(plan).filter(({ url, source: { refresh } }) => {
    if (refresh === null || retries.retryAt(keyOfUrl(url)) > now) return false
    return lastChecked(manifest, url, now) + refresh <= now
  })
  return new Set(due.map(({ url }) => url))
}

/**
 * Milliseconds until something has to be asked for; null when nothing ever has.
 *
 * @param retries when those are tried again that fail, by the key of their URL
 * @param chance a number from 0 to 1
 */
export function waitOf(
  plan: DataPlan,
  manifest: Manifest,
  now: number,
  retries: Retries,
  chance: number,
): number | null {
  let wait: number | null = null
  for (const { url, source } of fetchedParts(plan)) {
    const { refresh } = source
    if (refresh === null) continue
    const checked = lastChecked(manifest, url, now)
    const retry = retries.retryAt(keyOfUrl(url))
    // What was never fetched is fetched at once, and what fails was put off by chance already.
    const jitter = retry > 0 || checked === Number.NEGATIVE_INFINITY ? 0 : refresh * JITTER * chance
    const next = Math.max(0, checked + refresh - now, retry - now) + jitter
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
