// Lines of the log on their way to the main thread, which writes it: a few milliseconds' worth at a time.

import { counted } from '../counted.ts'
import type { Verdict } from './surface.ts'
import type { PolicyLogLine } from './task.ts'

/** Lines that may wait; more than that in a moment are counted and told of. */
const MAX_WAITING = 1000

/** Collects lines. */
export class LogLines {
  readonly #send: (lines: readonly PolicyLogLine[]) => Promise<void>
  #waiting: PolicyLogLine[] = []
  #lost = 0
  #isSending = false

  /** @param send takes lines; the next ones wait until it has */
  constructor(send: (lines: readonly PolicyLogLine[]) => Promise<void>) {
    this.#send = send
  }

  add(level: PolicyLogLine['level'], message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    if (this.#waiting.length >= MAX_WAITING) {
      this.#lost++
      return
    }
    this.#waiting.push({ level, message, fields })
    if (!this.#isSending) void this.#flush()
  }

  async #flush(): Promise<void> {
    this.#isSending = true
    // What comes in the same moment goes along.
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#waiting.length > 0) {
      const lines = this.#waiting
      this.#waiting = []
      if (this.#lost > 0) {
        const message = `${counted(this.#lost, 'line')} of the policy service could not be logged: they came too fast`
        lines.push({ level: 'warn', message, fields: {} })
        this.#lost = 0
      }
      // Where it can't be told, there is nobody to tell.
      await this.#send(lines).catch(() => {})
    }
    this.#isSending = false
  }
}

/** What came with a request, besides what it is about. */
export interface Context {
  readonly source: string
  /** The queue ID and the instance of Postfix; '' for none. */
  readonly queue: string
  readonly instance: string
}

/** The fields of the line that tells of a decision. */
export function verdictFields(
  verdict: Verdict,
  { source, queue, instance }: Context,
): Record<string, unknown> {
  const { id, user, address, country, asn, isHome, counts, limits, rule, block, milliseconds } = verdict
  const ratio = (of: keyof NonNullable<Verdict['counts']>): string | null =>
    counts === null || limits === null ? null : `${counts[of]}/${limits[of] ?? 'off'}`
  return {
    id,
    source,
    user,
    address,
    country,
    asn,
    home: isHome,
    countries: ratio('countries'),
    ips: ratio('ips'),
    asns: ratio('asns'),
    homeCountries: ratio('homeCountries'),
    homeIps: ratio('homeIps'),
    rule: verdict.unjudged ?? rule,
    action: wordOf(verdict.action) ?? 'DUNNO',
    would: verdict.would === null ? null : wordOf(verdict.would),
    block: block === null ? null : untilText(block.until),
    ms: Math.round(milliseconds * 10) / 10,
    queue,
    instance,
  }
}

const wordOf = (action: Verdict['action']): string | null => (action === 'none' ? null : action.toUpperCase())

/** When a block ends, in ISO 8601, UTC; `permanent` when it doesn't. */
export function untilText(until: number): string {
  if (until < 0) return 'permanent'
  return new Date(until).toISOString().replace(/\.\d+Z$/, 'Z')
}
