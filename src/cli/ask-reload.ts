// Asks a running server to reload, and says so when it is at it already.

import { minuteOf } from '../minute.ts'
import { askControl, type ControlReply } from '../server/control.ts'
import type { ReloadInProgress } from '../server/reload.ts'
import type { ServerStatus } from '../server/status.ts'
import { timeSpan } from './units.ts'

/**
 * Asks the server that listens on a control socket to reload, after what is going on there.
 *
 * @param say told in one line what is waited for, when something is
 * @returns null when no server listens there
 * @throws {AsnzoneError} `ASNZONE_CONTROL` as `askControl` does.
 */
export async function askReload(
  path: string,
  force: boolean,
  say: (line: string) => void,
): Promise<ControlReply | null> {
  const status = (await askControl(path, { command: 'status' })) as Partial<ServerStatus> | null
  // A server of an older version tells nothing of it.
  const current = status?.reloading ?? null
  if (current !== null) say(`the server has a reload going on ${sinceText(current)}; this one comes after it`)
  return askControl(path, { command: 'reload', force })
}

/** `since 2026-11-20 06:00 UTC, for 4 min, by SIGHUP`. */
export function sinceText({ since, trigger }: ReloadInProgress): string {
  const span = timeSpan(Math.max(0, Date.now() - Date.parse(since)) / 1000)
  return `since ${minuteOf(since)}, for ${span}, by ${trigger}`
}
