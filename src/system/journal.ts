// The journal of systemd: whether standard error goes there, and what tells it how grave a line is.

import { fstatSync } from 'node:fs'

const STANDARD_ERROR = 2

/** The priorities of syslog(3) that lines of asnzone have. */
export const PRIORITY = { error: 3, warning: 4, information: 6, debugging: 7 } as const

/**
 * Whether a descriptor is the stream that systemd has connected with the journal: `$JOURNAL_STREAM` has its device and
 * inode, see systemd.exec(5). Who has redirected it since then is not told apart by the variable alone.
 */
export function isJournal(environment: NodeJS.ProcessEnv, descriptor = STANDARD_ERROR): boolean {
  const { JOURNAL_STREAM } = environment
  if (!JOURNAL_STREAM) return false
  try {
    const { dev, ino } = fstatSync(descriptor, { bigint: true })
    return JOURNAL_STREAM === `${dev}:${ino}`
  } catch {
    return false
  }
}

/** The text with its priority before each line, as sd-daemon(3) has it. */
export const withPriority = (text: string, priority: number): string => text.replace(/^/gm, `<${priority}>`)
